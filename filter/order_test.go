package filter_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/filter"
)

func TestOrder(t *testing.T) {
	tests := []struct {
		req, sortBy string
		bodies      []string // in ascending order
	}{
		{"R-235", "part.a", []string{`{"id":"1","part":{"a":"x"}}`, `{"id":"2","part":{"a":"y"}}`}},
		{"R-235", "urn:example:ext:1.0:One:mine", []string{`{"id":"1","urn:example:ext:1.0:One":{"mine":"x"}}`, `{"id":"2","urn:example:ext:1.0:One":{"mine":"y"}}`}},
		{"R-237", "parts", []string{
			`{"id":"1","parts":[{"value":"z"},{"value":"a","primary":true}]}`, `{"id":"2","parts":[{"value":"b"},{"value":"a"}]}`, `{"id":"3","parts":[{"value":"c"}]}`, `{"id":"4"}`,
		}},
		{"R-237", "parts.n", []string{`{"id":"1","parts":[{"n":9},{"n":2,"primary":true}]}`, `{"id":"2","parts":[{"n":10}]}`}},
		{"R-237", "texts", []string{`{"id":"1","texts":["a","z"]}`, `{"id":"2","texts":["b","a"]}`}},
		{"R-238", "text", []string{`{"id":"1","text":"z"}`, `{"id":"2"}`, `{"id":"3","text":""}`}},
		{"R-239", "text", []string{`{"id":"1","text":"A"}`, `{"id":"2","text":"b"}`, `{"id":"3","text":"C"}`, `{"id":"4","text":"É"}`}},
		{"R-239", "exact", []string{`{"id":"1","exact":"B"}`, `{"id":"2","exact":"a"}`}},
		{"R-239", "int", []string{`{"id":"1","int":-5}`, `{"id":"2","int":9}`, `{"id":"3","int":10}`}},
		{"R-239", "dec", []string{`{"id":"1","dec":0.5}`, `{"id":"2","dec":5e-1}`, `{"id":"3","dec":1e3}`}},
		{"R-239", "time", []string{`{"id":"1","time":"2011-05-13T04:42:34+02:00"}`, `{"id":"2","time":"2011-05-13T03:42:34Z"}`}},
		{"R-239", "flag", []string{`{"id":"1","flag":false}`, `{"id":"2","flag":true}`, `{"id":"3"}`}},
		{"R-240", "text", []string{`{"id":"1","text":"X"}`, `{"id":"2","text":"x"}`, `{"id":"3","text":"X"}`}},
		{"R-240", "time", []string{`{"id":"1"}`, `{"id":"2"}`, `{"id":"3"}`}},
	}
	for _, test := range tests {
		o, err := filter.NewOrder(gadget, test.sortBy, false)
		if err != nil {
			t.Errorf("%s: %v", test.sortBy, err)
			continue
		}
		var resources []resource
		for _, body := range test.bodies {
			resources = append(resources, read(t, gadget.Model(), body))
		}
		want := ids(resources)
		slices.Reverse(resources)
		filter.Sort(o, resources)
		if diff := cmp.Diff(want, ids(resources)); diff != "" {
			t.Errorf("%s sortBy %s: %s", test.req, test.sortBy, diff)
		}
		for i, a := range resources {
			for j, b := range resources {
				if got := o.Compare(a, b); got != cmp3(i, j) {
					t.Errorf("%s: Compare of %d and %d is %d", test.sortBy, i, j, got)
				}
			}
		}
	}
}

func cmp3(i, j int) int {
	switch {
	case i < j:
		return -1
	case i > j:
		return 1
	}
	return 0
}

// Descending is the reverse, but for the tie-break.
func TestOrderDescending(t *testing.T) {
	o, err := filter.NewOrder(gadget, "TEXT", true)
	if err != nil || !o.Descending() || o.Path().String() != "text" {
		t.Fatal(o, err)
	}
	var resources []resource
	for _, body := range []string{`{"id":"1","text":"a"}`, `{"id":"2"}`, `{"id":"3","text":"B"}`, `{"id":"4"}`, `{"id":"5","text":"b"}`} {
		resources = append(resources, read(t, gadget.Model(), body))
	}
	filter.Sort(o, resources)
	if diff := cmp.Diff([]string{"2", "4", "3", "5", "1"}, ids(resources)); diff != "" {
		t.Error(diff)
	}
}

func TestOrderErrors(t *testing.T) {
	for _, sortBy := range []string{"", "unknown", "part", "secret", "silent", "text.x", `parts[type eq "x"].value`, "urn:example:schemas:Gadget", "urn:example:ext:1.0:One", "a b"} {
		if o, err := filter.NewOrder(gadget, sortBy, false); err == nil {
			t.Errorf("sortBy %q: %v", sortBy, o)
		}
	}
	if o, err := filter.NewOrder(gadget, "meta.location", false); err != nil || o.Path().String() != "id" {
		t.Errorf("%v, %v", o, err)
	}
	o, _ := filter.NewOrder(gadget, "text", false)
	if o.Compare(resource{}, resource{}) != 0 {
		t.Error("resources without documents differ")
	}
}
