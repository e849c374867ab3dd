package sqlstore

import (
	"strings"

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
	c.KeysOmit = []string{"schemas", "meta.version"}
	for _, m := range o.mapped {
		c.Attributes[m.path] = sqlfilter.Column{SQL: m.filtered(), Form: m.Form}
		if m.Key != "" {
			c.Attributes[m.path] = sqlfilter.Column{SQL: "t." + m.Key, Form: sqlfilter.Key}
		}
	}
	return c
}

// filtered is what filters compare. A column that must have a value has an empty
// text for none. What is never missing is compared as it is, by its index.
func (m *mappedColumn) filtered() string {
	if m.SQL == "" && m.attr.Kind == model.String && !m.attr.Unique && !m.attr.Required {
		return "NULLIF(" + m.read + ", '')"
	}
	return m.read
}

// lookups finds resources by id.
func (o *host) lookups(l *layout) []lookup {
	return []lookup{{path: "id", attr: l.model.Attr(model.IDAttr), condition: "t." + o.ID + " = %s", convert: o.toKey}}
}

// toKey makes of an id what the column compares with.
func (o *host) toKey(id string) (any, bool) {
	text, ok := strings.CutPrefix(id, o.IDPrefix)
	if !ok {
		return nil, false
	}
	return o.key.key(text)
}
