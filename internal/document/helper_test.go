package document_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

var (
	userType  = schema.UserType().Model()
	groupType = schema.GroupType().Model()
)

// limits are the defaults of a service provider.
var limits = Limits{
	Depth: 32, Nodes: 250_000, String: 8 << 10, LongString: 64 << 10, Number: 64,
	Elements: 1000, Members: 20_000, Label: 512, UserName: 320,
}

// customType has an attribute of each data type, single and multi-valued, and
// an extension that requires an attribute.
var customType = (&schema.ResourceType{
	Name: "Thing", Endpoint: "/Things",
	Schema: &schema.Schema{ID: "urn:example:Thing", Name: "Thing", Attributes: []schema.Attribute{
		{Name: "text"},
		{Name: "texts", MultiValued: true},
		{Name: "flag", Type: schema.Boolean},
		{Name: "flags", Type: schema.Boolean, MultiValued: true},
		{Name: "ratio", Type: schema.Decimal},
		{Name: "count", Type: schema.Integer},
		{Name: "counts", Type: schema.Integer, MultiValued: true},
		{Name: "when", Type: schema.DateTime},
		{Name: "blob", Type: schema.Binary},
		{Name: "link", Type: schema.Reference, ReferenceTypes: []string{"external"}},
		{Name: "computed", Mutability: schema.ReadOnly},
		{Name: "must", Required: true},
		{Name: "box", Type: schema.Complex, SubAttributes: []schema.Attribute{
			{Name: "label", Required: true},
			{Name: "notes", MultiValued: true},
			{Name: "owner", Mutability: schema.ReadOnly},
		}},
		{Name: "parts", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "value", Required: true},
			{Name: "type"},
			{Name: "size", Type: schema.Integer},
			{Name: "primary", Type: schema.Boolean},
		}},
	}},
	Extensions: []schema.Extension{{Schema: &schema.Schema{
		ID: "urn:example:Extra", Name: "Extra",
		Attributes: []schema.Attribute{{Name: "level", Type: schema.Integer}, {Name: "nick"}},
	}}},
}).Model()

// read parses body and gives the canonical text.
func read(t *testing.T, typ *model.Type, body string, o Options) (string, error) {
	t.Helper()
	tree := NewTree(typ)
	if err := tree.Parse([]byte(body), &o); err != nil {
		return "", err
	}
	return string(tree.Doc().Bytes()), nil
}

// create does with body what a POST does.
func create(typ *model.Type, body string, o Options) (*Doc, error) {
	tree := NewTree(typ)
	if err := tree.Parse([]byte(body), &o); err != nil {
		return nil, err
	}
	if err := tree.CheckSchemas(o.Log, nil); err != nil {
		return nil, err
	}
	if err := tree.Finish(o.Log); err != nil {
		return nil, err
	}
	return tree.Doc(), nil
}

// problem checks an error against "type path: detail", where the detail is a
// part of the error's.
func problem(t *testing.T, err error, want string) {
	t.Helper()
	var e *Error
	switch {
	case want == "" && err != nil:
		t.Errorf("error %v", err)
	case want == "":
	case !errors.As(err, &e):
		t.Errorf("no error, want %s", want)
	default:
		if got := e.Type + " " + e.Path + ": " + e.Detail; !strings.HasPrefix(got, want[:strings.Index(want, ": ")+2]) ||
			!strings.Contains(e.Detail, want[strings.Index(want, ": ")+2:]) {
			t.Errorf("error  %s\nwant   %s", got, want)
		}
	}
}

func logOf(ids ...quirk.ID) *quirk.Log { return &quirk.Log{Allowed: quirk.Of(ids...)} }

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func get(t testing.TB, d *Doc, path ...string) Value {
	t.Helper()
	id := model.Root
	for _, name := range path {
		if id = d.Type().SubString(id, name); id == model.None {
			t.Fatalf("no attribute %q", path)
		}
	}
	v, _ := d.Get(id)
	return v
}

// quirks allows quirks and names those that were used.
type quirks struct{ l *quirk.Log }

func (s *quirks) log(ids ...quirk.ID) *quirk.Log {
	s.l = logOf(ids...)
	return s.l
}

func (s *quirks) used() string {
	var names []string
	for q := range s.l.Used.All {
		names = append(names, q.String())
	}
	return strings.Join(names, " ")
}
