package filter_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// specExamples is testdata/filters.json: the filters of RFC 7644 figure 2 and
// many more, with the resources that they match.
type specExamples struct {
	Dataset []json.RawMessage
	Valid   []struct {
		Filter string
		Match  []string
	}
	AmbiguousNe struct {
		Vectors []struct {
			Filter          string
			AnyValueReading []string
		}
	}
	Invalid []struct {
		Filter string
		Status any
	}
	Sort []struct {
		SortBy, SortOrder string
		Order             []string
	}
}

func loadSpecExamples(t *testing.T) (specExamples, []resource) {
	t.Helper()
	data, err := os.ReadFile("testdata/filters.json")
	if err != nil {
		t.Fatal(err)
	}
	var s specExamples
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	var resources []resource
	for _, body := range s.Dataset {
		resources = append(resources, user(t, string(body)))
	}
	return s, resources
}

func ids(resources []resource) []string {
	out := []string{}
	for _, r := range resources {
		v, _ := r.doc.Get(model.IDAttr)
		out = append(out, v.String())
	}
	return out
}

func matching(f *filter.Filter, resources []resource) []string {
	return ids(slices.DeleteFunc(slices.Clone(resources), func(r resource) bool { return !f.Match(r) }))
}

func TestSpecExamples(t *testing.T) {
	s, resources := loadSpecExamples(t)
	if len(s.Valid) < 60 || len(s.Invalid) < 29 {
		t.Fatalf("only %d valid and %d invalid examples", len(s.Valid), len(s.Invalid))
	}
	m := schema.UserType().Model()
	for _, c := range s.Valid {
		f, err := bind(c.Filter, m, nil)
		if err != nil {
			t.Errorf("%s: %v", c.Filter, err)
			continue
		}
		if diff := cmp.Diff(c.Match, matching(f, resources)); diff != "" {
			t.Errorf("%s: %s", c.Filter, diff)
		}
		// What a store compiles means the same.
		again := mustBind(t, f.Expr().String(), m, nil)
		if diff := cmp.Diff(c.Match, matching(again, resources)); diff != "" {
			t.Errorf("%s printed as %s: %s", c.Filter, f.Expr(), diff)
		}
	}
	for _, c := range s.AmbiguousNe.Vectors {
		f := mustBind(t, c.Filter, m, nil)
		if diff := cmp.Diff(c.AnyValueReading, matching(f, resources)); diff != "" {
			t.Errorf("%s: %s", c.Filter, diff)
		}
	}
}

// The three examples that have two right answers get the error, and the second
// of them the tolerance where it is allowed.
func TestSpecExamplesInvalid(t *testing.T) {
	s, _ := loadSpecExamples(t)
	m := schema.UserType().Model()
	for _, c := range s.Invalid {
		_, err := bind(c.Filter, m, nil)
		var syntax *filter.SyntaxError
		var bound *filter.BindError
		if !errors.As(err, &syntax) && !errors.As(err, &bound) {
			t.Errorf("%s: got %v, want a SyntaxError or BindError", c.Filter, err)
		}
		if c.Filter == `userName regex "x"` && !strings.Contains(err.Error(), "regex") {
			t.Errorf("%s: %q does not name the operator", c.Filter, err)
		}
	}
	if _, err := bind(`active eq "true"`, m, allow(quirk.QuotedBoolean)); err != nil {
		t.Error(err)
	}
}

func TestSpecExamplesSort(t *testing.T) {
	s, resources := loadSpecExamples(t)
	m := schema.UserType().Model()
	for _, c := range s.Sort {
		o, err := filter.NewOrderIn(m, c.SortBy, c.SortOrder == "descending", nil)
		if err != nil {
			t.Errorf("%s: %v", c.SortBy, err)
			continue
		}
		sorted := slices.Clone(resources)
		slices.Reverse(sorted)
		filter.Sort(o, sorted)
		got := ids(sorted)
		want := c.Order
		// "…" stands for the rest in any order.
		if want[0] == "…" {
			got, want = got[len(got)-len(want)+1:], want[1:]
		}
		if want[len(want)-1] == "…" {
			want = want[:len(want)-1]
			got = got[:len(want)]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sortBy %s %s: %s", c.SortBy, c.SortOrder, diff)
		}
	}
}
