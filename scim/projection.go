package scim

import (
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// A projection says which attributes of a resource type a response holds (RFC
// 7644 section 3.9, RFC 7643 section 7 on "returned").
type projection struct {
	t *model.Type
	// whole: the attribute and all below it, as they are stored.
	// part: something of it: its members have to be looked at.
	whole, part []bool
	copied      []copied
	asked       bool // the client named attributes
}

// copied tells how much of a stored attribute can be copied into a response.
type copied uint8

const (
	notCopied copied = iota // it is not whole, or has many references
	linked                  // all, but for URLs whose place the document knows
	verbatim                // all
)

// newProjection computes the projection for the parameters attributes and
// excludedAttributes, one of which may be given. Names that the schema does
// not have are passed over.
//
// written are attributes that are returned on request and were written by this
// request, which counts as one (RFC 7643 section 7).
func newProjection(t *model.Type, attributes, excluded []string, written []model.ID, log *quirk.Log) *projection {
	p := &projection{t: t, whole: make([]bool, len(t.Attrs)), part: make([]bool, len(t.Attrs)), asked: attributes != nil}
	keep := make([]bool, len(t.Attrs))
	for i := range t.Attrs {
		keep[i] = attributes == nil && t.Attrs[i].Returned == model.Default || t.Attrs[i].Returned == model.Always
	}
	keep[model.Schemas] = true
	for _, id := range written {
		p.request(keep, id)
	}
	for _, name := range excluded {
		if id := resolveName(t, name, log); id != model.None {
			for i := id; i < t.Attrs[id].End; i++ {
				keep[i] = keep[i] && t.Attrs[i].Returned == model.Always || i == model.Schemas
			}
		}
	}
	for _, name := range attributes {
		if id := resolveName(t, name, log); id != model.None {
			p.request(keep, id)
		}
	}
	p.settle(keep)
	return p
}

// onRequest finds the attributes that a response holds only on request.
func onRequest(t *model.Type) (ids []model.ID) {
	for i := range t.Attrs {
		if t.Attrs[i].Returned == model.Request {
			ids = append(ids, t.Attrs[i].ID)
		}
	}
	return ids
}

// request keeps the attribute id, what lies below it by default, and the way
// to it.
func (p *projection) request(keep []bool, id model.ID) {
	a := &p.t.Attrs[id]
	if a.Returned == model.Never || a.Mutability == model.WriteOnly {
		return
	}
	keep[id] = true
	for i := id + 1; i < a.End; i++ {
		keep[i] = keep[i] || p.t.Attrs[i].Returned == model.Default
	}
	for up := a.Parent; up != model.Root; up = p.t.Attrs[up].Parent {
		p.part[up] = true
	}
}

// settle finds for each attribute whether it is kept whole or in part.
func (p *projection) settle(keep []bool) {
	for i := len(p.t.Attrs) - 1; i > 0; i-- {
		a := &p.t.Attrs[i]
		if a.Returned == model.Never || a.Mutability == model.WriteOnly {
			keep[i] = false
		}
		if a.End == a.ID+1 {
			p.whole[i] = keep[i]
			continue
		}
		all, some := true, false
		for c := a.ID + 1; c < a.End; c = p.t.Attrs[c].End {
			all = all && p.whole[c]
			some = some || p.whole[c] || p.part[c]
		}
		p.whole[i] = keep[i] && all
		p.part[i] = (keep[i] || p.part[i]) && some
	}
	p.copied = make([]copied, len(p.t.Attrs))
	for i := range p.t.Attrs {
		switch refs, single := references(p.t, model.ID(i)); {
		case !p.whole[i] || refs > single:
		case refs > 0 || model.ID(i) == p.t.Meta:
			p.copied[i] = linked
		default:
			p.copied[i] = verbatim
		}
	}
}

// references counts the attributes at and below id that have a computed $ref,
// and those of them that document.Doc.Refs knows.
func references(t *model.Type, id model.ID) (all, single int) {
	for i := id; i < t.Attrs[id].End; i++ {
		if t.Attrs[i].ResourceRef {
			all++
		}
		if slices.Contains(t.SingleRefs, i) {
			single++
		}
	}
	return all, single
}

// has tells whether anything of attribute id is in the response.
func (p *projection) has(id model.ID) bool { return p.whole[id] || p.part[id] }

// resolveName finds an attribute by the notation of RFC 7644 section 3.10.
func resolveName(t *model.Type, name string, log *quirk.Log) model.ID {
	name = strings.TrimSpace(name)
	if i := strings.IndexByte(name, '['); i >= 0 && log.Try(quirk.BracketProjection) {
		j := strings.LastIndexByte(name, ']')
		if j < i {
			return model.None
		}
		name = name[:i] + name[j+1:]
	}
	return lookup(t, name, log)
}

// lookup resolves "name", "name.sub", a URN, "urn:name" and "urn:name.sub".
func lookup(t *model.Type, path string, log *quirk.Log) model.ID {
	parent := model.Root
	if c, rest, sep, ok := t.SplitURN(path); ok && sep != '.' {
		if rest == "" {
			if c == model.Root {
				return model.None
			}
			return c
		}
		parent, path = c, rest
	}
	name, sub, dotted := strings.Cut(path, ".")
	id := t.SubString(parent, name)
	if id == model.None && parent == model.Root && log.Allows(quirk.ShortName) {
		if id = t.InOneExtension(name); id != model.None {
			log.Try(quirk.ShortName)
		}
	}
	if id == model.None || !dotted {
		return id
	}
	return t.SubString(id, sub)
}
