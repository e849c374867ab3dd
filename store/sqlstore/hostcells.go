package sqlstore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// hostCells is a row of the host's, with what the library has beside it, as the
// database gives them.
type hostCells struct {
	id                         string
	doc, rest, members, groups []byte

	// Of the library's row, which there may not be.
	version           *string
	created, modified *int64

	columns []any    // for host.mapped
	lists   [][]byte // for host.child
	keys    []any    // for host.keying
}

func (o *host) cells(row interface{ Scan(...any) error }) (*hostCells, error) {
	c := &hostCells{columns: make([]any, len(o.mapped)), lists: make([][]byte, len(o.child))}
	dest := []any{&c.id, &c.doc, &c.version, &c.created, &c.modified, &c.members, &c.groups}
	for i := range c.columns {
		dest = append(dest, &c.columns[i])
	}
	for i := range c.lists {
		dest = append(dest, &c.lists[i])
	}
	if o.Rest != "" {
		dest = append(dest, &c.rest)
	}
	c.keys = make([]any, len(o.keying))
	for i := range c.keys {
		dest = append(dest, &c.keys[i])
	}
	return c, row.Scan(dest...)
}

// linked tells whether there is a row of the library's.
func (c *hostCells) linked() bool { return c.version != nil && *c.version != "" }

// meta is what the library's row says, nothing if there is none.
func (c *hostCells) meta() scim.Meta {
	if !c.linked() {
		return scim.Meta{}
	}
	return scim.Meta{
		Version: *c.version,
		Created: time.UnixMicro(*c.created).UTC(), LastModified: time.UnixMicro(*c.modified).UTC(),
	}
}

// digest is a version that is another whenever one of the two rows is: the host's
// may change without the library. doc is what there is beside the columns.
func (c *hostCells) digest(version string, doc []byte) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %q", version, doc, c.lists)
	for _, cell := range c.columns {
		if t, ok := cell.(time.Time); ok {
			fmt.Fprintf(hash, " %d", t.UnixNano()) // whatever the node's zone is
		} else {
			fmt.Fprintf(hash, " %T %q", cell, fmt.Sprint(cell)) // NULL is no text, and a text ends where it ends
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:12])
}
