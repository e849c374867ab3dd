package patch

import (
	"bytes"
	"errors"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// stored are the resources that FuzzPatch changes.
func stored(t testing.TB) []*document.Doc {
	return []*document.Doc{
		load(t, userType, `{"id":"1","userName":"a","name":{"givenName":"G"},"active":true,`+twoEmails+`,`+manager+`,"groups":[{"value":"g"}],"meta":{"resourceType":"User","version":"W/\"1\""}}`),
		load(t, userType, `{"userName":"a","addresses":[{"locality":"L","primary":true},{"type":"work","country":"US"}],"colour":"red"}`),
		load(t, groupType, `{"displayName":"G",`+twoMembers+`}`),
		load(t, deviceType, `{"userName":"a",`+device+`,"tags":["a","b"],"serial":"s","place":{"room":"r"},"ports":[1],"model":{"name":"n","year":"1","colours":["red"]}}`),
	}
}

func fuzzOptions(mode uint8) Options {
	o := strict()
	if mode&1 != 0 {
		o = options(everything())
	}
	o.Values.Unknown = document.UnknownPolicy(mode >> 1 % 3)
	o.Values.DropRefs = mode&8 != 0
	return o
}

// FuzzPatch checks that a PATCH never panics, that it leaves the stored
// resource as it is, that its result is a resource of the schema which can be
// read again and is the same then, and that it does the same once more.
func FuzzPatch(f *testing.F) {
	for _, c := range examples(f) {
		f.Add([]byte(c.Request), uint8(0), uint8(0))
		f.Add([]byte(c.Request), uint8(1), uint8(7))
		f.Add([]byte(c.Request), uint8(2), uint8(5))
	}
	f.Add([]byte(message(`[{"op":"add","value":{"emails[type eq \"a\"].value":"x","colour":{"a":[1]}}},{"op":"remove","path":"tags[value eq \"b\"]"}]`)), uint8(3), uint8(5))
	docs := stored(f)
	f.Fuzz(func(t *testing.T, body []byte, which, mode uint8) {
		before := docs[int(which)%len(docs)]
		text := string(before.Bytes())
		r, err := Parse(body, before.Type(), fuzzOptions(mode))
		var after *document.Doc
		var changed bool
		tree := document.NewTree(before.Type())
		if err == nil {
			after, changed, err = r.Edit(tree, before)
		}
		if string(before.Bytes()) != text {
			t.Fatal("the stored resource has changed")
		}
		if err != nil {
			checkError(t, err)
			return
		}
		if changed == after.Equal(before) {
			t.Fatalf("changed is %t", changed)
		}
		checkResult(t, before, after)
		again, _, err := r.Edit(tree, before)
		if err != nil || !again.Equal(after) {
			t.Fatalf("the second time: %v\n%s\n%s", err, again.Bytes(), after.Bytes())
		}
		checkSplit(t, r, before)
	})
}

func checkError(t *testing.T, err error) {
	var pe *Error
	if !errors.As(err, &pe) || pe.Type == "" || pe.Detail == "" || len(err.Error()) > 2000 {
		t.Fatalf("%T: %v", err, err)
	}
}

// checkResult reads the result as a store would, and as a client could send it.
func checkResult(t *testing.T, before, after *document.Doc) {
	tree := document.NewTree(after.Type())
	tree.Load(after)
	if err := tree.Finish(nil); err != nil {
		t.Fatalf("%s: %v", after.Bytes(), err)
	}
	if d := tree.Doc(); !d.Equal(after) {
		t.Fatalf("read again:\n%s\nwas\n%s", d.Bytes(), after.Bytes())
	}
	for _, id := range []model.ID{model.IDAttr, after.Type().Meta} {
		v, _ := before.Get(id)
		if w, _ := after.Get(id); !bytes.Equal(v.Raw(), w.Raw()) {
			t.Fatalf("%s has changed: %s", after.Type().Attr(id).Path, w.Raw())
		}
	}
	strictly := document.NewTree(after.Type())
	if err := strictly.Parse(after.Bytes(), &document.Options{Unknown: document.KeepUnknown}); err != nil {
		t.Fatalf("as a request: %s: %v", after.Bytes(), err)
	}
}

// checkSplit takes a delta and the rest for the whole.
func checkSplit(t *testing.T, r *Request, before *document.Doc) {
	list := List(before.Type())
	d, rest, ok := r.Split(list)
	if !ok || d == nil {
		return
	}
	if _, _, err := rest.Edit(document.NewTree(before.Type()), before.Without(list)); err != nil {
		t.Fatalf("the rest: %v", err)
	}
	seen := map[string]bool{}
	for _, m := range d.Add {
		if m.Value == "" || seen[m.Value] {
			t.Fatalf("%q is added twice, or nothing", m.Value)
		}
		seen[m.Value] = true
	}
	for _, id := range d.Remove {
		if seen[id] || d.Replace {
			t.Fatalf("%q is removed besides", id)
		}
		seen[id] = true
	}
}

// FuzzParseRequest checks that no body panics, and that an error is one for
// the client.
func FuzzParseRequest(f *testing.F) {
	for _, c := range examples(f) {
		f.Add([]byte(c.Request), uint8(0))
		f.Add([]byte(c.Request), uint8(1))
	}
	f.Add([]byte(`{"op":"add","path":"/title","value":"a"}`), uint8(1))
	f.Add([]byte(`{"schemas":["urn:scim:schemas:core:1.0"],"members":[{"value":"a","operation":"delete"},{}]}`), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, mode uint8) {
		for _, typ := range []*model.Type{userType, groupType} {
			if _, err := Parse(body, typ, fuzzOptions(mode)); err != nil {
				checkError(t, err)
			}
		}
	})
}
