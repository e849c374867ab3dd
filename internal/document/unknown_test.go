package document_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/quirk"
)

// TestUnknown has attributes that the schema does not have: at the top, inside
// a complex attribute, inside an element and inside an extension.
func TestUnknown(t *testing.T) {
	for _, tt := range []struct{ body, ignore, reject, keep string }{
		{`{"userName":"a","foo":1}`, `{"userName":"a"}`, `: the schema has no attribute "foo"`, `{"userName":"a","foo":1}`},
		{`{"foo":1,"userName":"a"}`, `{"userName":"a"}`, `: the schema has no attribute "foo"`, `{"userName":"a","foo":1}`},
		{`{"name":{"foo":{"b" : [ 1 , "\u00e9\/\n" ]},"givenName":"a"}}`, `{"name":{"givenName":"a"}}`, `name: the schema has no attribute "foo"`,
			`{"name":{"givenName":"a","foo":{"b":[1,"é/\n"]}}}`},
		{`{"emails":[{"foo":true,"value":"a"},{"value":"b"}]}`, `{"emails":[{"value":"a"},{"value":"b"}]}`, `emails: the schema has no attribute "foo"`,
			`{"emails":[{"value":"a","foo":true},{"value":"b"}]}`},
		{enterprise(`"foo":"x","department":"a"`), enterprise(`"department":"a"`), enterpriseURN + `: the schema has no attribute "foo"`,
			enterprise(`"department":"a","foo":"x"`)},
		{enterprise(`"foo":"x"`), `{}`, enterpriseURN + `: the schema has no attribute "foo"`, enterprise(`"foo":"x"`)},
		{`{"urn:example:2.0:None":{"a":1},"title":"b"}`, `{"title":"b"}`, `: the schema has no attribute "urn:example:2.0:None"`,
			`{"title":"b","urn:example:2.0:None":{"a":1}}`},
		{`{"z":1,"b":2,"M":3,"a":4}`, `{}`, `: the schema has no attribute "z"`, `{"a":4,"b":2,"M":3,"z":1}`},
		{`{"foo":null,"bar":[],"baz":{ }}`, `{}`, `: the schema has no attribute "foo"`, `{}`},
		{`{"foo":[null],"bar":{"a":null},"baz":""}`, `{}`, `: the schema has no attribute "foo"`, `{"bar":{"a":null},"baz":"","foo":[null]}`},
		{`{"\u0066o\"o\n":"\u0041\\","x":"\ud83d\ude00"}`, `{}`, `: the schema has no attribute "fo\"o\n"`, `{"fo\"o\n":"A\\","x":"😀"}`},
		{`{"":1}`, `{}`, `: the schema has no attribute ""`, `{"":1}`},
		{`{"ſchemas":["a"]}`, `{}`, `: the schema has no attribute "ſchemas"`, `{"ſchemas":["a"]}`},
		{`{"user name":1,"userName ":2}`, `{}`, `: the schema has no attribute "user name"`, `{"user name":1,"userName ":2}`},
		{`{"名前":1e2,"é":-0.10}`, `{}`, `: the schema has no attribute "名前"`, `{"é":-0.10,"名前":1e2}`},
		{`{"schemas ":1,"meta":{"foo":1}}`, `{}`, `: the schema has no attribute "schemas "`, `{"schemas ":1}`},
		{`{"a` + strings.Repeat("é", 100) + `":1}`, `{}`, `: the schema has no attribute "a` + strings.Repeat("é", 49) + `"…`, `{"a` + strings.Repeat("é", 100) + `":1}`},
		{`{"x":{"a":[{"b":{"c":"d"}}],"k":{"K":1}}}`, `{}`, `: the schema has no attribute "x"`, `{"x":{"a":[{"b":{"c":"d"}}],"k":{"K":1}}}`},
	} {
		for policy, want := range map[UnknownPolicy]string{IgnoreUnknown: tt.ignore, RejectUnknown: "invalidSyntax " + tt.reject, KeepUnknown: tt.keep} {
			var q quirks
			got, err := read(t, userType, tt.body, Options{Unknown: policy, Log: q.log()})
			if policy == RejectUnknown {
				problem(t, err, want)
				continue
			}
			if err != nil || got != want {
				t.Errorf("%s\nis   %s %v\nwant %s", tt.body, got, err, want)
			}
			if noted := q.l.Used.Has(quirk.UnknownAttribute); noted != (policy == IgnoreUnknown || strings.Contains(want, "foo") || got != "{}") {
				t.Errorf("%s: noted %v", tt.body, noted)
			}
		}
	}
}

