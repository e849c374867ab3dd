package memstore

import (
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// bare gives what a record keeps of d: all but the lists and the secrets.
func (h *table) bare(d *document.Doc) *document.Doc {
	for _, a := range []*model.Attr{h.members, h.groups} {
		if a != nil {
			d = d.Without(a.ID)
		}
	}
	for _, id := range h.secrets {
		if v, ok := d.Get(id); ok {
			d = d.With(id, h.appendPublic(nil, v, id))
		}
	}
	if slack := cap(d.Bytes()) - len(d.Bytes()); slack > len(d.Bytes())/8 {
		d = d.With(model.IDAttr, idOf(d).Raw())
	}
	return d
}

// appendPublic writes what of v, a value of attribute id, is not writeOnly;
// nothing if that is nothing.
func (h *table) appendPublic(dst []byte, v document.Value, id model.ID) []byte {
	if h.model.Attrs[id].Mutability == model.WriteOnly {
		return dst
	}
	start := len(dst)
	switch v.Kind() {
	default:
		return append(dst, v.Raw()...)
	case document.Array:
		dst = append(dst, '[')
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			n := len(dst)
			if dst = h.appendPublic(dst, e, id); len(dst) > n {
				dst = append(dst, ',')
			}
		}
	case document.Object:
		dst = append(dst, '{')
		it := v.Members()
		for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
			mark := len(dst)
			dst = append(append(dst, k.Raw()...), ':')
			n := len(dst)
			if sub := h.model.Sub(id, k.Bytes(nil)); sub == model.None {
				dst = append(dst, m.Raw()...)
			} else {
				dst = h.appendPublic(dst, m, sub)
			}
			if len(dst) == n {
				dst = dst[:mark]
				continue
			}
			dst = append(dst, ',')
		}
	}
	if len(dst) == start+1 {
		return dst[:start]
	}
	dst[len(dst)-1] = v.Raw()[len(v.Raw())-1] // the closing bracket
	return dst
}
