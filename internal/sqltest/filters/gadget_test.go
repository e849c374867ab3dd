package filters

import (
	"strconv"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
)

const (
	one = "urn:example:ext:1.0:One"
	two = "urn:example:ext:1.0:Two"
)

// gadget has an attribute of each type and of each way to map one.
var gadget = &schema.ResourceType{
	Name: "Gadget", Endpoint: "/Gadgets",
	Schema: &schema.Schema{ID: "urn:example:schemas:Gadget", Name: "Gadget", Attributes: []schema.Attribute{
		{Name: "text"}, {Name: "plain"}, {Name: "exact", CaseExact: true}, {Name: "exactKey", CaseExact: true},
		{Name: "opaque", CaseExact: true}, {Name: "loose"}, {Name: "loose-case", CaseExact: true},
		{Name: "flag", Type: schema.Boolean}, {Name: "looseFlag", Type: schema.Boolean},
		{Name: "int", Type: schema.Integer}, {Name: "dec", Type: schema.Decimal}, {Name: "decKey", Type: schema.Decimal},
		{Name: "at", Type: schema.DateTime}, {Name: "atKey", Type: schema.DateTime},
		{Name: "micros", Type: schema.DateTime}, {Name: "secs", Type: schema.DateTime},
		{Name: "bin", Type: schema.Binary}, {Name: "uri", Type: schema.Reference, ReferenceTypes: []string{"uri"}},
		{Name: "texts", MultiValued: true}, {Name: "ints", Type: schema.Integer, MultiValued: true},
		{Name: "name", Type: schema.Complex, SubAttributes: []schema.Attribute{
			{Name: "a"}, {Name: "b"}, {Name: "many", MultiValued: true},
		}},
		{Name: "loosePart", Type: schema.Complex, SubAttributes: []schema.Attribute{{Name: "a"}, {Name: "n", Type: schema.Integer}}},
		{Name: "parts", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "value"}, {Name: "type"}, {Name: "primary", Type: schema.Boolean}, {Name: "n", Type: schema.Integer}, {Name: "many", MultiValued: true},
		}},
		{Name: "looseParts", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "value"}, {Name: "type"}, {Name: "primary", Type: schema.Boolean}, {Name: "n", Type: schema.Decimal}, {Name: "many", MultiValued: true},
		}},
		{Name: "mails", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "value"}, {Name: "type"}, {Name: "primary", Type: schema.Boolean},
		}},
		{Name: "roles", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{{Name: "value"}, {Name: "primary", Type: schema.Boolean}}},
		{Name: "secret", Returned: schema.ReturnedNever},
	}},
	Extensions: []schema.Extension{
		{Schema: &schema.Schema{ID: one, Name: "One", Attributes: []schema.Attribute{
			{Name: "mine"}, {Name: "both"},
			{Name: "list", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{{Name: "value"}, {Name: "type"}}},
		}}},
		{Schema: &schema.Schema{ID: two, Name: "Two", Attributes: []schema.Attribute{{Name: "both"}}}},
	},
}

// attributes are those that filters ask about, with the types of their values.
var attributes = []struct {
	path string
	kind schema.Type
}{
	{"id", schema.String}, {"text", schema.String}, {"plain", schema.String}, {"exact", schema.String}, {"exactKey", schema.String},
	{"opaque", schema.String}, {"loose", schema.String}, {"loose-case", schema.String}, {"flag", schema.Boolean}, {"looseFlag", schema.Boolean},
	{"int", schema.Integer}, {"dec", schema.Decimal}, {"decKey", schema.Decimal},
	{"at", schema.DateTime}, {"atKey", schema.DateTime}, {"micros", schema.DateTime}, {"secs", schema.DateTime},
	{"bin", schema.Binary}, {"uri", schema.Reference}, {"texts", schema.String}, {"ints", schema.Integer},
	{"name", schema.Complex}, {"name.a", schema.String}, {"name.b", schema.String}, {"name.many", schema.String},
	{"loosePart", schema.Complex}, {"loosePart.a", schema.String}, {"loosePart.n", schema.Integer},
	{"parts", schema.Complex}, {"parts.value", schema.String}, {"parts.type", schema.String}, {"parts.primary", schema.Boolean},
	{"parts.n", schema.Integer}, {"parts.many", schema.String},
	{"looseParts", schema.Complex}, {"looseParts.value", schema.String}, {"looseParts.type", schema.String},
	{"looseParts.primary", schema.Boolean}, {"looseParts.n", schema.Decimal}, {"looseParts.many", schema.String},
	{"mails", schema.Complex}, {"mails.value", schema.String}, {"mails.type", schema.String}, {"mails.primary", schema.Boolean},
	{"roles.value", schema.String}, {"roles.primary", schema.Boolean},
	{one, schema.Complex}, {one + ":mine", schema.String}, {one + ":both", schema.String},
	{one + ":list", schema.Complex}, {one + ":list.value", schema.String}, {one + ":list.type", schema.String},
	{two + ":both", schema.String}, {"meta.created", schema.DateTime}, {"meta.resourceType", schema.String}, {"schemas", schema.String},
}

