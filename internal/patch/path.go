package patch

import (
	"errors"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// errUnknown says that a path is well formed and names no attribute.
var errUnknown = &Error{Type: invalidPath, Op: noOperation}

// resolve finds what a path names (RFC 7644 section 3.5.2, figure 7).
func (p *reader) resolve(path string) (target, *Error) {
	t, err := p.find(path)
	if err == errUnknown {
		return t, p.unknownPath()
	}
	return t, err
}

func (p *reader) unknownPath() *Error {
	return p.fail(invalidPath, "resource type %s has no such attribute", p.t.Name)
}

// find is resolve that gives errUnknown for attributes that are not there.
func (p *reader) find(path string) (target, *Error) {
	none := target{attr: model.None, sub: model.None}
	if max := p.opts.Limits.PathBytes; len(path) > max {
		return none, p.fail(invalidPath, "the path is longer than the limit of %d bytes", max)
	}
	if path[0] == '/' && p.log.Try(quirk.LeadingSlash) {
		path = path[1:]
	}
	container, rest, sep, qualified := model.Root, path, byte(0), false
	if strings.IndexByte(path, ':') >= 0 {
		container, rest, sep, qualified = p.t.SplitURN(path)
	}
	switch {
	case !qualified:
		container, rest = model.Root, path
	case rest == "":
		return target{attr: container, sub: model.None}, nil
	case sep == '.' && !p.log.Try(quirk.URNDot):
		return none, p.fail(invalidPath, "a colon is expected between the URI of the schema and the attribute")
	}
	if i := strings.IndexByte(rest, '['); i >= 0 {
		return p.filtered(container, qualified, rest, i)
	}
	name, sub, dotted := strings.Cut(rest, ".")
	id := p.named(container, qualified, name)
	if id == model.None || dotted && p.t.SubString(id, sub) == model.None {
		return none, errUnknown
	}
	switch {
	case !dotted:
		return target{attr: id, sub: model.None}, nil
	case p.t.Attr(id).Multi:
		return target{attr: id, sub: p.t.SubString(id, sub), elements: true}, nil
	}
	return target{attr: p.t.SubString(id, sub), sub: model.None}, nil
}

// named finds an attribute of a schema, or with the quirk ShortName one of an
// extension that leaves out its URI.
func (p *reader) named(container model.ID, qualified bool, name string) model.ID {
	id := p.t.SubString(container, name)
	if id == model.None && !qualified {
		if id = p.t.InOneExtension(name); id != model.None && !p.log.Try(quirk.ShortName) {
			return model.None
		}
	}
	return id
}

// filtered reads a value path; the bracket opens at byte open.
func (p *reader) filtered(container model.ID, qualified bool, path string, open int) (target, *Error) {
	none := target{attr: model.None, sub: model.None}
	parser := filter.Parser{Limits: filter.Limits{Bytes: p.opts.Limits.PathBytes, Depth: p.opts.Limits.FilterDepth, Terms: p.opts.Limits.Terms}, Log: p.log}
	fp, err := parser.ParsePath(path)
	if err != nil {
		return none, p.fail(syntaxType(err, path, open), "%s", err)
	}
	if fp.Attr.URN != "" {
		return none, errUnknown
	}
	id := p.named(container, qualified, fp.Attr.Name)
	if id != model.None && fp.Attr.Sub != "" {
		id = p.t.SubString(id, fp.Attr.Sub)
	}
	if id == model.None {
		return none, errUnknown
	}
	a := p.t.Attr(id)
	if !a.Multi || a.Parent != model.Root && p.t.Attr(a.Parent).Multi {
		return none, p.fail(invalidPath, "%s is not multi-valued: it has no elements to select", a.Path)
	}
	t := target{attr: id, sub: model.None, elements: true}
	if fp.Sub != "" {
		if t.sub = p.t.SubString(id, fp.Sub); t.sub == model.None {
			return none, errUnknown
		}
	}
	if t.filter, err = filter.BindIn(fp.Filter, p.t, id, p.log); err != nil {
		return none, p.fail(invalidFilter, "%s", err)
	}
	t.terms = terms(t.filter.Expr())
	return t, nil
}

// syntaxType tells whether the filter of a path is wrong or the path around it
// (RFC 7644 table 9 has both).
func syntaxType(err error, path string, open int) string {
	end := closing(path, open)
	if end < 0 || strings.Trim(path[open+1:end], " 0123456789") == "" {
		return invalidPath
	}
	var se *filter.SyntaxError
	if errors.As(err, &se) && (se.Offset <= open || se.Offset > end) {
		return invalidPath
	}
	return invalidFilter
}

// closing finds the bracket that closes the one at open, outside strings; -1
// if there is none.
func closing(path string, open int) int {
	quoted := false
	for i := open + 1; i < len(path); i++ {
		switch c := path[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted:
			return i
		}
	}
	return -1
}
