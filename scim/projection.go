package scim

import (
	"strings"

	"github.com/scimkit/scimkit/internal/document"
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
	// verbatim: whole, and nothing below is computed for the response.
	verbatim []bool
	asked    bool // the client named attributes
}

// newProjection computes the projection for the parameters attributes and
// excludedAttributes, one of which may be given. Names that the schema does
// not have are passed over.
func newProjection(t *model.Type, attributes, excluded []string, log *quirk.Log) *projection {
	p := &projection{t: t, whole: make([]bool, len(t.Attrs)), part: make([]bool, len(t.Attrs)), asked: attributes != nil}
	keep := make([]bool, len(t.Attrs))
	for i := range t.Attrs {
		keep[i] = attributes == nil && t.Attrs[i].Returned == model.Default || t.Attrs[i].Returned == model.Always
	}
	keep[model.Schemas] = true
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
	p.verbatim = make([]bool, len(p.t.Attrs))
	for i := range p.t.Attrs {
		p.verbatim[i] = p.whole[i] && model.ID(i) != p.t.Meta && !computes(p.t, model.ID(i))
	}
}

// computes tells whether something at or below id has a computed $ref.
func computes(t *model.Type, id model.ID) bool {
	for i := id; i < t.Attrs[id].End; i++ {
		if t.Attrs[i].ResourceRef {
			return true
		}
	}
	return false
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

// appendResource writes d as a response holds it: projected, with
// meta.location and the $ref of references.
func (s *Server) appendResource(dst []byte, d *document.Doc, p *projection, base, location string) []byte {
	w := writer{srv: s, t: d.Type(), p: p, base: base, location: location}
	return w.resource(dst, d)
}

// writer writes one resource.
type writer struct {
	srv      *Server
	t        *model.Type
	p        *projection
	base     string
	location string
}

func (w *writer) resource(dst []byte, d *document.Doc) []byte {
	buf := d.Bytes()
	dst = append(dst, '{')
	open := len(dst)
	run := -1 // where a run of members begins that are copied as they are
	segs := d.Segs()
	for i := range segs {
		s := &segs[i]
		if s.ID == model.None && !w.p.asked || s.ID != model.None && w.p.verbatim[s.ID] {
			if run < 0 {
				run = int(s.Key)
			}
			continue
		}
		dst, run = w.flush(dst, open, buf, run, int(s.Key)), -1
		if s.ID == model.None || !w.p.has(s.ID) {
			continue
		}
		dst = w.member(dst, open, buf[s.Key:s.Start], d.Slice(*s), s.ID)
	}
	dst = w.flush(dst, open, buf, run, len(buf))
	return append(dst, '}')
}

// flush copies the members from run up to end, where a comma or the closing
// brace precedes end.
func (w *writer) flush(dst []byte, open int, buf []byte, run, end int) []byte {
	if run < 0 {
		return dst
	}
	if len(dst) > open {
		dst = append(dst, ',')
	}
	return append(dst, buf[run:end-1]...)
}

// member writes one top-level member that is not copied whole.
func (w *writer) member(dst []byte, open int, key []byte, v document.Value, id model.ID) []byte {
	mark := len(dst)
	if len(dst) > open {
		dst = append(dst, ',')
	}
	dst = append(dst, key...)
	if id == w.t.Meta && w.p.whole[id] {
		return w.meta(dst, v.Raw())
	}
	start := len(dst)
	dst = w.value(dst, v, id)
	if empty := dst[start:]; string(empty) == "{}" || string(empty) == "[]" {
		return dst[:mark]
	}
	return dst
}

// meta writes the whole meta object and the location.
func (w *writer) meta(dst, raw []byte) []byte {
	dst = append(dst, raw[:len(raw)-1]...)
	if w.location != "" {
		dst = append(dst, `,"location":`...)
		dst = document.AppendString(dst, w.location)
	}
	return append(dst, '}')
}

// value writes the parts of v that the projection keeps.
func (w *writer) value(dst []byte, v document.Value, id model.ID) []byte {
	switch v.Kind() {
	case document.Array:
		dst = append(dst, '[')
		open := len(dst)
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			mark := len(dst)
			if mark > open {
				dst = append(dst, ',')
			}
			start := len(dst)
			if dst = w.value(dst, e, id); string(dst[start:]) == "{}" {
				dst = dst[:mark]
			}
		}
		return append(dst, ']')
	case document.Object:
		return w.object(dst, v, id)
	}
	return append(dst, v.Raw()...)
}

func (w *writer) object(dst []byte, v document.Value, id model.ID) []byte {
	a := &w.t.Attrs[id]
	dst = append(dst, '{')
	open := len(dst)
	var value, typ document.Value
	ref := false
	it := v.Members()
	for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
		sub := w.t.Sub(id, k.Bytes(nil))
		switch {
		case sub == model.None: // kept by policy
			if w.p.asked && !w.p.whole[id] {
				continue
			}
			dst = comma(dst, open)
			dst = append(append(append(dst, k.Raw()...), ':'), m.Raw()...)
			continue
		case sub == a.Value:
			value = m
		case sub == a.TypeSub:
			typ = m
		case sub == a.Ref:
			ref = true
		}
		if !w.p.has(sub) {
			continue
		}
		dst = w.member(dst, open, []byte(w.t.Attrs[sub].Key), m, sub)
	}
	if a.ResourceRef && !ref && w.p.has(a.Ref) {
		dst = w.ref(dst, open, a, value, typ)
	}
	if id == w.t.Meta && w.location != "" && w.p.has(w.t.MetaLocation) {
		dst = comma(dst, open)
		dst = append(dst, `"location":`...)
		dst = document.AppendString(dst, w.location)
	}
	return append(dst, '}')
}

func comma(dst []byte, open int) []byte {
	if len(dst) > open {
		return append(dst, ',')
	}
	return dst
}

// ref writes the $ref of a reference: the URL of the resource whose id is
// value. It is left out where the resource type is not known.
func (w *writer) ref(dst []byte, open int, a *model.Attr, value, typ document.Value) []byte {
	ep := w.srv.target(&w.t.Attrs[a.Ref], typ.Bytes(nil))
	if ep == nil || value.Kind() != document.String {
		return dst
	}
	dst = comma(dst, open)
	dst = append(dst, `"$ref":`...)
	return document.AppendString(dst, w.base+ep.model.Endpoint+"/"+escapeID(value.String()))
}
