package filter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// keyValues are values of each type that are close to each other.
var keyValues = map[string][]string{
	"text": {"", "a", "A", "ab", "aB", "b", "ß", "SS", "s", "İ", "i", "i\u0307", "é", "e\u0301", "É", "e", "\u0345\u0301", "k", "\u212A", "\U0010FFFF", "\uFFFF", `\`, `"`, " ", "a ", "\u0001", "ａ"},
	"dec": {
		"0", "-0", "0.0", "1", "1.0", "10e-1", "-1", "-1.0", "0.1", "1e-1", "0.11", "-0.1", "-0.11", "12", "120", "123", "-12", "-123", "9", "-9", "99", "1e400", "-1e400", "1e-400",
		"-1e-400", "0.10000000000000000000000000000000001", "123456789012345678901234567890", "1e999999999", "-1e999999999", "1e-999999999", "1e9999999999999999999", "1e-9999999999999999999",
	},
	"time": {
		"2011-05-13T04:42:34Z", "2011-05-13T06:42:34+02:00", "2011-05-13T04:42:34", "2011-05-13T04:42:34.0Z", "2011-05-13T04:42:34.1Z", "2011-05-13T04:42:34.10Z",
		"2011-05-13T04:42:34.12Z", "2011-05-13T04:42:34.123456789012345Z", "2011-05-13T24:00:00Z", "2011-05-14T00:00:00Z", "0000-01-01T00:00:00Z", "-0044-03-15T12:00:00Z",
		"-999999999-01-01T00:00:00.5Z", "999999999-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "1969-12-31T23:59:59.9Z",
	},
	"flag": {"true", "false"},
}

func init() {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		keyValues["dec"] = append(keyValues["dec"], fmt.Sprintf("%d.%de%d", r.IntN(2000)-1000, r.IntN(1000), r.IntN(7)-3))
		keyValues["time"] = append(keyValues["time"], fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%dZ", r.IntN(9999), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000)))
	}
	for _, same := range []string{"exact", "uri", "bin"} {
		keyValues[same] = keyValues["text"]
	}
}

// keyHolds is what a database makes of two keys.
func keyHolds(op filter.Op, value, literal string) bool {
	c := strings.Compare(value, literal)
	return map[filter.Op]bool{
		filter.Eq: c == 0, filter.Ne: c != 0, filter.Gt: c > 0, filter.Ge: c >= 0, filter.Lt: c < 0, filter.Le: c <= 0, filter.Pr: value != "",
		filter.Co: strings.Contains(value, literal), filter.Sw: strings.HasPrefix(value, literal), filter.Ew: strings.HasSuffix(value, literal),
	}[op]
}

// TestKeys: keys stand to each other as filters say of the values.
func TestKeys(t *testing.T) {
	m := gadget.Model()
	n := 0
	for name, values := range keyValues {
		a := m.Attr(m.SubString(model.Root, name))
		for _, value := range values {
			raw := []byte(value)
			if a.Kind != model.Decimal && a.Kind != model.Boolean {
				raw = document.AppendString(nil, value)
			}
			r := read(t, m, `{"`+name+`":`+string(raw)+`}`)
			stored, _ := r.doc.Get(a.ID)
			key, ok := filter.KeyOf(a, stored)
			if !ok {
				t.Fatalf("%s %s has no key", name, raw)
			}
			for _, literal := range values {
				n += compareKeys(t, a, r, key, literal)
			}
		}
	}
	t.Logf("%d comparisons", n)
}

// compareKeys tries all operators that fit attribute a.
func compareKeys(t *testing.T, a *model.Attr, r resource, key, literal string) (n int) {
	t.Helper()
	other, ok := filter.LiteralKey(a, literal)
	if !ok {
		t.Fatalf("the literal %q has no key", literal)
	}
	kind := filter.String
	switch a.Kind {
	case model.Decimal:
		kind = filter.Number
	case model.Boolean:
		kind = filter.Bool
	}
	for op := filter.Eq; op <= filter.Le; op++ {
		e := &filter.Compare{Attr: filter.AttrPath{Name: a.Name}, Op: op, Value: filter.Value{Kind: kind, Text: literal}}
		f, err := filter.Bind(e, gadget)
		if err != nil {
			continue // the operator does not fit the type
		}
		n++
		if want, got := f.Match(r), keyHolds(op, key, other); got != want {
			t.Errorf("%s on %s: the filter says %v, the keys %q and %q say %v", f, r.doc.Bytes(), want, key, other, got)
		}
	}
	return n
}

func TestKeyOfOther(t *testing.T) {
	m := gadget.Model()
	for name, value := range map[string]string{"text": `1`, "int": `"1"`, "flag": `"true"`, "time": `"today"`, "part": `{}`, "exact": `null`} {
		if key, ok := filter.KeyOf(m.Attr(m.SubString(model.Root, name)), document.Trusted([]byte(value))); ok {
			t.Errorf("%s %s has the key %q", name, value, key)
		}
	}
	for name, text := range map[string]string{"int": "x", "flag": "yes", "time": "today", "part": "x"} {
		if key, ok := filter.LiteralKey(m.Attr(m.SubString(model.Root, name)), text); ok {
			t.Errorf("the literal %q of %s has the key %q", text, name, key)
		}
	}
}

func TestKeysShape(t *testing.T) {
	m := gadget.Model()
	id := func(name string) model.ID { return m.SubString(model.Root, name) }
	tests := []struct {
		name, body, want string
		omit             []model.ID
	}{
		{"nothing", `{}`, `{}`, nil},
		{"one of each", `{"text":"Straße","exact":"e\u0301","flag":true,"int":7,"uri":"a/B"}`,
			`{"text":"strasse","exact":"é","flag":"true","int":"280000000000000017","uri":"a/B"}`, nil},
		{"the empty string is a value", `{"text":""}`, `{"text":""}`, nil},
		{"lists", `{"texts":["B","a\""],"parts":[{"value":"X","primary":true},{"n":-1}]}`,
			`{"texts":["b","a\""],"parts":[{"value":"x","primary":"true"},{"n":"07ffffffffffffffe8~"}]}`, nil},
		{"lists within lists", `{"parts":[{"many":["A","b"]}],"part":{"a":"X","many":["Y"]}}`, `{"part":{"a":"x","many":["y"]},"parts":[{"many":["a","b"]}]}`, nil},
		{"extensions", `{"urn:example:ext:1.0:One":{"mine":"X","list":[{"type":"T"}]}}`, `{"urn:example:ext:1.0:One":{"mine":"x","list":[{"type":"t"}]}}`, nil},
		{"left out", `{"text":"x","texts":["a"],"int":1}`, `{"text":"x"}`, []model.ID{id("texts"), id("int")}},
		{"never returned", `{"text":"x","secret":"s","silent":"s"}`, `{"text":"x"}`, nil},
		{"meta", `{"id":"Ab","meta":{"resourceType":"Gadget","created":"1970-01-01T00:00:00.5Z"}}`,
			`{"id":"Ab","meta":{"resourceType":"Gadget","created":"40000062162035200.5"}}`, nil},
	}
	for _, test := range tests {
		got := filter.Keys(read(t, m, test.body).doc, test.omit...)
		if string(got) != test.want || !json.Valid(got) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
