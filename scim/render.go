package scim

import (
	"net/url"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// writer writes resources as a response holds them: projected, with
// meta.location and the $ref of references.
type writer struct {
	srv  *Server
	ep   *endpoint
	t    *model.Type
	p    *projection
	base []byte         // of URLs, as the begin of a JSON string
	id   document.Value // of the resource
}

func (rq *request) writer(p *projection) *writer {
	base := document.AppendString(rq.sc.base[:0], rq.baseURL)
	rq.sc.base = base
	rq.sc.writer = writer{srv: rq.srv, ep: rq.rt.ep, t: rq.rt.ep.model, p: p, base: base[:len(base)-1]}
	return &rq.sc.writer
}

// resource writes one resource. What is kept as it is stored is copied in runs
// of neighbouring members, which end only where a URL comes in.
func (w *writer) resource(dst []byte, d *document.Doc) []byte {
	w.id, _ = d.Get(model.IDAttr)
	buf, refs, run := d.Bytes(), d.Refs(), -1
	dst = append(dst, '{')
	open := len(dst)
	segs := d.Segs()
	for i := range segs {
		s := &segs[i]
		how := w.copied(s.ID)
		if how == notCopied {
			dst, run = appendRun(dst, buf, run, int(s.Key)-1), -1
			if s.ID != model.None && w.p.has(s.ID) {
				dst = w.member(dst, open, d.Slice(*s), s.ID)
			}
			continue
		}
		if run < 0 {
			dst, run = comma(dst, open), int(s.Key)
		}
		if how == verbatim {
			continue
		}
		for ; len(refs) > 0 && refs[0].Key < s.End; refs = refs[1:] {
			if ref := refs[0]; ref.Key > s.Key {
				dst, run = append(dst, buf[run:ref.Key]...), int(ref.Key)
				dst = w.ref(dst, 0, &w.t.Attrs[ref.ID], d.Slice(ref), document.Value{})
			}
		}
		if s.ID == w.t.Meta {
			dst, run = append(dst, buf[run:s.End-1]...), int(s.End)-1
			dst = w.url(append(dst, `,"location":`...), w.ep, w.id)
		}
	}
	return append(appendRun(dst, buf, run, len(buf)-1), '}')
}

// copied tells what to copy of the top-level attribute id.
func (w *writer) copied(id model.ID) copied {
	switch {
	case id != model.None:
		return w.p.copied[id]
	case w.p.asked:
		return notCopied
	}
	return verbatim // kept by policy
}

// appendRun copies the text from run on, if there is a run.
func appendRun(dst, buf []byte, run, end int) []byte {
	if run < 0 {
		return dst
	}
	return append(dst, buf[run:end]...)
}

func comma(dst []byte, open int) []byte {
	if len(dst) > open {
		return append(dst, ',')
	}
	return dst
}

// member writes a member that is not copied as it is, unless nothing of it
// remains.
func (w *writer) member(dst []byte, open int, v document.Value, id model.ID) []byte {
	mark := len(dst)
	dst = append(comma(dst, open), w.t.Attrs[id].Key...)
	start := len(dst)
	dst = w.value(dst, v, id)
	if empty := dst[start:]; string(empty) == "{}" || string(empty) == "[]" {
		return dst[:mark]
	}
	return dst
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
			dst = comma(dst, open)
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
	run, end := -1, 0
	it := v.Fields(w.t, id)
	for sub, m, ok := it.Next(); ok; sub, m, ok = it.Next() {
		switch sub {
		case model.None: // kept by policy
		case a.Value:
			value = m
		case a.TypeSub:
			typ = m
		case a.Ref:
			ref = true
		}
		if sub == model.None && (!w.p.asked || w.p.whole[id]) || sub != model.None && w.p.copied[sub] == verbatim {
			start := 0
			if start, end = it.Span(); run < 0 {
				dst, run = comma(dst, open), start
			}
			continue
		}
		dst, run = appendRun(dst, v.Raw(), run, end), -1
		if sub != model.None && w.p.has(sub) {
			dst = w.member(dst, open, m, sub)
		}
	}
	dst = appendRun(dst, v.Raw(), run, end)
	if a.ResourceRef && !ref && w.p.has(a.Ref) {
		dst = w.ref(dst, open, a, value, typ)
	}
	if id == w.t.Meta && w.p.has(w.t.MetaLocation) {
		dst = append(comma(dst, open), `"location":`...)
		dst = w.url(dst, w.ep, w.id)
	}
	return append(dst, '}')
}

// ref writes the $ref of a reference: the URL of the resource whose id is
// value. It is left out where the resource type is not known. If there can be
// several, the reference's own type says which; the type of a user's groups is
// another thing, "direct" or "indirect" (RFC 7643 section 4.1.2).
func (w *writer) ref(dst []byte, open int, a *model.Attr, value, typ document.Value) []byte {
	ep := w.ep.targets[a.Ref]
	if len(w.t.Attrs[a.Ref].References) > 1 {
		ep = w.srv.byName[string(typ.Bytes(nil))]
	}
	if ep == nil || value.Kind() != document.String {
		return dst
	}
	return w.url(append(comma(dst, open), `"$ref":`...), ep, value)
}

// url writes the URL of the resource of type ep whose id is the string id.
func (w *writer) url(dst []byte, ep *endpoint, id document.Value) []byte {
	dst = append(append(dst, w.base...), ep.pathJSON...)
	if text := id.Raw(); len(text) > 1 && plainID(text[1:len(text)-1]) {
		dst = append(dst, text[1:len(text)-1]...)
	} else {
		dst = append(dst, url.PathEscape(id.String())...)
	}
	return append(dst, '"')
}
