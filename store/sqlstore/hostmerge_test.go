package sqlstore

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// restHost is a mapping with a Rest, without a database.
func restHost(t testing.TB) (*host, *handler) {
	t.Helper()
	l, err := newLayout(schema.UserType())
	if err != nil {
		t.Fatal(err)
	}
	text := catalogColumn{typ: "text", category: "S"}
	o := &host{layout: l, dialect: sqlOf{PostgreSQL}, info: &catalog{table: "users", columns: map[string]catalogColumn{"email": text, "first_name": text}},
		Table: Table{Name: "users", Rest: "extra", Columns: map[string]Column{
			"userName": {Name: "email"}, `emails[type eq "work"].value`: {Name: "email"}, "name.givenName": {Name: "first_name"}}}}
	for _, path := range o.paths() {
		m, err := o.newColumn(path, o.Columns[path])
		if err != nil {
			t.Fatal(err)
		}
		o.take(m)
	}
	o.elsewhereThanRest()
	return o, &handler{kind: &kind{layout: l, place: o}}
}

// own are the members of the application's in an object, as they stand there.
func (o *host) own(v document.Value) (list []string) {
	it := v.Members()
	for key, value, ok := it.Next(); ok; key, value, ok = it.Next() {
		if o.attributeOf(model.Root, key) == nil {
			list = append(list, string(key.Raw())+":"+string(value.Raw()))
		}
	}
	return list
}

// FuzzRest: whatever the column holds, what clients see of it is a resource; what a
// resource becomes in it is that resource when it is read again; and what is the
// application's stays.
func FuzzRest(f *testing.F) {
	for _, text := range []string{
		``, `null`, `{}`, `[]`, `{"title":"a"}`, `{"title":5,"Title":"x","title":"y"}`, `{"theme":"dark","name":{"givenName":"x","nick":1,"honorificPrefix":"Dr."}}`,
		`{"emails":[{"type":"work","value":"x","since":1},{"type":"home","value":"y","primary":true,"primary":false},7,{}]}`, `{"emails":{"value":"x"},"active":"true"}`,
		`{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"1","$ref":"x","displayName":"y"},"department":"a\u0000b"}}`,
		`{"title":"\ud800","nickName":"\u00e9\/","id":"1","schemas":[],"meta":{"version":"1"},"password":"x","groups":[{"value":"1"}]}`, `{"x509Certificates":[{"value":"AA=="},{"value":"AA=="}]} `,
	} {
		for _, sent := range []string{`{}`, `{"title":"b","emails":[{"type":"work","display":"d"},{"type":"home","value":"y","primary":true}]}`, text} {
			f.Add(text, sent)
		}
	}
	o, h := restHost(f)
	f.Fuzz(func(t *testing.T, text, sent string) {
		before, err := o.visible(h, nil, text)
		if err != nil {
			t.Fatalf("clients cannot see %q: %v", text, err)
		}
		if got := o.restOf(h, before.Document()); !json.Valid(got.Raw()) {
			t.Fatalf("what they see is %s", got.Raw())
		}
		v, _ := object(sent)
		r, err := scim.ParseResource(h.rt, o.known(nil, v, document.Value{}, model.Root))
		if err != nil {
			t.Fatal(err)
		}
		held, ok := object(text)
		next, changed, err := o.newRest(h, text, r.Document())
		if (err != nil) != (!ok && changedRest(o, h, before, r)) {
			t.Fatalf("the error is %v", err)
		}
		if err != nil || !changed {
			return
		}
		after, err := o.visible(h, nil, next)
		if err != nil {
			t.Fatal(err)
		}
		if changedRest(o, h, after, r) {
			t.Errorf("%s became %s in %q, and then %s", r.JSON(), next, text, after.JSON())
		}
		now, ok := object(next)
		if got, want := o.own(now), o.own(held); !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is left in %s, want %s", got, next, want)
		}
	})
}

// changedRest tells whether two resources differ in what Table.Rest has.
func changedRest(o *host, h *handler, a, b *scim.Resource) bool {
	return string(o.restOf(h, a.Document()).Raw()) != string(o.restOf(h, b.Document()).Raw())
}
