package patch

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
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

// limits are those of scim's defaults.
var limits = document.Limits{
	Depth: 32, Nodes: 250_000, String: 8 << 10, LongString: 64 << 10, Number: 64,
	Elements: 1000, Members: 20_000, Label: 512, UserName: 320,
}

// off are the quirks that no preset allows.
var off = quirk.Of(quirk.PatchBare, quirk.Scim11Members, quirk.LeadingSlash)

func everything() quirk.Set {
	var s quirk.Set
	for q := range quirk.All() {
		s |= quirk.Of(q)
	}
	return s
}

func strict(allowed ...quirk.ID) Options { return options(quirk.Of(allowed...)) }

func tolerant() Options { return options(everything() &^ off) }

func options(allowed quirk.Set) Options {
	return Options{Values: document.Options{Limits: limits, Log: &quirk.Log{Allowed: allowed}}}
}

// load makes a stored resource.
func load(t testing.TB, typ *model.Type, text string) *document.Doc {
	t.Helper()
	tree := document.NewTree(typ)
	if err := tree.Parse([]byte(text), &document.Options{Trusted: true, Unknown: document.KeepUnknown}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	tree.Settle()
	return tree.Doc()
}

// send applies the message body to before.
func send(before *document.Doc, body string, o Options) (*document.Doc, bool, error) {
	r, err := Parse([]byte(body), before.Type(), o)
	if err != nil {
		return nil, false, err
	}
	return r.Edit(document.NewTree(before.Type()), before)
}

// message makes a PATCH message of operations.
func message(operations string) string {
	return `{"schemas":["` + Schema + `"],"Operations":` + operations + `}`
}

// scimType is the scimType of err, "" for none, and the text of any other error.
func scimType(err error) string {
	var pe *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &pe):
		return pe.Type
	}
	return err.Error()
}

func decode(t testing.TB, data []byte) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return v
}
