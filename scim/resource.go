package scim

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// ResourceType is [schema.ResourceType].
type ResourceType = schema.ResourceType

// A Resource is one SCIM resource: a document in canonical form, valid under
// its resource type. Attribute names are given in any letter case and come
// back in the spelling of the schema.
//
// A Resource is a value: a copy made with Clone shares nothing that either of
// the two can change. It is not safe for concurrent use while it is changed.
type Resource struct {
	typ *schema.ResourceType
	doc *document.Doc
	// old is what was stored before, where doc holds what a client has sent:
	// of a type's zero document for a new resource. nil: all is the host's.
	old *document.Doc
}

// Meta is what the service provider says about a resource (RFC 7643 section
// 3.1). Its resource type and location are the engine's business.
type Meta struct {
	Created      time.Time
	LastModified time.Time
	// Version is opaque, without W/ and quotes: visible characters but the
	// quote (RFC 9110 section 8.8.3); SetMeta percent-encodes others. Where
	// a handler gives none, the engine makes one of the content.
	Version string
}

// NewResource makes a resource of type t from v, a struct or a pointer to one
// with scim tags (see [Resource.Encode]). A nil v gives an empty resource.
func NewResource(t *schema.ResourceType, v any) (*Resource, error) {
	if t == nil {
		return nil, errNoType
	}
	doc, err := settle(document.NewTree(t.Model()))
	r := &Resource{typ: t, doc: doc}
	if err == nil && v != nil {
		err = r.Encode(v)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// ParseResource makes a resource of type t from JSON that the host stored,
// such as [Resource.JSON] gives it. Nothing is left out: readOnly attributes
// and attributes that the schema does not have are kept.
func ParseResource(t *schema.ResourceType, data []byte) (*Resource, error) {
	if t == nil {
		return nil, errNoType
	}
	tree := document.NewTree(t.Model())
	if err := tree.Parse(data, trusted); err != nil {
		return nil, fmt.Errorf("scim: %w", err)
	}
	doc, err := settle(tree)
	if err != nil {
		return nil, fmt.Errorf("scim: %w", err)
	}
	return &Resource{typ: t, doc: doc}, nil
}

var (
	errNoType     = errors.New("scim: the resource type is nil")
	errNoResource = errors.New("scim: the resource is nil or has no type; use NewResource")
)

// none tells whether r is not made by NewResource or ParseResource.
func (r *Resource) none() bool { return r == nil || r.doc == nil }

// settle makes a document of what the host says: canonical, and with
// meta.resourceType, which filters may ask for.
func settle(tree *document.Tree) (*document.Doc, error) {
	tree.Settle()
	if err := settleVersion(tree); err != nil {
		return nil, err
	}
	if id := tree.T.MetaType; tree.Get(id) == document.NoNode {
		tree.Put(tree.Make(id), tree.NewString(id, tree.T.Name))
	}
	return tree.Doc(), nil
}

// trusted reads what a host made.
var trusted = &document.Options{Trusted: true, Unknown: document.KeepUnknown, DropRefs: false}

// Type is the resource type.
func (r *Resource) Type() *schema.ResourceType { return r.typ }

// ID is the resource's id, "" if it has none yet.
func (r *Resource) ID() string { return r.text(model.IDAttr) }

// SetID sets the id: a non-empty string without control characters, '/' and
// the text "bulkId" (RFC 7643 section 3.1).
func (r *Resource) SetID(id string) {
	r.doc = r.doc.With(model.IDAttr, document.AppendString(nil, id))
}

// Meta gives created, lastModified and version.
func (r *Resource) Meta() Meta {
	m := r.doc.Meta()
	return Meta{m.Created, m.LastModified, m.Version}
}

// SetMeta replaces created, lastModified and version. Times are kept in
// microseconds.
func (r *Resource) SetMeta(m Meta) {
	r.doc = r.doc.WithMeta(document.Meta{Created: m.Created, LastModified: m.LastModified, Version: plainVersion(m.Version)})
}

// Clone gives a copy. It costs nothing: the two share what neither can change.
func (r *Resource) Clone() *Resource {
	c := *r
	return &c
}

// JSON is the resource in canonical JSON, for stores that keep it whole and
// give it back through [ParseResource]. It leaves out what must not be stored
// in the clear or is not part of the resource: writeOnly attributes (password)
// and meta.location.
func (r *Resource) JSON() []byte {
	return bytes.Clone(r.doc.Public().Bytes())
}

// Document is the resource for the packages of this module.
func (r *Resource) Document() *document.Doc { return r.doc }

// text gives the string at id, "" if there is none.
func (r *Resource) text(id model.ID) string {
	v, ok := r.doc.Get(id)
	if !ok {
		return ""
	}
	return v.String()
}

// IdentityKey gives the key by which userName and other strings that are not
// caseExact are compared and unique: PRECIS (RFC 8265) with the width and case
// folded, in Unicode form NFC. Hosts store it beside the value, under a unique
// index.
func IdentityKey(s string) string { return identity.Key(s) }
