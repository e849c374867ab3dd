package sqlstore

import (
	"bytes"
	"errors"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// errNoObject says that the application has put something else into Table.Rest,
// which is not the library's to remove.
var errNoObject = errors.New("it holds no JSON object, and is left as it is")

// restOf gives what of d is in Table.Rest, as an object.
func (o *host) restOf(h *handler, d *document.Doc) document.Value {
	return document.Trusted(o.known(nil, document.Trusted(o.besideColumns(h, d)), document.Value{}, model.Root))
}

// newRest gives the text of the column for d in place of column. changed is false
// if it may stay.
func (o *host) newRest(h *handler, column string, d *document.Doc) (text string, changed bool, err error) {
	v, ok := object(column)
	before, err := o.visible(h, nil, column)
	if err != nil {
		return "", false, err
	}
	was, is := o.restOf(h, before.Document()), o.restOf(h, d)
	switch {
	case bytes.Equal(was.Raw(), is.Raw()):
		return column, false, nil
	case !ok:
		return "", false, errNoObject
	}
	return string(o.merge(nil, v, was, is, model.Root)), true, nil
}

// merge writes the object theirs, whose attributes below parent are was, with the
// attributes is. What did not change, and what is no attribute, stays as it stands.
func (o *host) merge(dst []byte, theirs, was, is document.Value, parent model.ID) []byte {
	t, done := o.layout.model, make(map[model.ID]bool)
	dst = append(dst, '{')
	it := theirs.Members()
	for key, v, ok := it.Next(); ok; key, v, ok = it.Next() {
		mark := len(dst)
		dst = append(append(dst, key.Raw()...), ':')
		n := len(dst)
		if a := o.attributeOf(parent, key); a == nil {
			dst = append(dst, v.Raw()...)
		} else {
			dst = o.mergeValue(dst, a, v, was, is)
			done[a.ID] = true
		}
		if len(dst) == n {
			dst = dst[:mark]
			continue
		}
		dst = append(dst, ',')
	}
	for id := parent + 1; id < t.Attr(parent).End; id = t.Attr(id).End {
		if v, ok := is.Member(t.Attr(id)); ok && !done[id] {
			dst = append(append(append(dst, t.Attr(id).Key...), v.Raw()...), ',')
		}
	}
	return closeObject(dst)
}

// mergeValue writes what becomes of the value theirs of attribute a, a member of was
// and is; nothing if it goes.
func (o *host) mergeValue(dst []byte, a *model.Attr, theirs, was, is document.Value) []byte {
	before, _ := was.Member(a)
	after, ok := is.Member(a)
	n := len(dst)
	switch {
	case bytes.Equal(before.Raw(), after.Raw()):
		return append(dst, theirs.Raw()...)
	case a.Multi && ok:
		return o.mergeList(dst, a, theirs, after)
	case a.Multi || a.Kind != model.Complex || theirs.Kind() != document.Object:
		return append(dst, after.Raw()...)
	}
	if dst = o.merge(dst, theirs, before, after, a.ID); len(dst)-n == len("{}") {
		dst = dst[:n]
	}
	return dst
}

// mergeList writes the elements of is, those that are among theirs as they stand
// there.
func (o *host) mergeList(dst []byte, a *model.Attr, theirs, is document.Value) []byte {
	had := make(map[string][]document.Value)
	it := theirs.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		key := string(o.knownElement(nil, a, e))
		had[key] = append(had[key], e)
	}
	dst = append(dst, '[')
	it = is.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		key := string(e.Raw())
		if same := had[key]; len(same) > 0 {
			e, had[key] = same[0], same[1:]
		}
		dst = append(append(dst, e.Raw()...), ',')
	}
	return closeList(dst)
}
