package memstore

import (
	"bytes"
	"hash/maphash"
	"iter"
	"slices"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
)

// An index finds records by the hash of a comparison key. It does not keep the
// keys, which would cost a record more than all else that an index needs: who
// looks up compares what is found.
type index struct {
	first map[uint64]*record
	more  map[uint64]*list // where several records have one hash: all but first
}

func (x *index) add(hash uint64, r *record) {
	if x.first == nil {
		x.first, x.more = make(map[uint64]*record), make(map[uint64]*list)
	}
	if x.first[hash] == nil {
		x.first[hash] = r
		return
	}
	rest := x.more[hash]
	if rest == nil {
		rest = new(list)
		x.more[hash] = rest
	}
	rest.insert(r)
}

func (x *index) remove(hash uint64, r *record) {
	rest := x.more[hash]
	switch {
	case rest == nil:
		delete(x.first, hash)
		return
	case x.first[hash] == r:
		x.first[hash] = rest.blocks[0][0]
		r = x.first[hash]
	}
	if rest.remove(r); rest.n == 0 {
		delete(x.more, hash)
	}
}

// len counts the records with hash.
func (x *index) len(hash uint64) int {
	switch rest := x.more[hash]; {
	case rest != nil:
		return rest.n + 1
	case x.first[hash] != nil:
		return 1
	}
	return 0
}

// all gives the records with hash, in no order.
func (x *index) all(hash uint64) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		r := x.first[hash]
		if r == nil || !yield(r) {
			return
		}
		if rest := x.more[hash]; rest != nil {
			rest.from(0)(yield)
		}
	}
}

// collect gives the records with hash in a slice of its own.
func (x *index) collect(hash uint64) []*record {
	n := x.len(hash)
	if n == 0 {
		return nil
	}
	found := make([]*record, 0, n)
	for r := range x.all(hash) {
		found = append(found, r)
	}
	return found
}

// appendKey appends the comparison key of a value of attribute a, as package
// filter compares: two values are equal if their keys are. Decimal numbers
// count with the precision of a float64.
func appendKey(dst []byte, a *model.Attr, text []byte) []byte {
	switch {
	case a.Kind == model.Integer || a.Kind == model.Decimal:
		if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return strconv.AppendInt(dst, n, 10)
		}
		f, _ := strconv.ParseFloat(string(text), 64)
		if n := int64(f); float64(n) == f {
			return strconv.AppendInt(dst, n, 10)
		}
		return strconv.AppendFloat(dst, f, 'g', -1, 64)
	case a.Kind != model.String:
		return append(dst, text...)
	case a.CaseExact:
		return append(dst, norm.NFC.Bytes(text)...)
	}
	return identity.AppendKey(dst, text)
}

// values gives the values of attribute a in d, those of all elements where a
// is below a multi-valued attribute.
func values(d *document.Doc, a *model.Attr) iter.Seq[document.Value] {
	return func(yield func(document.Value) bool) {
		up := d.Type().Attr(a.Parent)
		v, ok := d.Get(a.ID)
		if up.Multi {
			v, ok = d.Get(up.ID)
		}
		if !ok {
			return
		}
		if v.Kind() != document.Array {
			yield(v)
			return
		}
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			if up.Multi {
				if e, ok = e.Member(a); !ok {
					continue
				}
			}
			if !yield(e) {
				return
			}
		}
	}
}

// hashes appends the hashes of the keys of attribute a in d, each once.
func (t *tenant) hashes(buf []uint64, d *document.Doc, a *model.Attr) []uint64 {
	if d == nil {
		return buf
	}
	var room [128]byte
next:
	for v := range values(d, a) {
		h := maphash.Bytes(t.store.seed, appendKey(room[:0], a, v.Bytes(nil)))
		for _, old := range buf {
			if old == h {
				continue next
			}
		}
		buf = append(buf, h)
	}
	return buf
}

// hash is the hash of the key of text as a value of attribute a.
func (t *tenant) hash(a *model.Attr, text string) uint64 {
	var raw, room [128]byte
	return maphash.Bytes(t.store.seed, appendKey(room[:0], a, append(raw[:0], text...)))
}

// has tells whether d has a value of attribute a with the key of text.
func has(d *document.Doc, a *model.Attr, text []byte) bool {
	key := appendKey(nil, a, text)
	for v := range values(d, a) {
		if bytes.Equal(appendKey(nil, a, v.Bytes(nil)), key) {
			return true
		}
	}
	return false
}

// hashID is the hash of an id, which is compared as it is.
func (t *tenant) hashID(id string) uint64 { return maphash.String(t.store.seed, id) }

// find gives the record called id, nil if there is none.
func (t *tenant) find(id string) *record {
	for r := range t.ids.all(t.hashID(id)) {
		if string(idOf(r.doc).Bytes(nil)) == id {
			return r
		}
	}
	return nil
}

// idOf is the id in d as JSON.
func idOf(d *document.Doc) document.Value {
	v, _ := d.Get(model.IDAttr)
	return v
}

// reindex brings the indexes from the document old of r to d. Either may be
// nil.
func (h *table) reindex(r *record, old, d *document.Doc) {
	var b1, b2 [8]uint64
	for i, a := range h.indexed {
		if old != nil && d != nil && same(old, d, stem(a, h.model)) {
			continue
		}
		before := h.tenant.hashes(b1[:0], old, a)
		after := h.tenant.hashes(b2[:0], d, a)
		for _, hash := range before {
			if !slices.Contains(after, hash) {
				h.indexes[i].remove(hash, r)
			}
		}
		for _, hash := range after {
			if !slices.Contains(before, hash) {
				h.indexes[i].add(hash, r)
			}
		}
	}
}

// stem is the attribute a, or the list whose elements have it.
func stem(a *model.Attr, t *model.Type) model.ID {
	if t.Attr(a.Parent).Multi {
		return a.Parent
	}
	return a.ID
}
