package filter

import (
	"strings"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// A BindError tells why a filter, a path or a sort key does not fit a resource
// type. The answer to the client is 400 with invalidFilter, invalidPath or
// invalidValue (RFC 7644 table 9).
type BindError struct {
	Attr string // the attribute as it was written
	Msg  string // what is wrong with it, for the client
}

func (e *BindError) Error() string {
	if e.Attr == "" {
		return e.Msg
	}
	return e.Attr + ": " + e.Msg
}

// Resolve finds the attribute that p names (RFC 7644 section 3.10): below
// parent, which is model.Root or the attribute of a value path. The URN of a
// schema alone gives the extension's container, or model.Root for the core
// schema. It is for the packages of this module; log tells which deviations to
// take. An error is a *BindError.
func Resolve(p AttrPath, t *model.Type, parent model.ID, log *quirk.Log) (model.ID, error) {
	r := resolver{t, log, p}
	switch {
	case p.URN == "":
		return r.below(parent, p.Name, p.Sub)
	case parent != model.Root:
		return model.None, r.fail("between brackets, sub-attributes stand without a schema URI")
	}
	container, rest, sep, ok := t.SplitURN(p.String())
	if !ok {
		return model.None, r.fail("the resource type %s has no schema of this name", t.Name)
	}
	if rest == "" {
		return container, nil
	}
	if sep == '.' && !log.Try(quirk.URNDot) {
		return model.None, r.fail("a colon is expected between schema URI and attribute, not a dot")
	}
	name, sub, _ := strings.Cut(rest, ".")
	return r.below(container, name, sub)
}

type resolver struct {
	t    *model.Type
	log  *quirk.Log
	path AttrPath
}

func (r *resolver) fail(format string, args ...any) error {
	return bindErrorf(r.path.String(), format, args...)
}

// below finds name, or name.sub, below parent.
func (r *resolver) below(parent model.ID, name, sub string) (model.ID, error) {
	id := r.t.SubString(parent, name)
	p := r.t.Attr(parent)
	switch {
	case id != model.None:
	case parent == model.Root && r.path.URN == "":
		if id = r.t.InOneExtension(name); id == model.None || !r.log.Try(quirk.ShortName) {
			return model.None, r.unknown(id)
		}
	case p.Multi && p.Kind != model.Complex && model.EqualFold(name, "value"):
		// The elements of a simple attribute go by the name of value.
		id = parent
	case parent == model.Root:
		return model.None, r.unknown(model.None)
	default:
		return model.None, r.fail("%s has no such sub-attribute", p.Path)
	}
	if sub == "" {
		return id, nil
	}
	a := r.t.Attr(id)
	if id == parent || a.Kind != model.Complex {
		return model.None, r.fail("%s is not complex and has no sub-attributes", a.Path)
	}
	if id = r.t.SubString(id, sub); id == model.None {
		return model.None, r.fail("%s has no such sub-attribute", a.Path)
	}
	return id, nil
}

func (r *resolver) unknown(inExtension model.ID) error {
	if inExtension != model.None {
		return r.fail("the attribute is written %s", r.t.Attr(inExtension).Path)
	}
	return r.fail("the resource type %s has no such attribute", r.t.Name)
}

// canonical is the path of attribute id in the spelling of the schema, seen
// from parent.
func canonical(t *model.Type, parent, id model.ID) AttrPath {
	a := t.Attr(id)
	if id == parent {
		return AttrPath{Name: "value"}
	}
	if a.Extension {
		return AttrPath{URN: a.Name}
	}
	if a.Parent == parent {
		return AttrPath{Name: a.Name}
	}
	p := canonical(t, parent, a.Parent)
	if p.Name == "" {
		p.Name = a.Name
	} else {
		p.Sub = a.Name
	}
	return p
}
