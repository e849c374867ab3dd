package filter_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/internal/vectors"
	"github.com/scimkit/scimkit/schema"
)

// vector is one case of the filter vectors that seventeen projects' test suites
// were gathered into.
type vector struct {
	ID, Kind, Filter string
	RFCValid         *bool `json:"rfc_valid"`
	RFCMatch         *bool `json:"rfc_match"`
	Leniency         []string
	AST              any
	Resource         map[string]any
	Schema           any
	Ambiguous        []string
}

func loadVectors(t *testing.T) []vector {
	var file struct{ Cases []vector }
	vectors.Read(t, "filter.json", &file)
	return file.Cases
}

// Decisions where the vectors hold strictly to the ABNF or leave a case open.
const (
	// grammar.txt recommends *SP and 1*SP where the ABNF has nothing or one SP.
	anyBlanks, blankBeforeBracket = "extra whitespace", "whitespace before ["
	// Types that do not fit are refused with 400, so that nothing matches, also
	// behind not.
	otherType, stringOpOnNumber, notForBooleans = "value type differs from attribute type", "string operator on a number", "operator not defined for booleans"
)

// tolerated are leniencies that are quirks of their own.
var tolerated = map[string]quirk.ID{
	"unquoted value": quirk.BareValue,
	"sub-attribute after value path in a filter": quirk.ValuePathSub,
}

func TestVectorsParse(t *testing.T) {
	count := 0
	for _, c := range loadVectors(t) {
		if c.Kind != "parse" && c.Kind != "path" {
			continue
		}
		count++
		want := *c.RFCValid
		onlyBlanks := len(c.Leniency) > 0 && !slices.ContainsFunc(c.Leniency, func(l string) bool { return l != anyBlanks && l != blankBeforeBracket })
		if onlyBlanks {
			want = true
		}
		var e filter.Expr
		var err error
		if c.Kind == "path" {
			_, err = filter.ParsePath(c.Filter)
		} else {
			e, err = filter.Parse(c.Filter)
		}
		if got := err == nil; got != want {
			t.Errorf("%s %q: valid is %v, want %v (%v)", c.ID, c.Filter, got, want, err)
			continue
		}
		if c.AST != nil && e != nil {
			if diff := cmp.Diff(c.AST, astOf(e)); diff != "" {
				t.Errorf("%s %q: %s", c.ID, c.Filter, diff)
			}
		}
	}
	if count < 850 {
		t.Errorf("only %d vectors", count)
	}
}

// The leniencies that are quirks work where they are allowed, and leave a note.
func TestVectorsTolerated(t *testing.T) {
	for _, c := range loadVectors(t) {
		if c.Kind != "parse" || len(c.Leniency) != 1 {
			continue
		}
		id, ok := tolerated[c.Leniency[0]]
		if !ok {
			continue
		}
		switch c.ID {
		case "f0806": // a name that begins with "-"
			continue
		}
		log := allow(id)
		p := filter.Parser{Log: log}
		if _, err := p.Parse(c.Filter); err != nil {
			t.Errorf("%s %q: %v", c.ID, c.Filter, err)
		} else if !log.Used.Has(id) {
			t.Errorf("%s %q: no note of %s", c.ID, c.Filter, id)
		}
	}
}

// astOf gives an expression in the form of the vectors.
func astOf(e filter.Expr) any {
	switch e := e.(type) {
	case *filter.And:
		return map[string]any{"op": "and", "filters": astsOf(e.Terms)}
	case *filter.Or:
		return map[string]any{"op": "or", "filters": astsOf(e.Terms)}
	case *filter.Not:
		return map[string]any{"op": "not", "filter": astOf(e.X)}
	case *filter.ValuePath:
		return map[string]any{"op": "[]", "attr": e.Attr.String(), "filter": astOf(e.Filter)}
	case *filter.Compare:
		m := map[string]any{"op": e.Op.String(), "attr": e.Attr.String()}
		if e.Op != filter.Pr {
			var v any
			if err := json.Unmarshal([]byte(e.Value.String()), &v); err != nil {
				return err
			}
			m["value"] = v
		}
		return m
	}
	return nil
}

func astsOf(terms []filter.Expr) []any {
	out := []any{}
	for _, t := range terms {
		out = append(out, astOf(t))
	}
	return out
}

func TestVectorsSemantic(t *testing.T) {
	m := schema.UserType().Model()
	for _, c := range loadVectors(t) {
		if c.Kind != "semantic" {
			continue
		}
		// Where the RFC is silent (sw, ew on booleans), R-226 decides: refused.
		want := c.RFCValid != nil && *c.RFCValid
		if _, err := bind(c.Filter, m, nil); (err == nil) != want {
			t.Errorf("%s %q: %v, want valid to be %v", c.ID, c.Filter, err, want)
		}
	}
}

func TestVectorsMatch(t *testing.T) {
	count := 0
	for _, c := range loadVectors(t) {
		if c.Kind != "match" {
			continue
		}
		count++
		want := *c.RFCMatch
		refused := slices.ContainsFunc(c.Ambiguous, func(a string) bool {
			return a == otherType || a == stringOpOnNumber || a == notForBooleans
		}) || c.ID == "f0962" || c.ID == "f0974" // h lt false, a gt false: not for booleans
		timeAsText := c.Schema != "none" && strings.HasPrefix(c.Filter, "time ") && strings.Contains(" co sw ew ", " "+c.Filter[5:7]+" ")
		if refused || timeAsText {
			want = false
		}
		f, r, err := c.bind(t)
		if err != nil && !refused && !timeAsText && len(c.Leniency) == 0 && want {
			t.Errorf("%s %q: %v", c.ID, c.Filter, err)
			continue
		}
		if got := err == nil && f.Match(r); got != want && !c.lenientOnly(err) {
			t.Errorf("%s %q: match is %v, want %v (%v) in %s", c.ID, c.Filter, got, want, err, r.doc.Bytes())
		}
	}
	if count < 700 {
		t.Errorf("only %d vectors", count)
	}
}

// lenientOnly tells whether the filter is none by the RFC and was refused.
func (c *vector) lenientOnly(err error) bool {
	return err != nil && slices.Contains(c.Leniency, "string is not JSON")
}

// bind binds the filter to a resource type that has what resource and filter
// name, and reads the resource.
func (c *vector) bind(t *testing.T) (*filter.Filter, resource, error) {
	log := &quirk.Log{}
	for _, l := range c.Leniency {
		if id, ok := tolerated[l]; ok {
			log.Allowed |= quirk.Of(id)
		}
	}
	if strings.Contains(c.Filter, "primary ") && c.Schema == "none" {
		// An element of a multi-valued attribute that stands for a resource.
		c.Filter, c.Resource = "element["+c.Filter+"]", map[string]any{"element": []any{c.Resource}}
	}
	p := filter.Parser{Log: log}
	e, err := p.Parse(c.Filter)
	if err != nil {
		return nil, resource{}, err
	}
	m := c.resourceType(t, e).Model()
	body, err := json.Marshal(c.Resource)
	if err != nil {
		t.Fatal(err)
	}
	tree := document.NewTree(m)
	if err := tree.Parse(body, &document.Options{Trusted: true}); err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	f, err := filter.BindIn(e, m, model.Root, log)
	return f, resource{tree.Doc()}, err
}