// TestUnknownAccess reaches kept attributes through the tree and the document.
func TestUnknownAccess(t *testing.T) {
	tree := NewTree(userType)
	if err := tree.Parse([]byte(`{"x\n":{"a":1},"title":"t","b":[1]}`), &Options{Unknown: KeepUnknown}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for n := tree.First(tree.Root()); n != NoNode; n = tree.Next(n) {
		got = append(got, string(tree.Value(n).Raw()), string(tree.Leaf(n).Raw()))
	}
	doc := tree.Doc()
	for _, s := range doc.Segs() {
		got = append(got, string(doc.Bytes()[s.Key:s.Start]), string(doc.Slice(s).Raw()))
	}
	want := []string{`"t"`, `"t"`, `[1]`, `[1]`, `{"a":1}`, `{"a":1}`, `"title":`, `"t"`, `"b":`, `[1]`, `"x\n":`, `{"a":1}`}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := string(doc.With(userType.SubString(0, "displayName"), []byte(`"d"`)).Bytes()); got != `{"displayName":"d","title":"t","b":[1],"x\n":{"a":1}}` {
		t.Error(got)
	}
}

// TestReplaceUnknown: a partial resource replaces what is kept, not doubles it.
func TestReplaceUnknown(t *testing.T) {
	tree := NewTree(userType)
	keep := &Options{Unknown: KeepUnknown}
	if err := tree.Parse([]byte(`{"foo":1,"bar":2,"title":"a","displayName":"b"}`), keep); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ value, want string }{
		{`{"FOO":3,"title":"c"}`, `{"displayName":"b","title":"c","bar":2,"FOO":3}`},
		{`{"a":1,"nickName":"d","bar":{}}`, `{"displayName":"b","nickName":"d","title":"c","a":1,"bar":2,"FOO":3}`},
		{`{"bar":[5],"title":null}`, `{"displayName":"b","nickName":"d","title":"c","a":1,"bar":[5],"FOO":3}`},
		{`{}`, `{"displayName":"b","nickName":"d","title":"c","a":1,"bar":[5],"FOO":3}`},
	} {
		if err := tree.ParseExtension(tree.Root(), Trusted([]byte(step.value)), keep); err != nil {
			t.Fatal(err)
		}
		if got := string(tree.Doc().Bytes()); got != step.want {
			t.Errorf("%s: %s, want %s", step.value, got, step.want)
		}
	}
}

// TestCanonical: order, spelling, white space and escapes are the document's
// own, whatever the client's were.
func TestCanonical(t *testing.T) {
	for body, want := range map[string]string{
		`{"USERNAME":"a"}`: `{"userName":"a"}`,
		"{ \"meta\" : {\"VERSION\":\"1\",\"resourcetype\":\"User\"} ,\r\n\t\"active\":true,\"name\":{\"GIVENNAME\":\"b\",\"formatted\":\"c\"},\"ID\":\"i\"}": `{"id":"i","name":{"formatted":"c","givenName":"b"},"active":true,"meta":{"resourceType":"User","version":"1"}}`,
		`{"Emails":[{"Primary":true,"Type":"work","Value":"a"},{"TYPE":"home"}]}`:                                                                            `{"emails":[{"value":"a","type":"work","primary":true},{"type":"home"}]}`,
		`{"urn:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:user":{"Manager":{"VALUE":"m"},"department":"d"}}`:                                          enterprise(`"department":"d","manager":{"value":"m"}`),
		`{"title":"\u0041\u00e9\/\"\\\b\f\n\r\t\u0001\u007f\u2028\ud83d\ude00"}`:                                                                             "{\"title\":\"Aé/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f\u2028😀\"}",
		`{"\u0075serName":"a","tit\u006Ce":"b"}`:                                                                                                             `{"userName":"a","title":"b"}`,
		`{"emails":[{"value":"a"},null,{},{"value":"b","display":null}],"photos":[]}`:                                                                        `{"emails":[{"value":"a"},{"value":"b"}]}`,
	} {
		got, err := read(t, userType, body, Options{Trusted: true})
		if err != nil || got != want {
			t.Errorf("%s\nis   %s %v\nwant %s", body, got, err, want)
		}
	}
}

// TestShuffle: equal resources have equal bytes, in whatever order and case
// their names come.
func TestShuffle(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, file := range []string{"post.json", "rfc7643/user-full.json", "rfc7643/user-enterprise.json"} {
		body := strings.TrimSuffix(strings.TrimSpace(string(testdata(t, file))), "}") + `,"zebra":{"stripes":[1,2]},"Ape":"x","ö":1}`
		o := Options{Trusted: true, Unknown: KeepUnknown}
		want, err := read(t, userType, body, o)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			v, err := Scan([]byte(body), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			shuffled := string(shuffle(rnd, v, true))
			if got, err := read(t, userType, shuffled, o); err != nil || got != want {
				t.Fatalf("%s\nis   %s %v\nwant %s", shuffled, got, err, want)
			}
		}
	}
}

