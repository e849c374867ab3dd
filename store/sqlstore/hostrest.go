package sqlstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// Table.Rest is a column that the application writes, too. What clients see is
// always what stands there: members whose names are those of attributes, in the
// spelling of the schema, and whose values are of their types. All else is the
// application's, and stays.
//
// In the library's row are the comparison keys, and behind a line feed in doc the
// text that they were made of: where the column has another by now, see ready.
// Before it stands what is in no column: attributes that the schema does not have,
// and what was there before the mapping had a Rest.

const behindRest = "\n" // which canonical JSON does not have

var textType = regexp.MustCompile(`(?i)text|char|clob|json`)

// checkRest checks the column against the schema and the database.
func (o *host) checkRest() error {
	if o.Rest == "" {
		return nil
	}
	var err error
	if o.rest, err = o.info.written(o.Rest); err != nil {
		return err
	}
	var errs []error
	typ := strings.ToLower(o.rest.typ)
	if json := typ == "json" || typ == "jsonb"; !json && o.rest.category != "S" && (o.rest.category != "" || !textType.MatchString(typ)) {
		errs = append(errs, fmt.Errorf("the column %s of the table %s is of type %s; json, jsonb and text are possible", o.Rest, o.Name, o.rest.typ))
	}
	if taken := []string{o.ID, o.Tenant, o.DeletedAt}; slices.Contains(taken, o.Rest) {
		errs = append(errs, fmt.Errorf("the column %s of the table %s is for something else", o.Rest, o.Name))
	}
	if _, ok := o.Fixed[o.Rest]; ok {
		errs = append(errs, fmt.Errorf("the column %s of the table %s is in Fixed, too", o.Rest, o.Name))
	}
	for _, m := range o.mapped {
		if m.Name == o.Rest || m.Key == o.Rest {
			errs = append(errs, fmt.Errorf("the column %s of the table %s is that of the attribute %s, too", o.Rest, o.Name, m.path))
		}
	}
	return errors.Join(append(errs, o.restKeeps())...)
}

// restKeeps tells whether all that must be in columns is: nothing keeps values in
// JSON unique that the application writes, and lists show what it has written.
func (o *host) restKeeps() error {
	own := func(a *model.Attr) bool {
		return slices.ContainsFunc(o.mapped, func(m *mappedColumn) bool { return m.attr == a })
	}
	var errs []error
	for i := range o.layout.model.Attrs {
		if a := &o.layout.model.Attrs[i]; a.Unique && o.within(a) {
			errs = append(errs, fmt.Errorf("the attribute %s must be unique, which values in the column %s of the table %s are not: it needs a column", a.Path, o.Rest, o.Name))
		}
	}
	if shown := o.layout.shown; len(shown) > 0 && !slices.ContainsFunc(shown, own) {
		errs = append(errs, fmt.Errorf("the attribute %s, by which lists show the %s, needs a column that is not %s of the table %s", shown[0].Path, o.layout.model.Name, o.Rest, o.Name))
	}
	return errors.Join(errs...)
}

// elsewhereThanRest notes the attributes that are never in the library's document
// and in Rest.
func (o *host) elsewhereThanRest() {
	t := o.layout.model
	o.outside = map[model.ID]bool{model.Schemas: true, model.IDAttr: true, t.Meta: true}
	for _, a := range []*model.Attr{o.layout.members, o.layout.groups} {
		if a != nil {
			o.outside[a.ID] = true
		}
	}
	for _, l := range o.child {
		o.outside[l.attr.ID] = true
	}
	for _, m := range o.mapped {
		if m.only == nil {
			o.outside[m.attr.ID] = true
		}
	}
	for id := model.Root + 1; int(id) < len(t.Attrs); id++ {
		a := t.Attr(id)
		if up := t.Attr(a.Parent); a.Mutability == model.WriteOnly || up.ResourceRef && up.Ref == a.ID {
			o.outside[id] = true
		}
	}
}

// within tells whether values of a are in the library's document or in Rest.
func (o *host) within(a *model.Attr) bool {
	for ; a.ID != model.Root; a = o.layout.model.Attr(a.Parent) {
		if o.outside[a.ID] {
			return false
		}
	}
	return true
}

// object reads what the column holds. ok is false for what is there and is no
// object.
func object(text string) (v document.Value, ok bool) {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || text == "null":
		return v, true
	case text[0] != '{' || !utf8.ValidString(text) || !json.Valid([]byte(text)):
		return v, false
	}
	return document.Trusted([]byte(text)), true
}

// attributeOf finds the attribute below parent that key, a JSON string, names.
func (o *host) attributeOf(parent model.ID, key document.Value) *model.Attr {
	name := key.String()
	id := o.layout.model.SubString(parent, name)
	if id == model.None || o.outside[id] || o.layout.model.Attr(id).Name != name {
		return nil
	}
	return o.layout.model.Attr(id)
}

