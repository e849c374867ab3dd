package scim

import (
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

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
