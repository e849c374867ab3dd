package idpcases

import (
	"net/http"
	"testing"

	"github.com/scimkit/scimkit/internal/rawhttp"
)

const assertBody = `{
	"one": 1, "oneFloat": 1.0, "zero": 0, "yes": true, "text": "hello", "nothing": null,
	"blank": "", "none": [], "hollow": {}, "hollowValue": {"value": ""}, "filledValue": {"value": "x"},
	"list": ["a", "b"], "pair": 2, "urn:x": {"deep": "d"}, "withNull": {"a": [1, null]},
	"emails": [
		{"type": "work", "value": "w@example.test", "primary": true},
		{"type": "home", "value": "h@example.test", "primary": false},
		{"type": "home", "value": "h2@example.test"}
	]
}`

func TestAssertions(t *testing.T) {
	r := &answer{&rawhttp.Response{Header: http.Header{"Etag": {`W/"1"`}}}, decode([]byte(assertBody))}
	for _, tt := range []struct {
		path, op, value string
		want            bool
	}{
		{"$.one", "eq", `1`, true},
		{"$.one", "eq", `2`, false},
		{"$.one", "eq", `"1"`, false},
		{"$.one", "eq", `true`, false},
		{"$.oneFloat", "eq", `1`, false},
		{"$.text", "eq", `"hello"`, true},
		{"$.yes", "eq", `true`, true},
		{"$.yes", "eq", `"True"`, false},
		{"$.list", "eq", `["a", "b"]`, true},
		{"$.list", "eq", `["b", "a"]`, false},
		{"$.missing", "eq", `null`, false},
		{"$.emails[?(@.type=='home')].value", "eq", `"h@example.test"`, false},
		{"$.text", "ne", `"other"`, true},
		{"$.text", "ne", `"hello"`, false},
		{"$.missing", "ne", `"hello"`, false},
		{"$.text", "in", `["hello", "world"]`, true},
		{"$.text", "in", `["world"]`, false},
		{"$.missing", "in", `[null]`, false},
		{"$.blank", "exists", ``, true},
		{"$.missing", "exists", ``, false},
		{"$.nothing", "exists", ``, false},
		{"$.missing", "absent", ``, true},
		{"$.nothing", "absent", ``, true},
		{"$.blank", "absent", ``, false},
		{"$.emails[?(@.type=='home')].primary", "absent", ``, false},
		{"$.missing", "empty", ``, true},
		{"$.nothing", "empty", ``, true},
		{"$.blank", "empty", ``, true},
		{"$.none", "empty", ``, true},
		{"$.hollow", "empty", ``, true},
		{"$.hollowValue", "empty", ``, true},
		{"$.filledValue", "empty", ``, false},
		{"$.zero", "empty", ``, false},
		{"$.text", "empty", ``, false},
		{"$.missing", "notNull", ``, true},
		{"$.text", "notNull", ``, true},
		{"$.nothing", "notNull", ``, false},
		{"$.one", "type", `"number"`, true},
		{"$.yes", "type", `"boolean"`, true},
		{"$.text", "type", `"string"`, true},
		{"$.list", "type", `"array"`, true},
		{"$.hollow", "type", `"object"`, true},
		{"$.nothing", "type", `"null"`, true},
		{"$.text", "type", `"number"`, false},
		{"$.missing", "type", `"null"`, false},
		{"$.list", "len", `2`, true},
		{"$.list", "len", `1`, false},
		{"$.missing", "len", `0`, true},
		{"$.nothing", "len", `0`, true},
		{"$.missing", "len", `1`, false},
		{"$.text", "len", `5`, false},
		{"$.hollow", "len", `0`, false},
		{"$.list", "lenGte", `2`, true},
		{"$.list", "lenGte", `3`, false},
		{"$.missing", "lenGte", `0`, false},
		{"$.text", "lenGte", `0`, false},
		{"$.emails[?(@.type=='home')]", "count", `2`, true},
		{"$.emails[?(@.type=='home')]", "count", `1`, false},
		{"$.emails[?(@.type=='other')]", "count", `0`, true},
		{"$.emails[?(@.primary==true)]", "count", `1`, true},
		{"$.emails[?(@.primary==false)]", "count", `1`, true},
		{"$.list", "contains", `"a"`, true},
		{"$.list", "contains", `"c"`, false},
		{"$.text", "contains", `"ell"`, true},
		{"$.text", "contains", `1`, false},
		{"$.filledValue", "contains", `"value"`, true},
		{"$.filledValue", "contains", `"x"`, false},
		{"$.missing", "contains", `"a"`, false},
		{"$.one", "contains", `1`, false},
		{"$.list", "notContains", `"c"`, true},
		{"$.list", "notContains", `"a"`, false},
		{"$.missing", "notContains", `"a"`, true},
		{"$.emails[?(@.type=='home')].value", "notContains", `"x"`, false},
		{"$.text", "matches", `"^he"`, true},
		{"$.text", "matches", `"^el"`, false},
		{"$.one", "matches", `"1"`, false},
		{"$.missing", "matches", `"."`, false},
		{"$.text", "notMatches", `"^el"`, true},
		{"$.text", "notMatches", `"^he"`, false},
		{"$.missing", "notMatches", `"."`, true},
		{"$.one", "gte", `1`, true},
		{"$.one", "gte", `2`, false},
		{"$.text", "gte", `0`, false},
		{"$.missing", "gte", `0`, false},
		{"$.pair", "eqPath", `"$.list.length"`, true},
		{"$.one", "eqPath", `"$.list.length"`, false},
		{"$.missing", "eqPath", `"$.alsoMissing"`, false},
		{"$.text", "eqOrAbsent", `"hello"`, true},
		{"$.missing", "eqOrAbsent", `"hello"`, true},
		{"$.text", "eqOrAbsent", `"other"`, false},
		{"$.nothing", "eqOrAbsent", `"other"`, false},
		{"$.emails", "noNull", ``, true},
		{"$.withNull", "noNull", ``, false},
		{"$", "noNull", ``, false},
		{"$.missing", "noNull", ``, false},
		{"$['urn:x'].deep", "eq", `"d"`, true},
		{"$.list[1]", "eq", `"b"`, true},
		{"$.list[2]", "exists", ``, false},
		{"$.text.length", "exists", ``, false},
		{"ETag", "eq", `"W/\"1\""`, true},
		{"etag", "matches", `"^W/"`, true},
		{"Location", "absent", ``, true},
		{"Location", "eq", `""`, false},
	} {
		a := Assertion{Op: tt.op, Value: decode([]byte(tt.value))}
		if tt.path[0] == '$' {
			a.Path = tt.path
		} else {
			a.Header = tt.path
		}
		if got, err := a.holds(r); got != tt.want || err != nil {
			t.Errorf("%s %s %s: %v, %v, want %v", tt.path, tt.op, tt.value, got, err, tt.want)
		}
	}
}

func TestPathOfNoBody(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"a": 1} x`, `{"a":`} {
		if got, err := nodes(decode([]byte(body)), "$"); len(got) != 0 || err != nil {
			t.Errorf("%q: %v, %v", body, got, err)
		}
	}
}

func TestPathErrors(t *testing.T) {
	for _, path := range []string{"", "a", "$a", "$.a[x]", "$.a[?(@.b=1)]", "$..a"} {
		if _, err := parsePath(path); err == nil {
			t.Errorf("%q: no error", path)
		}
	}
}
