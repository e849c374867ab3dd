package document_test

import (
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// FuzzParse reads a user, or a resource with all data types. What is accepted has a canonical form that another
// decoder reads the same, and that stays the same when it is read again.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"post.json", "rfc7643/user-full.json", "rfc7643/user-enterprise.json"} {
		for mode := range byte(12) {
			f.Add(mode, testdata(f, file))
		}
	}
	for i, d := range trickyDocuments() {
		name := []string{"x", "emails"}[i%2]
		if len(d.text) < 300 {
			f.Add(byte(i/2), []byte(`{"userName":"mira","`+name+`":`+d.text+`}`))
		}
	}
	for _, body := range []string{
		`{"active":"False","emails":"a","name":[{"givenName":""}]}`, `{"EMAILS":[{"VALUE":"","TYPE":"work"},"b"]}`,
		`{"` + enterpriseURN + `":{"manager":"m-1","x":{}},"y":[ 1 , {"b" : "\u00e9\/", "a":null}]}`,
		`{"photos":[{"value":"http://a/%20"}],"x509Certificates":[{"value":"AA=="}],"meta":{"created":"2011-05-13T04:42:34Z"}}`,
	} {
		for mode := range byte(12) {
			f.Add(mode, []byte(body))
		}
	}
	for mode := range byte(24) {
		f.Add(mode, []byte(`{"texts":["a","","a"],"flags":[true,"False"],"ratio":-1.50e+7,"counts":[1,2],"when":"2011-05-13T24:00:00","blob":"QQ==","link":"../a",`+
			`"computed":1,"must":["x"],"box":{"label":"","notes":"n"},"parts":["p",{"value":"p"},{"type":"t","value":""}],"urn:example:Extra":{"level":7}}`))
	}
	f.Fuzz(func(t *testing.T, mode byte, body []byte) { checkParse(t, mode, body) })
}

func TestParseSeeds(t *testing.T) {
	for mode := range byte(12) {
		for _, file := range []string{"post.json", "rfc7643/user-full.json", "rfc7643/user-enterprise.json"} {
			checkParse(t, mode, testdata(t, file))
		}
		for _, d := range trickyDocuments() {
			if len(d.text) < 5000 {
				checkParse(t, mode, []byte(`{"userName":"mira","x":`+d.text+`,"emails":`+d.text+`}`))
			}
		}
	}
}

// options takes the policies from mode: unknown attributes, tolerance, trust.
func options(mode byte) *Options {
	o := &Options{Limits: limits, Unknown: UnknownPolicy(mode % 3), Trusted: mode/6%2 == 1}
	if mode/3%2 == 1 {
		o.Log = &quirk.Log{Allowed: tolerant}
	}
	return o
}

func checkParse(t *testing.T, mode byte, body []byte) {
	t.Helper()
	o, typ := options(mode), userType
	if mode/12%2 == 1 {
		typ = customType
	}
	tree := NewTree(typ)
	if err := tree.Parse(body, o); err != nil {
		wellFormed(t, err)
		return
	}
	if !jsontext.Value(body).IsValid() {
		t.Fatalf("accepted what the other decoder refuses: %q", body)
	}
	doc := tree.Doc()
	if !jsontext.Value(doc.Bytes()).IsValid() {
		t.Fatalf("%q became %q", body, doc.Bytes())
	}
	again := NewTree(typ)
	if err := again.Parse(doc.Bytes(), options(mode)); err != nil {
		t.Fatalf("%q became %q: %v", body, doc.Bytes(), err)
	}
	if second := again.Doc(); !second.Equal(doc) {
		t.Fatalf("%q became %q and then %q", body, doc.Bytes(), second.Bytes())
	}
	again.Reset(typ)
	if again.Load(doc); !again.Doc().Equal(doc) {
		t.Fatalf("%q became %q and then %q", body, doc.Bytes(), again.Doc().Bytes())
	}
	reads(t, doc)
	keeps(t, body, doc)
	_ = tree.CheckSchemas(o.Log, nil)
	if tree.Finish(o.Log) == nil && !jsontext.Value(tree.Doc().Bytes()).IsValid() {
		t.Fatalf("%q was finished as %q", body, tree.Doc().Bytes())
	}
}

// membersOf reads an object with the other decoder.
func membersOf(t *testing.T, text []byte) (m map[string]jsontext.Value) {
	t.Helper()
	if err := jsonv2.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return m
}

// reads compares Get of every attribute with the other decoder's reading.
func reads(t *testing.T, doc *Doc) {
	t.Helper()
	typ := doc.Type()
	var walk func(parent model.ID, m map[string]jsontext.Value)
	walk = func(parent model.ID, m map[string]jsontext.Value) {
		for id := parent + 1; id < typ.Attrs[parent].End; id = typ.Attrs[id].End {
			want, there := m[typ.Attrs[id].Name]
			v, ok := doc.Get(id)
			if ok != there || string(v.Raw()) != string(want) {
				t.Fatalf("Get(%s): %q, want %q, of %q", typ.Attrs[id].Path, v.Raw(), want, doc.Bytes())
			}
			if v.Kind() == Object {
				walk(id, membersOf(t, want))
			}
		}
	}
	walk(model.Root, membersOf(t, doc.Bytes()))
}

// keeps compares single-valued strings with the other decoder's reading of
// what the client sent.
func keeps(t *testing.T, body []byte, doc *Doc) {
	t.Helper()
	typ := doc.Type()
	for name, sent := range membersOf(t, body) {
		id := typ.SubString(model.Root, name)
		if sent.Kind() != '"' || id == model.None || typ.Attrs[id].Multi || typ.Attrs[id].Kind != model.String {
			continue
		}
		want, err := jsontext.AppendUnquote(nil, sent)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := doc.Get(id)
		if ok && v.String() != string(want) || !ok && len(want) > 0 && typ.Attrs[id].Mutability != model.ReadOnly {
			t.Errorf("%s: %q, want %q", name, v.String(), want)
		}
	}
}
