package document

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/model"
)

// Target makes of a reference's URI the id of the resource that it names, the
// last segment of …/{endpoint}/{id}. Base and version do not matter (RFC 7643
// section 2.4), and relative URIs are below the base (section 2.3.7). ok is
// false for URIs of another form.
func Target(ref Value) (id Value, ok bool) {
	_, last, ok := endpoint(ref)
	if !ok {
		return Value{}, false
	}
	return Value{AppendString(nil, last)}, true
}

// endpoint gives the last two segments of a reference's URI.
func endpoint(ref Value) (endpoint, id []byte, ok bool) {
	if ref.Kind() != String {
		return nil, nil, false
	}
	uri := ref.Bytes(nil)
	last := bytes.LastIndexByte(uri, '/')
	if last < 0 || last+1 == len(uri) || bytes.ContainsAny(uri, "?#%") {
		return nil, nil, false
	}
	before := uri[:last]
	at := bytes.LastIndexByte(before, '/') + 1
	endpoint = before[at:]
	if len(endpoint) == 0 || endpoint[0] == '.' || bytes.IndexByte(endpoint, ':') >= 0 || bytes.HasSuffix(before[:at], []byte("//")) {
		return nil, nil, false
	}
	return endpoint, uri[last+1:], true
}

// typed gives the reference n the type of the endpoint in its $ref, which names the
// same id as its value, if the client sends none: ids are unique within a type only.
func (p *parser) typed(a *model.Attr, n Node) {
	if p.o.TypeOf == nil || a.TypeSub == model.None || p.t.Child(n, a.TypeSub) != NoNode {
		return
	}
	at, _, ok := endpoint(Value{p.ref})
	if !ok {
		return
	}
	if typ := p.o.TypeOf(at); typ != "" {
		p.t.Put(n, p.t.NewLeaf(a.TypeSub, AppendString(nil, typ)))
	}
}

// follow gives the reference n, read from src, the value that its $ref names
// where it has none.
func (p *parser) follow(a *model.Attr, n Node, src []byte) {
	it := Value{src}.Members()
	for key, _, ok := it.Next(); ok; key, _, ok = it.Next() {
		if p.t.T.Sub(a.ID, key.Bytes(nil)) == a.Value {
			return // null or empty, which means none
		}
	}
	if id, ok := Target(Value{p.ref}); ok {
		p.t.Put(n, p.t.NewLeaf(a.Value, id.raw))
	}
}
