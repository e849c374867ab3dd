package sqlstore

import (
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/model"
)

// columns tells the compiler of filters where the attributes are.
func (o *host) columns(l *layout) sqlfilter.Columns {
	c := sqlfilter.Columns{Keys: "r.keys", Attributes: map[string]sqlfilter.Column{
		"id": {SQL: o.idText}, "meta.resourceType": {SQL: literal(l.model.Name)},
		"externalId":        {SQL: "r.external_key", Form: sqlfilter.Key},
		"meta.created":      {SQL: "r.created", Form: sqlfilter.UnixMicros},
		"meta.lastModified": {SQL: "r.modified", Form: sqlfilter.UnixMicros},
	}}
	if o.Rest != "" { // rows with keys that no client has made, see ready
		for _, path := range []string{"meta.created", "meta.lastModified"} {
			c.Attributes[path] = sqlfilter.Column{SQL: "NULLIF(" + c.Attributes[path].SQL + ", 0)", Form: sqlfilter.UnixMicros}
		}
	}
	c.KeysOmit = []string{"schemas", "meta.version"}
	for _, m := range o.mapped {
		if m.only == nil && m.opaque() {
			c.KeysOmit = append(c.KeysOmit, m.path)
			continue
		}
		c.Attributes[m.path] = sqlfilter.Column{SQL: m.filtered(), Form: m.Form}
		if m.Key != "" {
			key := "t." + m.Key
			if m.key.notNull {
				key = m.present(key)
			}
			c.Attributes[m.path] = sqlfilter.Column{SQL: key, Form: sqlfilter.Key}
		}
	}
	for _, b := range o.brackets {
		c.Attributes[b.name] = sqlfilter.Column{SQL: o.dialect.marked("r.keys", b.mark()), Form: sqlfilter.Boolean}
	}
	return c
}

// filtered is what filters compare. A column that must have a value has an empty
// text for none. What is never missing is compared as it is, by its index.
func (m *mappedColumn) filtered() string {
	if m.SQL == "" && m.attr.Kind == model.String {
		return m.present(m.read)
	}
	return m.read
}

func (m *mappedColumn) present(text string) string {
	if m.attr.Unique || m.attr.Required {
		return text
	}
	return "NULLIF(" + text + ", '')"
}

// lookups finds resources by id, by unique attributes, and by externalId, which is
// in the library's row if it has no column.
func (o *host) lookups(l *layout) []lookup {
	all := []lookup{{path: "id", attr: l.model.Attr(model.IDAttr), condition: "t." + o.ID + " = " + o.key.typed(o.dialect.Dialect, "%s"), convert: o.toKey}}
	external := o.byKey("x.id", o.prefix+"resources x WHERE x.tenant = {tenant} AND x.type = "+literal(l.model.Name)+" AND x.external_key = %s")
	for _, m := range o.mapped {
		if m.attr.ID == model.ExternalID {
			external = ""
		}
		if m.attr.Unique && m.attr.Kind == model.String && m.only == nil && (m.Key != "" || m.Form == 0 || m.Form == sqlfilter.Key) {
			condition := strings.ReplaceAll(m.sameAs(), "%", "%%")
			all = append(all, lookup{path: m.path, attr: m.attr, convert: m.toKey,
				condition: strings.ReplaceAll(condition, "{unique_"+m.path+"}", "%s")})
		}
	}
	if external != "" {
		all = append(all, lookup{path: "externalId", attr: l.model.Attr(model.ExternalID), condition: external})
	}
	return all
}

// toKey makes of a value what sameAs compares with.
func (m *mappedColumn) toKey(value string) (any, bool) {
	key, ok := filter.LiteralKey(m.attr, value)
	return key, ok && storable(key)
}

// toKey makes of an id what the column compares with.
func (o *host) toKey(id string) (any, bool) {
	text, ok := strings.CutPrefix(id, o.IDPrefix)
	if !ok {
		return nil, false
	}
	return o.key.key(text)
}
