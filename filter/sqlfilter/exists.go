package sqlfilter

import "github.com/scimkit/scimkit/internal/model"

// exists tells whether there is a value of attribute id, which is complex and
// single-valued.
func (p *printer) exists(id model.ID) (string, error) {
	var parts []string
	missing := p.inKeys(id)
	if missing {
		parts = append(parts, p.d.jsonExists(p.keys, p.path(model.Root, id)))
	}
	for sub := id + 1; sub < p.t.Attr(id).End; sub++ {
		switch a := p.t.Attr(sub); {
		case a.Multi:
			if p.mapped(sub) {
				sql, err := p.each(sub, func(s scope) (string, error) {
					if s.element != nil {
						return s.element.present(), nil
					}
					return yes, nil
				})
				if err != nil {
					return "", err
				}
				parts = append(parts, sql)
			} else if !missing && !p.complete {
				return "", p.noColumn(id)
			}
			sub = a.End - 1
		case a.Kind == model.Complex:
		case sub == p.t.MetaType:
			return yes, nil
		case p.leaves[sub] != nil:
			parts = append(parts, p.leaves[sub].SQL+" IS NOT NULL")
		case !missing && !p.complete && !p.computed(a):
			return "", p.noColumn(id)
		}
	}
	return p.any(len(parts), func(i int) (string, error) { return parts[i], nil })
}

// computed tells whether a filter never looks at attribute a itself.
func (p *printer) computed(a *model.Attr) bool {
	parent := p.t.Attr(a.Parent)
	return a.ID == p.t.MetaLocation || parent.ResourceRef && parent.Ref == a.ID
}
