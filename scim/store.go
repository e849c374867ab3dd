package scim

import "github.com/scimkit/scimkit/internal/document"

// ResourceOf gives the resource with the document d, for the stores of this
// module. It is a value, so that a store can make many at once.
func ResourceOf(t *ResourceType, d *document.Doc) Resource { return Resource{typ: t, doc: d} }
