package sqlfilter_test

import (
	"testing"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/schema"
)

type resource struct{ doc *document.Doc }

func (r resource) Document() *document.Doc { return r.doc }

func read(t testing.TB, body string) resource {
	t.Helper()
	tree := document.NewTree(userType.Model())
	if err := tree.Parse([]byte(body), &document.Options{Trusted: true, DropRefs: true}); err != nil {
		t.Fatal(err)
	}
	return resource{tree.Doc()}
}

func TestKeys(t *testing.T) {
	const body = `{"userName":"MIRA","password":"x","photos":[{"value":"https://a/B"}],"groups":[{"value":"G","$ref":"../Groups/G"}]}`
	for _, test := range []struct {
		omit []string
		want string
	}{
		{nil, `{"userName":"mira","photos":[{"value":"https://a/B"}],"groups":[{"value":"G"}]}`},
		{[]string{"photos", "groups", "nobody"}, `{"userName":"mira"}`},
		{[]string{"photos.value", "groups"}, `{"userName":"mira","photos":[{}]}`},
	} {
		if got := sqlfilter.Keys(read(t, body), test.omit...); string(got) != test.want {
			t.Errorf("without %q: %s, want %s", test.omit, got, test.want)
		}
	}
	if got := sqlfilter.Keys(resource{}); string(got) != "{}" {
		t.Errorf("no document: %s", got)
	}
}

func TestKeyOf(t *testing.T) {
	for _, test := range []struct{ path, value, want string }{
		{"userName", "Straße", "strasse"},
		{"USERNAME", "İ", "i\u0307"},
		{"externalId", "e\u0301A", "éA"},
		{`emails[type eq "work"].value`, "A@B", "a@b"},
		{"emails.value", "A@B", "a@b"},
		{"active", "true", "true"},
		{"meta.created", "1970-01-01T02:00:00.50+02:00", "40000062162035200.5"},
		{enterprise + ":department", "Ünï", "ünï"},
	} {
		got, err := sqlfilter.KeyOf(userType, test.path, test.value)
		if err != nil || got != test.want {
			t.Errorf("%s %q: %q, %v, want %q", test.path, test.value, got, err, test.want)
		}
	}
	for _, test := range [][2]string{
		{"nobody", "x"}, {"name", "x"}, {"active", "yes"}, {"meta.created", "today"}, {"a b", "x"}, {`emails[type eq "work"].x`, "x"}, {enterprise, "x"},
	} {
		if got, err := sqlfilter.KeyOf(userType, test[0], test[1]); err == nil {
			t.Errorf("%s %q: %q, no error", test[0], test[1], got)
		}
	}
	if _, err := sqlfilter.KeyOf(&schema.ResourceType{}, "userName", "x"); err == nil {
		t.Error("an invalid resource type: no error")
	}
}
