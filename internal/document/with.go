package document

import (
	"bytes"
	"time"

	"github.com/scimkit/scimkit/internal/model"
)

// TimeFormat is how meta.created and meta.lastModified are written.
const TimeFormat = "2006-01-02T15:04:05.000000Z"

// Meta is what the service provider says about a resource (RFC 7643 section
// 3.1), but for its type, which the document knows, and its location, which
// the request decides.
type Meta struct {
	Created, LastModified time.Time
	Version               string // opaque, without W/ and quotes
}

// AppendMeta writes the canonical meta object.
func AppendMeta(dst []byte, t *model.Type, m Meta) []byte {
	dst = append(dst, `{"resourceType":`...)
	dst = AppendString(dst, t.Name)
	if !m.Created.IsZero() {
		dst = append(dst, `,"created":"`...)
		dst = append(m.Created.UTC().AppendFormat(dst, TimeFormat), '"')
	}
	if !m.LastModified.IsZero() {
		dst = append(dst, `,"lastModified":"`...)
		dst = append(m.LastModified.UTC().AppendFormat(dst, TimeFormat), '"')
	}
	if m.Version != "" {
		dst = AppendString(append(dst, `,"version":"W/\`...), m.Version)
		dst = append(dst[:len(dst)-1], `\""`...)
	}
	return append(dst, '}')
}

// Meta reads the meta object of d.
func (d *Doc) Meta() Meta {
	var m Meta
	if v, ok := d.Get(d.t.MetaCreated); ok {
		m.Created, _ = ParseTime(v.Bytes(nil))
	}
	if v, ok := d.Get(d.t.MetaLastModified); ok {
		m.LastModified, _ = ParseTime(v.Bytes(nil))
	}
	v, _ := d.Version()
	m.Version = string(v)
	return m
}

// TagValue is the opaque part of an entity tag (RFC 9110 section 8.8.3): weak
// and strong tags are the same here, as RFC 7644 section 3.14 uses weak ones
// in If-Match.
func TagValue(tag string) string {
	if len(tag) > 2 && (tag[0] == 'W' || tag[0] == 'w') && tag[1] == '/' {
		tag = tag[2:]
	}
	if n := len(tag); n >= 2 && tag[0] == '"' && tag[n-1] == '"' {
		return tag[1 : n-1]
	}
	return tag
}

// Version is the opaque part of meta.version (see TagValue). It may be a part
// of d.
func (d *Doc) Version() ([]byte, bool) {
	if v, ok := d.ownVersion(); ok {
		return v, true
	}
	v, ok := d.Get(d.t.MetaVersion)
	if !ok {
		return nil, false
	}
	return []byte(TagValue(v.String())), true
}

// ownVersion finds the version as AppendMeta writes it: at the end of meta,
// which is the last attribute of the schema.
func (d *Doc) ownVersion() ([]byte, bool) {
	i := len(d.segs) - 1
	for i >= 0 && d.segs[i].ID == model.None {
		i--
	}
	if i < 0 || d.segs[i].ID != d.t.Meta {
		return nil, false
	}
	const before, behind = `,"version":"W/\"`, `\""}`
	meta := d.Slice(d.segs[i]).raw
	end := len(meta) - len(behind)
	if end < 0 || string(meta[end:]) != behind {
		return nil, false
	}
	for at := end; at >= len(before); at-- {
		switch meta[at-1] {
		case '\\':
			return nil, false
		case '"':
			return meta[at:end], string(meta[at-len(before):at]) == before
		}
	}
	return nil, false
}

// With gives a copy of d in which the top-level attribute id has the canonical
// value raw, or none if raw is empty.
func (d *Doc) With(id model.ID, raw []byte) *Doc {
	i := 0 // the segments before it
	for i < len(d.segs) && d.segs[i].ID < id {
		i++
	}
	j := i // those behind it begin here
	for j < len(d.segs) && d.segs[j].ID == id {
		j++
	}
	before, behind := d.buf[:d.upTo(i)], d.buf[len(d.buf)-1:]
	if j < len(d.segs) {
		behind = d.buf[d.segs[j].Key:]
	}
	key := d.t.Attrs[id].Key
	out := newDoc(d.t, i+1+len(d.segs)-j)
	out.buf = append(make([]byte, 0, len(before)+len(key)+len(raw)+len(behind)+len(",,")), before...)
	out.segs = append(out.segs, d.segs[:i]...)
	if len(raw) > 0 {
		out.put(id, key, raw)
	}
	if j < len(d.segs) && len(out.segs) > 0 {
		out.buf = append(out.buf, ',')
	}
	shift := uint32(len(out.buf) + len(behind) - len(d.buf))
	out.buf = append(out.buf, behind...)
	for _, s := range d.segs[j:] {
		out.segs = append(out.segs, s.moved(shift))
	}
	out.relink(d, i, j, shift)
	return out
}

// upTo is where the text of the first n segments ends.
func (d *Doc) upTo(n int) uint32 {
	if n == 0 {
		return 1
	}
	return d.segs[n-1].End
}

func (s Seg) moved(shift uint32) Seg {
	return Seg{s.ID, s.Key + shift, s.Start + shift, s.End + shift}
}

// relink notes the references of d, which takes the segments of old before i
// and, moved by shift, from j on.
func (d *Doc) relink(old *Doc, i, j int, shift uint32) {
	n := len(d.segs)
	d.refs = d.segs[n:n]
	at := 0
	for ; at < len(old.refs) && old.refs[at].Key < old.upTo(i); at++ {
		d.refs = append(d.refs, old.refs[at])
	}
	if i+len(old.segs)-j < n {
		d.link(d.segs[i])
	}
	for ; at < len(old.refs); at++ {
		if ref := old.refs[at]; j < len(old.segs) && ref.Key > old.segs[j].Key {
			d.refs = append(d.refs, ref.moved(shift))
		}
	}
}

func (d *Doc) put(id model.ID, key string, value []byte) {
	if len(d.segs) > 0 {
		d.buf = append(d.buf, ',')
	}
	s := Seg{ID: id, Key: uint32(len(d.buf))}
	d.buf = append(d.buf, key...)
	s.Start = uint32(len(d.buf))
	d.buf = append(d.buf, value...)
	s.End = uint32(len(d.buf))
	d.segs = append(d.segs, s)
}

// WithMeta gives a copy of d with another meta.
func (d *Doc) WithMeta(m Meta) *Doc {
	var buf [192]byte
	return d.With(d.t.Meta, AppendMeta(buf[:0], d.t, m))
}

// Without gives a copy of d without the top-level attribute id, d itself if it
// has none.
func (d *Doc) Without(id model.ID) *Doc {
	if _, ok := d.Get(id); !ok {
		return d
	}
	return d.With(id, nil)
}

// Equal tells whether d and o are the same resource.
func (d *Doc) Equal(o *Doc) bool { return bytes.Equal(d.buf, o.buf) }