// known writes what of v, an object that anybody may have written, are attributes
// below parent, as canonical JSON. What v does not have it takes from under, which
// is canonical.
func (o *host) known(dst []byte, v, under document.Value, parent model.ID) []byte {
	t, theirs := o.layout.model, make(map[model.ID]document.Value)
	it := v.Members()
	for key, value, ok := it.Next(); ok; key, value, ok = it.Next() {
		if a := o.attributeOf(parent, key); a != nil {
			theirs[a.ID] = value
		}
	}
	dst = append(dst, '{')
	for id := parent + 1; id < t.Attr(parent).End; id = t.Attr(id).End {
		if o.outside[id] {
			continue
		}
		a, mark := t.Attr(id), len(dst)
		below, _ := under.Member(a)
		dst = append(dst, a.Key...)
		n := len(dst)
		if dst = o.knownValue(dst, a, theirs[id], below); len(dst) == n {
			dst = dst[:mark]
			continue
		}
		dst = append(dst, ',')
	}
	return closeObject(dst)
}

// closeObject ends an object that was written with a comma behind each member.
func closeObject(dst []byte) []byte {
	if dst[len(dst)-1] == ',' {
		dst = dst[:len(dst)-1]
	}
	return append(dst, '}')
}

// knownValue writes the value v of attribute a, or under if v is none; nothing if
// both are none.
func (o *host) knownValue(dst []byte, a *model.Attr, v, under document.Value) []byte {
	n := len(dst)
	switch {
	case a.Multi && v.Kind() == document.Array:
		dst = append(dst, '[')
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			at := len(dst)
			if dst = o.knownElement(dst, a, e); len(dst) > at {
				dst = append(dst, ',')
			}
		}
		if list := closeList(dst[n:]); list != nil {
			return append(dst[:n], list...)
		}
		return dst[:n]
	case !a.Multi && a.Kind == model.Complex:
		if dst = o.known(dst, v, under, a.ID); len(dst)-n > len("{}") {
			return dst
		}
		return dst[:n]
	case !a.Multi:
		dst = o.knownElement(dst, a, v)
	}
	if len(dst) == n {
		dst = append(dst, under.Raw()...)
	}
	return dst
}

// knownElement writes one value of attribute a, nothing if v is none.
func (o *host) knownElement(dst []byte, a *model.Attr, v document.Value) []byte {
	n, kind := len(dst), v.Kind()
	fits := kind == document.String
	switch a.Kind {
	case model.Complex:
		if dst = o.known(dst, v, document.Value{}, a.ID); len(dst)-n > len("{}") {
			return dst
		}
		return dst[:n]
	case model.Boolean:
		fits = kind == document.True || kind == document.False
	case model.Decimal:
		fits = kind == document.Number
	case model.Integer:
		_, err := strconv.ParseInt(string(v.Raw()), 10, 64)
		fits = err == nil
	}
	switch {
	case !fits:
		return dst
	case kind != document.String:
		return append(dst, v.Raw()...)
	}
	if _, err := document.Scan(v.Raw(), document.Limits{}); err != nil {
		return dst // U+0000 and lone surrogates, which no attribute has
	}
	return document.AppendString(dst, v.String())
}

// visible makes of the document of the library's row and the text of the column the
// resource without what is in other columns.
func (o *host) visible(h *handler, side []byte, column string) (*scim.Resource, error) {
	v, _ := object(column)
	all := o.known(nil, v, document.Trusted(side), model.Root)
	return scim.ParseResource(h.rt, bothOf(all, o.unknownOf(document.Trusted(side))))
}

// bothOf is one object with the members of two.
func bothOf(one, other []byte) []byte {
	switch {
	case len(one) == len("{}"):
		return other
	case len(other) == len("{}"):
		return one
	}
	return slices.Concat(one[:len(one)-1], []byte(","), other[1:])
}

// fitting is doc, of the library's row, without values that are not of the types of
// their attributes: as in columns, they count as none.
func (o *host) fitting(doc []byte) []byte {
	side, keyed, found := bytes.Cut(doc, []byte(behindRest))
	v := document.Trusted(side)
	fits := bothOf(o.known(nil, v, document.Value{}, model.Root), o.unknownOf(v))
	if found {
		fits = slices.Concat(fits, []byte(behindRest), keyed)
	}
	return fits
}

// unknownOf gives what of a document is never in the column: what the schema does not
// have, and the elements of tables of their own.
func (o *host) unknownOf(d document.Value) []byte {
	dst := []byte{'{'}
	it := d.Members()
	for key, v, ok := it.Next(); ok; key, v, ok = it.Next() {
		id := o.layout.model.Sub(model.Root, key.Bytes(nil))
		if id == model.None || slices.ContainsFunc(o.child, func(l *childList) bool { return l.attr.ID == id }) {
			dst = slices.Concat(dst, key.Raw(), []byte(":"), v.Raw(), []byte(","))
		}
	}
	return closeObject(dst)
}