// inKeys maps all of gadget to the key document.
func inKeys(d sqlfilter.Dialect) sqlfilter.Columns {
	return sqlfilter.Columns{Dialect: d, Keys: "g.doc_keys"}
}

// inColumns maps gadget to columns and child tables, but for what is called
// loose.
func inColumns(d sqlfilter.Dialect) sqlfilter.Columns {
	child := func(table string, columns map[string]sqlfilter.Column) []sqlfilter.List {
		return []sqlfilter.List{{From: table + " c", On: "c.g = g.id", Order: "c.pos", Attributes: columns}}
	}
	return sqlfilter.Columns{
		Dialect: d, Keys: "g.doc_keys", KeysOmit: []string{"texts", "ints", "name.many", "parts", "mails", "roles", one + ":list"},
		Attributes: map[string]sqlfilter.Column{
			"id": {SQL: "g.id", NotEmpty: true}, "text": {SQL: "g.text_key", Form: sqlfilter.Key}, "plain": {SQL: "g.plain"},
			"exact": {SQL: "g.exact"}, "exactKey": {SQL: "g.exact_key", Form: sqlfilter.Key},
			"opaque": {SQL: "g.opaque", Form: sqlfilter.Opaque, Convert: integer},
			"flag":   {SQL: "g.flag"}, "int": {SQL: "g.num_int"}, "dec": {SQL: "g.num_dec"}, "decKey": {SQL: "g.dec_key", Form: sqlfilter.Key},
			"at": {SQL: "g.at_time"}, "atKey": {SQL: "g.at_key", Form: sqlfilter.Key},
			"micros": {SQL: "g.micros", Form: sqlfilter.UnixMicros}, "secs": {SQL: "g.secs", Form: sqlfilter.UnixSeconds},
			"bin": {SQL: "g.bin"}, "uri": {SQL: "g.uri"}, "name.a": {SQL: "g.name_a", Form: sqlfilter.Key}, "name.b": {SQL: "g.name_b", Form: sqlfilter.Key},
			`mails[type eq "work"].value`: {SQL: "g.mail_work", Form: sqlfilter.Key},
			`mails[type eq "home"].value`: {SQL: "g.mail_home", Form: sqlfilter.Key, Const: map[string]string{"primary": "true"}},
			`roles[value eq "admin"]`:     {SQL: "g.is_admin"},
			one + ":mine":                 {SQL: "g.one_mine", Form: sqlfilter.Key}, one + ":both": {SQL: "g.one_both", Form: sqlfilter.Key},
			two + ":both": {SQL: "g.two_both", Form: sqlfilter.Key},
		},
		Lists: map[string][]sqlfilter.List{
			"texts":     child("g_texts", map[string]sqlfilter.Column{"value": {SQL: "c.value_key", Form: sqlfilter.Key}}),
			"ints":      child("g_ints", map[string]sqlfilter.Column{"value": {SQL: "c.n"}}),
			"name.many": child("g_many", map[string]sqlfilter.Column{"value": {SQL: "c.value_key", Form: sqlfilter.Key}}),
			"parts": child("g_parts", map[string]sqlfilter.Column{
				"value": {SQL: "c.value_key", Form: sqlfilter.Key}, "type": {SQL: "c.type"},
				"primary": {SQL: "c.is_primary"}, "n": {SQL: "c.n"},
			}),
			one + ":list": child("g_list", map[string]sqlfilter.Column{
				"value": {SQL: "c.value_key", Form: sqlfilter.Key}, "type": {SQL: "c.type_key", Form: sqlfilter.Key},
			}),
		},
	}
}

// inBoth maps some elements to columns that are in the key document, too.
func inBoth(d sqlfilter.Dialect) sqlfilter.Columns {
	c := inColumns(d)
	c.KeysOmit, c.Lists = nil, nil
	return c
}

// integer converts the literals of ids that are numbers in the database.
func integer(literal string) (any, bool) {
	n, err := strconv.ParseInt(literal, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == literal
}
