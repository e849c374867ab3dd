package patch

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/quirk"
)

// exampleQuirks are what an example needs beyond the letter of the RFC; its
// note says so.
var exampleQuirks = map[string]quirk.ID{
	"op is case-insensitive in practice": quirk.OpCase,
	"path-less keys that are paths":      quirk.PathKeys,
}

// exampleTolerated are the examples that answer otherwise with all tolerance:
// where the error goes, what happens instead.
var exampleTolerated = map[string]map[string]any{
	"two new primaries in one add": {"emails": []any{
		map[string]any{"value": "bjensen@example.com", "type": "work", "primary": false},
		map[string]any{"value": "babs@jensen.org", "type": "home"},
		map[string]any{"value": "a@x.com", "primary": false},
		map[string]any{"value": "b@x.com", "primary": true},
	}},
	"add with valuePath that matches nothing": {"emails": []any{
		map[string]any{"value": "bjensen@example.com", "type": "work", "primary": true},
		map[string]any{"value": "babs@jensen.org", "type": "home"},
		map[string]any{"value": "o@x.com", "type": "other"},
	}},
	"replace with valuePath that matches nothing": {"emails": []any{
		map[string]any{"value": "bjensen@example.com", "type": "work", "primary": true},
		map[string]any{"value": "babs@jensen.org", "type": "home"},
		map[string]any{"value": "x@y.z", "type": "other"},
	}},
	"replace active with a string": {"active": false},
	"no operations":                {},
}

type example struct {
	Name    string
	Before  json.RawMessage
	Request json.RawMessage
	Expect  struct {
		Status   any
		ScimType string
		After    json.RawMessage
		Changed  bool
	}
}

func examples(t testing.TB) []example {
	data, err := os.ReadFile("testdata/patch.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []example }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

func TestExamples(t *testing.T) {
	for _, c := range examples(t) {
		t.Run(c.Name, func(t *testing.T) {
			o := strict()
			if q, ok := exampleQuirks[c.Name]; ok {
				if got := c.run(t, strict()); got == nil {
					t.Errorf("without the quirk %s it passes: the table of quirks is wrong", q)
				}
				o = strict(q)
			}
			if err := c.run(t, o); err != nil {
				t.Error(err)
			}
			instead, ok := exampleTolerated[c.Name]
			if !ok {
				if err := c.run(t, tolerant()); err != nil {
					t.Errorf("with all tolerance: %v", err)
				}
				return
			}
			c.checkInstead(t, instead)
		})
	}
}

type mismatch string

func (m mismatch) Error() string { return string(m) }

// run gives an error if the example does not come out as it says.
func (c *example) run(t *testing.T, o Options) error {
	typ := userType
	if _, ok := decode(t, c.Before)["displayName"]; ok {
		typ = groupType
	}
	before := load(t, typ, string(c.Before))
	text := string(before.Bytes())
	after, changed, err := send(before, string(c.Request), o)
	if string(before.Bytes()) != text {
		t.Fatal("the stored resource has changed")
	}
	if got := scimType(err); got != c.Expect.ScimType {
		return mismatch("scimType is " + got + ", want " + c.Expect.ScimType + ": " + detail(err))
	}
	if err != nil {
		return nil
	}
	if diff := cmp.Diff(decode(t, c.Expect.After), decode(t, after.Bytes())); diff != "" {
		return mismatch("the result differs (-want +got):\n" + diff)
	}
	if changed != c.Expect.Changed {
		return mismatch("changed is the wrong way round")
	}
	return nil
}

func detail(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

func (c *example) checkInstead(t *testing.T, instead map[string]any) {
	after, _, err := send(load(t, userType, string(c.Before)), string(c.Request), tolerant())
	if err != nil {
		t.Fatalf("with all tolerance: %v", err)
	}
	want := decode(t, c.Before)
	for k, v := range instead {
		want[k] = v
	}
	if diff := cmp.Diff(want, decode(t, after.Bytes())); diff != "" {
		t.Errorf("with all tolerance, the result differs (-want +got):\n%s", diff)
	}
}
