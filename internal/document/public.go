package document

import "github.com/scimkit/scimkit/internal/model"

// Public gives d without the values of writeOnly attributes, at any depth: what
// may be stored in the clear. It is d itself if d has none.
func (d *Doc) Public() *Doc {
	for _, id := range d.t.Secrets {
		v, ok := d.Get(id)
		if !ok {
			continue
		}
		if raw := d.appendPublic(nil, v, id); len(raw) < len(v.raw) {
			d = d.With(id, raw)
		}
	}
	return d
}

// appendPublic writes what of v, a value of attribute id, is not writeOnly;
// nothing if that is nothing.
func (d *Doc) appendPublic(dst []byte, v Value, id model.ID) []byte {
	if d.t.Attrs[id].Mutability == model.WriteOnly {
		return dst
	}
	start := len(dst)
	switch v.Kind() {
	default:
		return append(dst, v.Raw()...)
	case Array:
		dst = append(dst, '[')
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			n := len(dst)
			if dst = d.appendPublic(dst, e, id); len(dst) > n {
				dst = append(dst, ',')
			}
		}
	case Object:
		dst = append(dst, '{')
		it := v.Members()
		for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
			mark := len(dst)
			dst = append(append(dst, k.Raw()...), ':')
			n := len(dst)
			if sub := d.t.Sub(id, k.Bytes(nil)); sub == model.None {
				dst = append(dst, m.Raw()...)
			} else {
				dst = d.appendPublic(dst, m, sub)
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
