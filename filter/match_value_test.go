package filter_test

import (
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

func TestMatchReferences(t *testing.T) {
	m := schema.GroupType().Model()
	r := read(t, m, `{"displayName":"g","members":[{"value":"u1","type":"User"},{"value":"u2"}]}`)
	for text, want := range map[string]bool{
		`members.$ref eq "https://example.com/v2/Users/u2"`:                  true,
		`members[$ref eq "../Users/u1"]`:                                     true,
		`members[$ref eq "../Users/u3"]`:                                     false,
		`members[$ref eq "../Users/u1" and type eq "User"]`:                  true,
		`members.$ref pr`:                                                    true,
		`members eq "u1"`:                                                    true,
		`members[value eq "u1"] and members[value eq "u2"]`:                  true,
		`members[value eq "u1" and value eq "u2"]`:                           false,
		`urn:ietf:params:scim:schemas:core:2.0:Group:members.value eq "u1"`:  true,
		`URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:GROUP:MEMBERS.VALUE eq "u1"`:  true,
		`urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq "u1"]`: true,
	} {
		f := mustBind(t, text, m, nil)
		if got := f.Match(r); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	exact := m.Attr(m.Attr(m.SubString(model.Root, "members")).Value).CaseExact
	if f := mustBind(t, `members.value eq "U1"`, m, nil); f.Match(r) == exact {
		t.Errorf("members.value does not follow caseExact %v", exact)
	}
}

func TestMatchValue(t *testing.T) {
	m := gadget.Model()
	parts, texts := m.SubString(model.Root, "parts"), m.SubString(model.Root, "texts")
	tests := []struct {
		parent        model.ID
		filter, value string
		want          bool
	}{
		{parts, `type eq "Work" and n ge 2`, `{"type":"work","n":2}`, true},
		{parts, `type eq "Work" and n ge 2`, `{"type":"work","n":1}`, false},
		{parts, `primary eq false`, `{"type":"work"}`, true},
		{parts, `many eq "b"`, `{"many":["a","b"]}`, true},
		{parts, `value pr`, `{}`, false},
		{texts, `value eq "A"`, `"a"`, true},
		{texts, `not (value sw "b")`, `"a"`, true},
	}
	for _, test := range tests {
		e, err := filter.Parse(test.filter)
		if err != nil {
			t.Fatal(err)
		}
		f, err := filter.BindIn(e, m, test.parent, nil)
		if err != nil {
			t.Errorf("%s: %v", test.filter, err)
			continue
		}
		if got := f.MatchValue(document.Trusted([]byte(test.value))); got != test.want {
			t.Errorf("%s on %s: %v, want %v", test.filter, test.value, got, test.want)
		}
		if f.MatchValue(document.Value{}) {
			t.Errorf("%s matches no value at all", test.filter)
		}
	}
}

// Values of a type that the schema does not have are different from all, and
// end nothing.
func TestMatchWrongTypes(t *testing.T) {
	m := gadget.Model()
	parts := m.SubString(model.Root, "parts")
	values := []string{`null`, `true`, `1`, `"x"`, `""`, `{}`, `[]`, `[[]]`, `[{"a":[{}]}]`, `{"x":1}`, `{"value":{"value":1}}`, `{"value":[[1]]}`, `{"n":"x"}`, `{"n":-}`, `{"n":1e}`, `"`, `\`}
	for _, text := range []string{`value eq "q"`, `value co "q"`, `n gt 5`, `n eq 5`, `primary eq true`, `many ew "q"`} {
		e, _ := filter.Parse(text)
		f, err := filter.BindIn(e, m, parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if f.MatchValue(document.Trusted([]byte(v))) {
				t.Errorf("%s matches %s", text, v)
			}
		}
	}
	f := mustBind(t, `text eq "x" or not (text eq "x")`, m, nil)
	if f.Match(resource{}) {
		t.Error("a resource without document matches")
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	r := user(t, benchUser)
	for _, text := range matchBenchmarks {
		f := mustBind(t, text, schema.UserType().Model(), nil)
		// Under the race detector, sync.Pool forgets at random.
		if n := testing.AllocsPerRun(100, func() { f.Match(r) }); n > 0 && !race {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

// A long or chain means what its terms mean (Q71).
func TestMatchLookups(t *testing.T) {
	m := gadget.Model()
	r := read(t, m, `{"id":"1","text":"Ünal","exact":"Ab","uri":"x:\\","texts":["one","two"],"parts":[{"value":"v","type":"a"},{"n":3}],"int":5}`)
	for term, want := range map[string]bool{
		`text eq "ünal"`: true, `text eq "unal"`: false, `exact eq "Ab"`: true, `exact eq "ab"`: false, `uri eq "x:\\"`: true, `texts eq "TWO"`: true, `texts eq "three"`: false,
		`parts.value eq "V"`: true, `parts[value eq "v" and type eq "b"]`: false, `int eq 5`: true, `int eq 6`: false, `text co "al"`: true, `text eq null`: false, `text ne "x"`: true,
		`parts[value eq "q" or value eq "r" or value eq "s" or value eq "t" or value eq "u" or value eq "w" or value eq "x" or value eq "V"]`: true,
		`texts[value eq "q" or value eq "r" or value eq "s" or value eq "t" or value eq "u" or value eq "w" or value eq "x" or value eq "y"]`: false,
	} {
		no := ` or text eq "no" or exact eq "no" or uri eq "no" or texts eq "no" or parts.value eq "no" or text eq "No" or id eq "no" or id eq "na"`
		if f := mustBind(t, term+no, m, nil); f.Match(r) != want {
			t.Errorf("%s among others: want %v", term, want)
		}
	}
}
