package patch

import (
	"testing"

	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// deviceType has what the RFC's own schemas lack: immutable, required and
// simple multi-valued attributes at all places.
var deviceType = (&schema.ResourceType{
	Name: "Device", Endpoint: "/Devices",
	Schema: &schema.Schema{ID: "urn:example:2.0:Device", Name: "Device", Attributes: []schema.Attribute{
		{Name: "userName", Required: true},
		{Name: "serial", Mutability: schema.Immutable},
		{Name: "tags", MultiValued: true},
		{Name: "ports", MultiValued: true, Type: schema.Integer, Mutability: schema.Immutable},
		{Name: "owners", MultiValued: true, Required: true},
		{Name: "place", Type: schema.Complex, Mutability: schema.Immutable, SubAttributes: []schema.Attribute{{Name: "room"}, {Name: "floor"}}},
		{Name: "model", Type: schema.Complex, SubAttributes: []schema.Attribute{{Name: "name", Required: true}, {Name: "year", Mutability: schema.Immutable}, {Name: "colours", MultiValued: true}, {Name: "hash", Mutability: schema.ReadOnly}}},
		{Name: "label", Type: schema.Complex, Required: true, SubAttributes: []schema.Attribute{{Name: "text"}, {Name: "lang"}}},
	}},
	Extensions: []schema.Extension{{Required: true, Schema: &schema.Schema{ID: "urn:example:2.0:Extra", Name: "Extra", Attributes: []schema.Attribute{
		{Name: "note"}, {Name: "seal", Mutability: schema.Immutable}, {Name: "state", Mutability: schema.ReadOnly},
	}}}},
}).Model()

const device = `"owners":["o1"],"label":{"text":"T"},"urn:example:2.0:Extra":{"note":"n"}`

func TestCustomSchema(t *testing.T) {
	testRules(t, deviceType, []rule{
		{name: "R-313 immutable without value", before: device, ops: `[{"op":"add","path":"serial","value":"s"}]`, strict: `{"serial":"s"}`},
		{name: "R-313 immutable, set", before: device + `,"serial":"s"`, ops: `[{"op":"add","path":"serial","value":"t"}]`, strict: mutability},
		{name: "R-313 immutable, set without path", before: device + `,"serial":"s"`, ops: `[{"op":"replace","value":{"serial":"t"}}]`, strict: mutability},
		{name: "R-313 immutable, the same", before: device + `,"serial":"s"`, ops: `[{"op":"replace","path":"serial","value":"s"}]`, strict: `{}`},
		{name: "R-313 immutable, null", before: device + `,"serial":"s"`, ops: `[{"op":"replace","path":"serial","value":null}]`, strict: mutability},
		{name: "R-313 immutable, removed", before: device + `,"serial":"s"`, ops: `[{"op":"remove","path":"serial"}]`, strict: mutability},
		{name: "R-313 immutable and unassigned, removed", before: device, ops: `[{"op":"remove","path":"serial"}]`, strict: `{}`},
		{name: "R-313 immutable, set in the same request", before: device, ops: `[{"op":"add","path":"serial","value":"s"},{"op":"add","path":"serial","value":"t"}]`, strict: mutability},
		{name: "R-313 immutable list grows", before: device + `,"ports":[1]`, ops: `[{"op":"add","path":"ports","value":[2]}]`, strict: mutability},
		{name: "R-313 immutable list, the same", before: device + `,"ports":[1]`, ops: `[{"op":"add","path":"ports","value":[1]}]`, strict: `{}`},
		{name: "R-313 a sub-attribute of what is immutable", before: device + `,"place":{"room":"r"}`, ops: `[{"op":"add","path":"place.floor","value":"f"}]`, strict: mutability},
		{name: "R-313 an immutable sub-attribute", before: device + `,"model":{"name":"n","year":"1"}`, ops: `[{"op":"replace","path":"model","value":{"year":"2"}}]`, strict: mutability},
		{name: "R-313 the parent of an immutable sub-attribute removed", before: device + `,"model":{"name":"n","year":"1"}`, ops: `[{"op":"remove","path":"model"}]`, strict: mutability},
		{name: "R-313 a readOnly sub-attribute in a value", before: device + `,"model":{"name":"n","hash":"h"}`, ops: `[{"op":"replace","path":"model","value":{"name":"m","hash":"x"}}]`, strict: `{"model":{"name":"m","hash":"h"}}`},
		{name: "R-343 required list, all removed", before: device, ops: `[{"op":"remove","path":"owners"}]`, strict: mutability},
		{name: "R-343 required list, the last by filter", before: device, ops: `[{"op":"remove","path":"owners[value eq \"o1\"]"}]`, strict: mutability},
		{name: "R-343 required list, the last by value", before: device, ops: `[{"op":"remove","path":"owners","value":["o1"]}]`, strict: invalidValue, tolerant: mutability, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "R-343 required list, null", before: device, ops: `[{"op":"remove","path":"owners","value":null}]`, strict: invalidValue, tolerant: mutability, quirk: quirk.Of(quirk.RemoveNull)},
		{name: "R-343 required list, replaced by nothing", before: device, ops: `[{"op":"replace","path":"owners","value":[]}]`, strict: mutability},
		{name: "R-343 required sub-attribute", before: device + `,"model":{"name":"n"}`, ops: `[{"op":"remove","path":"model.name"}]`, strict: mutability},
		{name: "R-343 the last of a required complex attribute", before: device, ops: `[{"op":"remove","path":"label.text"}]`, strict: mutability},
		{name: "R-343 the last of a required complex attribute, null", before: device, ops: `[{"op":"replace","path":"label","value":{"text":null}}]`, strict: mutability},
		{name: "R-343 required extension", before: device, ops: `[{"op":"remove","path":"urn:example:2.0:Extra"}]`, strict: mutability},
		{name: "R-343 required extension, null", before: device, ops: `[{"op":"replace","value":{"urn:example:2.0:Extra":null}}]`, strict: mutability},
		{name: "R-343 the last of a required extension", before: device, ops: `[{"op":"remove","path":"urn:example:2.0:Extra:note"}]`, strict: mutability},
		{name: "R-324 a required sub-attribute is missing in the end", before: device, ops: `[{"op":"add","path":"model.colours","value":["red"]}]`, strict: invalidValue},
		{name: "R-347 simple values by filter", before: device + `,"tags":["a","b","c"]`, ops: `[{"op":"remove","path":"tags[value eq \"b\"]"},{"op":"replace","path":"tags[value eq \"c\"]","value":"d"}]`, strict: `{"tags":["a","d"]}`},
		{name: "simple values", before: device + `,"tags":["a"]`, ops: `[{"op":"add","path":"tags","value":"b"},{"op":"add","path":"tags","value":["a","c"]}]`, strict: `{"tags":["a","b","c"]}`},
		{name: "simple values listed", before: device + `,"tags":["a","b","c"]`, ops: `[{"op":"remove","path":"tags","value":["a","z"]},{"op":"remove","path":"tags","value":"b"}]`, strict: invalidValue, tolerant: `{"tags":["c"]}`, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "a list below a single attribute", before: device + `,"model":{"name":"n","colours":["red"]}`, ops: `[{"op":"add","path":"model.colours","value":["blue"]},{"op":"remove","path":"model.colours[value eq \"red\"]"}]`, strict: `{"model":{"name":"n","colours":["blue"]}}`},
	})
}
