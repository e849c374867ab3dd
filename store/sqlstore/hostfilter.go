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
	if m.SQL != "" {
		return m.read
	}
	switch m.attr.Kind {
	case model.String, model.Reference, model.Binary:
		if m.info.keepsText() {
			return m.present(m.read)
		}
	case model.DateTime:
		if m.info.lite() && !m.info.isInteger() {
			return m.present(m.read)
		}
	case model.Boolean:
		if m.info.lite() && m.Decode == nil {
			return truthIn(m.read)
		}
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
		if m.looksUp() && m.attr.Kind == model.String && m.only == nil && (m.Key != "" || m.Form == 0 || m.Form == sqlfilter.Key) {
			condition := strings.ReplaceAll(m.sameAs(o.dialect, "{1}", "{2}"), "%", "%%")
			all = append(all, lookup{path: m.path, attr: m.attr, convert: m.toKey, sent: m.lowered(),
				condition: strings.NewReplacer("{1}", "%[1]s", "{2}", "%[2]s").Replace(condition)})
		}
	}
	if external != "" {
		all = append(all, lookup{path: "externalId", attr: l.model.Attr(model.ExternalID), condition: external})
	}
	return all
}

// looksUp tells whether clients look resources up by the attribute. An externalId that
// the host converts is compared as filters compare.
func (m *mappedColumn) looksUp() bool {
	as := m.Key != "" || m.SQL == "" && m.Encode == nil && m.Decode == nil
	return m.attr.Unique || m.attr.ID == model.ExternalID && as
}

// sameAs compares the column with a value, as the attribute compares: key is the
// parameter with its comparison key, sent that with the value as the client has it. What
// the database lowers may not be the key of the same text, "Straße" or "İ": bytes find
// that, among what an index on lower(column) gives.
func (m *mappedColumn) sameAs(d sqlOf, key, sent string) string {
	x := m.comparand()
	if !m.lowered() {
		return x + " = " + key
	}
	sent = "CAST(" + sent + " AS text)"
	return "(" + x + " IN (" + key + ", lower(" + sent + ")) AND CASE WHEN " + x + " = " + key +
		" THEN 1 = 1 ELSE " + d.bytes("CAST("+m.read+" AS text)") + " = " + sent + " END)"
}

// lowered tells whether the column is compared as the database lowers letters.
func (m *mappedColumn) lowered() bool {
	return m.Key == "" && m.attr.Kind == model.String && !m.attr.CaseExact && m.Form != sqlfilter.Key
}

// toKey makes of a value what sameAs compares with.
func (m *mappedColumn) toKey(value string) (any, bool) {
	key, ok := filter.LiteralKey(m.attr, value)
	return key, ok && storable(key) && storable(value)
}

// toKey makes of an id what the column compares with.
func (o *host) toKey(id string) (any, bool) {
	text, ok := strings.CutPrefix(id, o.IDPrefix)
	if !ok {
		return nil, false
	}
	return o.key.key(text)
}
