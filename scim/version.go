package scim

import (
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
)

// etagc tells whether c may stand in an entity tag (RFC 9110 section 8.8.3).
func etagc(c byte) bool { return c > ' ' && c != '"' && c != 0x7f }

// settleVersion gives the version that a host has set the form that the ETag
// has: W/"7" for 7, "7" and W/"7" (RFC 7644 section 3.14).
func settleVersion(tree *document.Tree) error {
	id := tree.T.MetaVersion
	n := tree.Get(id)
	if n == document.NoNode {
		return nil
	}
	text := tree.Value(n).String()
	version := document.TagValue(text)
	for i := 0; i < len(version); i++ {
		if !etagc(version[i]) {
			return fmt.Errorf("meta.version: %.100q is no entity tag (RFC 9110 section 8.8.3)", text)
		}
	}
	if version == "" {
		return fmt.Errorf("meta.version: %q is an empty entity tag", text)
	}
	if tag := etag(version); tag != text {
		tree.Put(tree.Make(id), tree.NewString(id, tag))
	}
	return nil
}

// plainVersion gives version without what an entity tag cannot hold.
func plainVersion(version string) string {
	version = document.TagValue(version)
	var b strings.Builder
	for i := 0; i < len(version); i++ {
		if c := version[i]; !etagc(c) {
			if b.Len() == 0 {
				b.WriteString(version[:i])
			}
			fmt.Fprintf(&b, "%%%02X", c)
		} else if b.Len() > 0 {
			b.WriteByte(c)
		}
	}
	if b.Len() == 0 {
		return version
	}
	return b.String()
}
