package sqlfilter

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// scope is what names refer to: the resource or a part of it, or one element of
// the multi-valued attribute parent.
type scope struct {
	parent  model.ID
	list    *list
	element *element
	json    string // element of the key document: an object, or text
}

// inElement tells whether s is one element of a multi-valued attribute.
func (s scope) inElement() bool { return s.list != nil || s.element != nil || s.json != "" }

// leaf is where one value comes from.
type leaf struct {
	column *Column // a text with COLLATE where it is of the key document
	json   bool
	key    string // constant, if column is nil
	none   bool   // there never is a value
	object string // condition: whether there is an object that is not empty
}

// present tells whether e exists.
func (e *element) present() string {
	var parts []string
	if e.exists != "" {
		parts = append(parts, e.exists)
	}
	for _, id := range slices.Sorted(maps.Keys(e.leaves)) {
		parts = append(parts, e.leaves[id].SQL+" IS NOT NULL")
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// mapped tells whether attribute id, which is multi-valued, has columns.
func (c *Compiler) mapped(id model.ID) bool { return len(c.lists[id])+len(c.elements[id]) > 0 }

// inKeys tells whether the key document has attribute id.
func (c *Compiler) inKeys(id model.ID) bool {
	if c.keys == "" {
		return false
	}
	for _, omitted := range c.omitted {
		if c.t.Is(id, omitted) {
			return false
		}
	}
	return true
}

// path is the way from the resource, or from attribute parent, to attribute id.
func (c *Compiler) path(parent, id model.ID) []string {
	var names []string
	for ; id != parent; id = c.t.Attr(id).Parent {
		names = append(names, c.t.Attr(id).Name)
	}
	slices.Reverse(names)
	return names
}

// each asks whether a condition holds for one of the elements of attribute id,
// which is multi-valued or within a multi-valued one.
func (p *printer) each(id model.ID, test func(scope) (string, error)) (string, error) {
	m := p.multi(id)
	inner := test
	if id != m {
		inner = func(s scope) (string, error) { return p.nested(s, id, test) }
	}
	switch {
	case p.mapped(m):
		lists, elements, more := p.lists[m], p.elements[m], 0
		if p.inKeys(m) {
			more = 1
		}
		return p.any(len(elements)+len(lists)+more, func(i int) (string, error) {
			switch {
			case i < len(elements):
				return inner(scope{parent: m, element: elements[i]})
			case i < len(elements)+len(lists):
				return p.inList(lists[i-len(elements)], m, inner)
			}
			return p.inArray(p.keys, model.Root, m, inner)
		})
	case p.inKeys(m):
		return p.inArray(p.keys, model.Root, m, inner)
	case m == model.Schemas:
		return p.eachSchema(inner)
	case p.complete:
		return no, nil
	}
	return "", p.noColumn(m)
}

// eachSchema is each for the attribute schemas, which follows from what else
// the resource has.
func (p *printer) eachSchema(test func(scope) (string, error)) (string, error) {
	return p.any(1+len(p.t.Extensions), func(i int) (string, error) {
		urn, exists := p.t.SchemaURN, yes
		if i > 0 {
			var err error
			extension := p.t.Extensions[i-1]
			if exists, err = p.exists(extension.ID); err != nil {
				return "", err
			}
			urn = extension.URN
		}
		key, _ := filter.LiteralKey(p.t.Attr(model.Schemas), urn)
		e := &element{consts: map[model.ID]string{model.Schemas: key}, exists: exists}
		return test(scope{parent: model.Schemas, element: e})
	})
}

func (p *printer) noColumn(id model.ID) error {
	return unsupported(p.t.Attr(id).Path, "this service provider does not filter by the attribute")
}

func (p *printer) inList(l *list, m model.ID, test func(scope) (string, error)) (string, error) {
	sql, err := test(scope{parent: m, list: l})
	if err != nil || sql == no {
		return no, err
	}
	if sql != yes {
		sql = " AND " + sql
	} else {
		sql = ""
	}
	return "EXISTS (SELECT 1 FROM " + l.from + " WHERE (" + l.on + ")" + sql + ")", nil
}

// nested is each for a list within the element s.
func (p *printer) nested(s scope, id model.ID, test func(scope) (string, error)) (string, error) {
	switch {
	case s.json != "" && p.d != MySQL:
		return p.inArray(s.json, s.parent, id, test)
	case s.json == "" && p.complete:
		return no, nil
	}
	return "", p.noColumn(id)
}

// inArray is each for attribute id in the key document, below object, which is
// attribute parent.
func (p *printer) inArray(object string, parent, id model.ID, test func(scope) (string, error)) (string, error) {
	p.aliases++
	alias := "scim" + strconv.Itoa(p.aliases)
	a, path := p.t.Attr(id), p.path(parent, id)
	var from, element string
	switch p.d {
	case PostgreSQL:
		function := "jsonb_array_elements_text"
		if a.Kind == model.Complex {
			function = "jsonb_array_elements"
		}
		from = function + "(" + p.d.json(object, path) + ") AS " + alias + "(v)"
		element = alias + ".v"
	case SQLite:
		from = "json_each(" + object + ", " + jsonPath(path, "") + ") AS " + alias
		element = alias + ".value"
	case MySQL:
		from = "JSON_TABLE(" + object + ", " + jsonPath(path, "[*]") + " COLUMNS (" + p.tableColumns(a) + ")) AS " + alias
		element = alias
	}
	sql, err := test(scope{parent: id, json: element})
	if err != nil || sql == no {
		return no, err
	}
	if sql != yes {
		from += " WHERE " + sql
	}
	return "EXISTS (SELECT 1 FROM " + from + ")", nil
}

// tableColumns are the columns of MySQL's JSON_TABLE for the elements of a.
func (p *printer) tableColumns(a *model.Attr) string {
	if a.Kind != model.Complex {
		return "v LONGTEXT PATH '$'"
	}
	var columns []string
	for id := a.ID + 1; id < a.End; id = p.t.Attr(id).End {
		if sub := p.t.Attr(id); !sub.Multi && sub.Kind != model.Complex {
			columns = append(columns, "`"+sub.Name+"` LONGTEXT PATH "+jsonPath([]string{sub.Name}, ""))
		}
	}
	return strings.Join(columns, ", ")
}

// leaf finds attribute id, single-valued as seen from s.
func (p *printer) leaf(s scope, id model.ID) (leaf, error) {
	var column *Column
	switch {
	case s.list != nil:
		return p.elementLeaf(s.list.leaves, s.list.consts, s, id)
	case s.element != nil:
		return p.elementLeaf(s.element.leaves, s.element.consts, s, id)
	case s.json != "":
		return p.jsonLeaf(s, id), nil
	default:
		column = p.leaves[id]
	}
	switch {
	case column != nil:
		return leaf{column: column}, nil
	case p.t.Attr(id).Kind == model.Complex:
		sql, err := p.exists(id)
		return leaf{object: sql}, err
	case p.inKeys(id):
		return p.textLeaf(p.d.jsonText(p.keys, p.path(model.Root, id))), nil
	case id == p.t.MetaType:
		return leaf{key: p.t.Name}, nil // caseExact
	case p.complete:
		return leaf{none: true}, nil
	}
	return leaf{}, p.noColumn(id)
}

func (p *printer) elementLeaf(leaves map[model.ID]*Column, consts map[model.ID]string, s scope, id model.ID) (leaf, error) {
	key, constant := consts[id]
	switch {
	case leaves[id] != nil:
		return leaf{column: leaves[id]}, nil
	case constant:
		return leaf{key: key}, nil
	case id == s.parent:
		return leaf{object: yes}, nil
	case p.complete, p.inKeys(s.parent):
		return leaf{none: true}, nil // what has no column is in other elements
	}
	return leaf{}, p.noColumn(id)
}

func (p *printer) jsonLeaf(s scope, id model.ID) leaf {
	a := p.t.Attr(id)
	switch {
	case id == s.parent && a.Kind == model.Complex:
		return leaf{object: yes}
	case p.d == MySQL && id == s.parent:
		return p.textLeaf(s.json + ".v")
	case p.d == MySQL:
		return p.textLeaf(s.json + ".`" + a.Name + "`")
	case id == s.parent:
		return p.textLeaf(s.json)
	}
	return p.textLeaf(p.d.jsonText(s.json, p.path(s.parent, id)))
}

func (p *printer) textLeaf(sql string) leaf {
	return leaf{column: &Column{SQL: sql, Form: Key}, json: true}
}
