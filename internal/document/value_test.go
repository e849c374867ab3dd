package document_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		text string
		kind Kind
		s    string
	}{
		{`"a"`, String, "a"},
		{` "a\"\\\u0041\ud83d\uDE00\/\b\f\n\r\t" `, String, "a\"\\A😀/\b\f\n\r\t"},
		{`""`, String, ""},
		{`"\\"`, String, `\`},
		{"\t-1.5e3\n", Number, "-1.5e3"},
		{"true", True, "true"},
		{"false", False, "false"},
		{"null", Null, "null"},
		{` { "a" : 1 } `, Object, `{ "a" : 1 }`},
		{"[ ]", Array, "[ ]"},
		{"", Invalid, ""},
		{" ", Invalid, ""},
	} {
		v := Trusted([]byte(tt.text))
		if v.Kind() != tt.kind || v.String() != tt.s || v.IsZero() != (tt.kind == Invalid) || v.Bool() != (tt.kind == True) {
			t.Errorf("%q: kind %d, %q, zero %v, %v", tt.text, v.Kind(), v.String(), v.IsZero(), v.Bool())
		}
	}
	// What Bytes gives may be appended to without harm to the document.
	text := []byte(`["a","b"]`)
	it := Trusted(text).Iter()
	v, _ := it.Next()
	_ = append(v.Bytes(nil), "xxx"...)
	if string(text) != `["a","b"]` {
		t.Errorf("%s", text)
	}
}

// TestIter walks arrays and objects with white space, nesting, escapes and
// brackets inside strings.
func TestIter(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                    ``,
		` [ ] `:                                 ``,
		`[1]`:                                   `1`,
		"[ 1 ,\n\"a]\" , [2,[3]] , {\"b\":4} ]": `1|"a]"|[2,[3]]|{"b":4}`,
		`["\"","\\","\\\"","]",",\\\\"]`:        `"\""|"\\"|"\\\""|"]"|",\\\\"`,
		`[true,false,null,-1e5,{}]`:             `true|false|null|-1e5|{}`,
		`{}`:                                    ``,
		`"a"`:                                   ``,
		`7`:                                     ``,
		`["abcdefg\"h","abcdef\\","ééééé\"é"]`: `"abcdefg\"h"|"abcdef\\"|"ééééé\"é"`,
	} {
		var got []string
		for it := Trusted([]byte(text)).Iter(); ; {
			v, ok := it.Next()
			if !ok {
				break
			}
			got = append(got, string(v.Raw()))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s: %s, want %s", text, s, want)
		}
	}
	for text, want := range map[string]string{
		`{}`: ``, `[1]`: ``, `{ }`: ``, `{"a":1}`: `"a"=1`,
		"{ \"a\" :\n1 , \"b:\\\"\" : {\"c\":[1,\"}\"]} ,\"\":\"x\" }": `"a"=1|"b:\""={"c":[1,"}"]}|""="x"`,
	} {
		var got []string
		for it := Trusted([]byte(text)).Members(); ; {
			k, v, ok := it.Next()
			if !ok {
				break
			}
			got = append(got, string(k.Raw())+"="+string(v.Raw()))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s: %s, want %s", text, s, want)
		}
	}
}

// TestMember finds names at their own level only, and whole ones only.
func TestMember(t *testing.T) {
	value := &model.Attr{Key: `"value":`}
	for text, want := range map[string]string{
		`{"value":1}`:                               "1",
		`{"type":"work","value":"a"}`:               `"a"`,
		`{"type":{"value":1},"value":2}`:            "2",
		`{"type":{"value":1}}`:                      "",
		`{"type":["value",{"value":1}],"value":[]}`: "[]",
		`{"type":"\"value\":1","value":2}`:          "2",
		`{"a\"value":1,"value":2}`:                  "2",
		`{"a\\":"value","value":2}`:                 "2",
		`{"xvalue":1}`:                              "",
		`{"valuex":1}`:                              "",
		`{"value ":1}`:                              "",
		`{"x":"value"}`:                             "",
		`{}`:                                        "",
		`[{"value":1}]`:                             "",
		`"value"`:                                   "",
		``:                                          "",
	} {
		v, ok := Trusted([]byte(text)).Member(value)
		if string(v.Raw()) != want || ok != (want != "") {
			t.Errorf("%s: %s %v, want %s", text, v.Raw(), ok, want)
		}
	}
}

// TestAppendString writes every rune, and bytes that are none, so that another
// decoder reads the same.
func TestAppendString(t *testing.T) {
	check := func(s, want string) {
		t.Helper()
		for _, text := range [][]byte{AppendString(nil, s), AppendString(nil, []byte(s))} {
			got, err := jsontext.AppendUnquote(nil, text)
			if err != nil || string(got) != want || string(Trusted(text).String()) != want {
				t.Errorf("%q is %s, which is %q, %v", s, text, got, err)
			}
		}
	}
	for r := rune(1); r <= utf8.MaxRune; r++ {
		if r < 0x3000 || r%257 == 0 || r == utf8.MaxRune {
			if utf8.ValidRune(r) {
				check("a"+string(r), "a"+string(r))
			}
		}
	}
	check("", "")
	check("a\x00b", "a\uFFFDb")
	check("\xff", "\uFFFD")
	check("a\xc3", "a\uFFFD")
	check("\xed\xa0\x80é\xf0\x9f\x98", "\uFFFD\uFFFD\uFFFDé\uFFFD\uFFFD\uFFFD")
	check("\uFFFD", "\uFFFD")
	if got := string(AppendString(nil, "</script>&\u2028\x7f\x1f")); got != "\"</script>&\u2028\x7f\\u001f\"" {
		t.Error(got)
	}
}

func TestGet(t *testing.T) {
	doc, err := create(userType, string(testdata(t, "rfc7643/user-enterprise.json")), Options{Trusted: true})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"userName":                        `"bjensen@example.com"`,
		"name":                            `{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane","honorificPrefix":"Ms.","honorificSuffix":"III"}`,
		"name givenName":                  `"Barbara"`,
		"emails value":                    ``, // each element has one
		enterpriseURN + " manager value":  `"26118915-6090-4610-87e4-49d8ca9f808d"`,
		enterpriseURN + " employeeNumber": `"701984"`,
		"meta resourceType":               `"User"`,
		"meta location":                   ``,
		"active":                          `true`,
		"password":                        `"t1meMa$heen"`,
		"externalId":                      `"701984"`,
		"name honorificSuffix":            `"III"`,
		enterpriseURN + " manager":        `{"value":"26118915-6090-4610-87e4-49d8ca9f808d","$ref":"../Users/26118915-6090-4610-87e4-49d8ca9f808d","displayName":"John Smith"}`,
	} {
		if got := get(t, doc, strings.Split(path, " ")...); string(got.Raw()) != want {
			t.Errorf("%s: %s, want %s", path, got.Raw(), want)
		}
	}
	for _, id := range []model.ID{model.Root, model.None, 60000} {
		if v, ok := doc.Get(id); ok || !v.IsZero() {
			t.Errorf("Get(%d): %s", id, v.Raw())
		}
	}
	if allocs := testing.AllocsPerRun(10, func() {
		v, _ := doc.Get(userType.MetaVersion)
		for it := v.Iter(); ; {
			if _, ok := it.Next(); !ok {
				break
			}
		}
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestWith(t *testing.T) {
	doc, err := create(userType, `{"schemas":["`+userURN+`"],"userName":"a","emails":[{"value":"b"}]}`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := string(doc.Bytes())
	schemas := `"schemas":["` + userURN + `"]`
	id := func(name string) model.ID { return userType.SubString(model.Root, name) }
	for _, tt := range []struct {
		doc  *Doc
		want string
	}{
		{doc.With(model.IDAttr, []byte(`"i"`)), `{` + schemas + `,"id":"i","userName":"a","emails":[{"value":"b"}]}`},
		{doc.With(id("userName"), []byte(`"c"`)), `{` + schemas + `,"userName":"c","emails":[{"value":"b"}]}`},
		{doc.With(id("title"), []byte(`"c"`)), `{` + schemas + `,"userName":"a","title":"c","emails":[{"value":"b"}]}`},
		{doc.With(userType.Meta, []byte(`{}`)), `{` + schemas + `,"userName":"a","emails":[{"value":"b"}],"meta":{}}`},
		{doc.With(model.Schemas, nil), `{"userName":"a","emails":[{"value":"b"}]}`},
		{doc.Without(id("emails")), `{` + schemas + `,"userName":"a"}`},
		{doc.Without(id("title")), before},
		{doc.Without(model.Schemas).Without(id("userName")).Without(id("emails")), `{}`},
	} {
		if got := string(tt.doc.Bytes()); got != tt.want {
			t.Errorf("is   %s\nwant %s", got, tt.want)
		}
		for _, s := range tt.doc.Segs() {
			if key := string(tt.doc.Bytes()[s.Key:s.Start]); key != userType.Attrs[s.ID].Key {
				t.Errorf("key %s of %s", key, tt.doc.Bytes())
			}
			if v, ok := tt.doc.Get(s.ID); !ok || !bytes.Equal(v.Raw(), tt.doc.Slice(s).Raw()) {
				t.Errorf("%s in %s", v.Raw(), tt.doc.Bytes())
			}
		}
	}
	if string(doc.Bytes()) != before || !doc.Equal(doc.Without(id("title"))) || doc.Equal(doc.Without(id("emails"))) {
		t.Errorf("%s", doc.Bytes())
	}
}

func TestMeta(t *testing.T) {
	doc, err := create(userType, `{"schemas":["`+userURN+`"],"userName":"a"}`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 3600)
	meta := Meta{
		Created:      time.Date(2011, 5, 13, 5, 42, 34, 123456789, zone),
		LastModified: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC),
		Version:      `a"\` + "\x00é",
	}
	with := doc.WithMeta(meta)
	want := `{"resourceType":"User","created":"2011-05-13T04:42:34.123456Z","lastModified":"2012-01-01T00:00:00.000000Z","version":"W/\"a\"\\` + "\uFFFDé" + `\""}`
	if got := string(get(t, with, "meta").Raw()); got != want {
		t.Errorf("is   %s\nwant %s", got, want)
	}
	got := with.Meta()
	if !got.Created.Equal(meta.Created.Truncate(time.Microsecond)) || !got.LastModified.Equal(meta.LastModified) || got.Version != "a\"\\\uFFFDé" {
		t.Errorf("%+v", got)
	}
	if got := string(get(t, with.WithMeta(Meta{}), "meta").Raw()); got != `{"resourceType":"User"}` {
		t.Error(got)
	}
	if got := doc.Meta(); got != (Meta{}) {
		t.Errorf("%+v", got)
	}
	for tag, want := range map[string]string{
		`W/"a"`: "a", `w/"a"`: "a", `"a"`: "a", `a`: "a", `""`: "", `W/""`: "", `"`: `"`, `W/`: "W/", ``: "", `W/a`: "a", `"a"b"`: `a"b`, `*`: "*",
	} {
		if got := TagValue(tag); got != want {
			t.Errorf("TagValue(%s) = %q, want %q", tag, got, want)
		}
	}
}