// shuffle writes v with the members of objects in another order, names in
// another case and white space between.
func shuffle(rnd *rand.Rand, v Value, known bool) []byte {
	var parts []string
	switch v.Kind() {
	case Object:
		for it := v.Members(); ; {
			k, m, ok := it.Next()
			if !ok {
				break
			}
			name := string(k.Raw())
			stays := strings.Contains(`"zebra" "Ape" "ö"`, name) || !known
			if !stays && rnd.IntN(2) == 0 {
				name = strings.ToUpper(name)
			}
			parts = append(parts, fmt.Sprintf("%s :%s", name, shuffle(rnd, m, !stays)))
		}
		if known {
			rnd.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		}
		return []byte("{" + strings.Join(parts, " , ") + "}")
	case Array:
		for it := v.Iter(); ; {
			e, ok := it.Next()
			if !ok {
				return []byte("[ " + strings.Join(parts, " ,\n") + " ]")
			}
			parts = append(parts, string(shuffle(rnd, e, known)))
		}
	}
	return v.Raw()
}

// TestTwice: a name may be there once, up to letter case. The
// error tells where.
func TestTwice(t *testing.T) {
	for body, want := range map[string]string{
		`{"active":false,"Active":true}`:                                           `at byte 16: the name "Active" is there twice`,
		`{"userName":"a","title":"b","userName":"c"}`:                              `at byte 28: the name "userName" is there twice`,
		`{"name":{"givenName":"a","GIVENNAME":"b"}}`:                               `at byte 25: the name "GIVENNAME" is there twice`,
		`{"emails":[{"value":"a"},{"value":"b","Value":"c"}]}`:                     `at byte 38: the name "Value" is there twice`,
		`{"` + enterpriseURN + `":{},"` + strings.ToLower(enterpriseURN) + `":{}}`: `is there twice`,
		`{"x":1,"y":2,"X":3}`:                                                      `at byte 13: the name "X" is there twice`,
		`{"id":"a","ID":"b"}`:                                                      `the name "ID" is there twice`,
		`{"x":{"y":[{"a":1,"\u0041":2}]}}`:                                         `at byte 18: the name "A" is there twice`,
		"{\"schemas\":[],\"\u017fchemas\":[]}":                                     "the name \"\u017fchemas\" is there twice",
		"{\"\u017fchemas\":[],\"schemas\":[]}":                                     `the name "schemas" is there twice`,
		"{\"nic\u212aname\":\"a\",\"nickName\":\"b\"}":                             `the name "nickName" is there twice`,
	} {
		for _, o := range []Options{{}, {Unknown: KeepUnknown}, {Trusted: true}} {
			_, err := read(t, userType, body, o)
			problem(t, err, "invalidSyntax : "+want)
		}
	}
}

// TestRepeatedElements: a value with the same type is there once (R-015,
// R-016), in short lists and in long ones.
func TestRepeatedElements(t *testing.T) {
	for _, tt := range []struct {
		body, want string
	}{
		{`{"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"},{"value":"a","type":"work","primary":true},{"value":"b"},{"value":"a"}]}`,
			`{"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"},{"value":"b"},{"value":"a"}]}`},
		{`{"emails":[{"type":"work"},{"type":"work"},{"display":"x"},{"display":"x"}]}`, `{"emails":[{"type":"work"},{"type":"work"},{"display":"x"},{"display":"x"}]}`},
		{`{"addresses":[{"locality":"a"},{"locality":"a"}]}`, `{"addresses":[{"locality":"a"},{"locality":"a"}]}`},
		{`{"emails":[{"value":"a"},{"value":"A"},{"value":"\u0061"}]}`, `{"emails":[{"value":"a"},{"value":"A"}]}`},
		{`{"schemas":["a","b","a"]}`, `{"schemas":["a","b"]}`},
	} {
		if got, err := read(t, userType, tt.body, Options{}); err != nil || got != tt.want {
			t.Errorf("%s\nis   %s %v\nwant %s", tt.body, got, err, tt.want)
		}
		// The same, behind enough others that a table is used.
		i, j := strings.Index(tt.body, "[")+1, strings.Index(tt.want, "[")+1
		more := strings.Repeat(`{"type":"x"},`, 20)
		if strings.Contains(tt.body, "schemas") {
			more = `"0","1","2","3","4","5","6","7","8",`
		}
		body, want := tt.body[:i]+more+tt.body[i:], tt.want[:j]+more+tt.want[j:]
		if got, err := read(t, userType, body, Options{}); err != nil || got != want {
			t.Errorf("%s\nis   %s %v\nwant %s", body, got, err, want)
		}
	}
	got, err := read(t, groupType, `{"members":[{"value":"a","type":"User"},{"value":"a"},{"value":"b"},{"value":"a","type":"Group"}]}`, Options{})
	if want := `{"members":[{"value":"a","type":"User"},{"value":"b"}]}`; err != nil || got != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}
