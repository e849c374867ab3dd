package sqlstore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/scimkit/scimkit/internal/model"
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

// setCells puts what the columns and the lists of a row hold into r.
func (o *host) setCells(h *handler, r *scim.Resource, c *hostCells) error {
	if err := o.setColumns(r, c.columns); err != nil {
		return fmt.Errorf("sqlstore: %s %s: %w", h.model.Name, c.id, err)
	}
	for i, l := range o.child {
		if err := l.set(r, c.lists[i]); err != nil {
			return fmt.Errorf("sqlstore: the list %s of %s %s: %w", l.attr.Name, h.model.Name, c.id, err)
		}
	}
	return nil
}

// setColumns puts what columns hold into r. What cannot be read is no value: one row
// of the host's must not stand in the way of all others, and of its own deactivation.
func (o *host) setColumns(r *scim.Resource, cells []any) error {
	for i, m := range o.mapped {
		v, err := m.value(cells[i])
		if m.only != nil || err != nil || m.attr.Mutability == model.WriteOnly { // a secret is never read
			continue
		}
		if err := r.Set(m.path, v); err != nil {
			return fmt.Errorf("the column %s: %w", m.Name, err)
		}
	}
	for _, b := range o.brackets {
		if err := b.put(r, o.valuesOf(b, cells)); err != nil {
			return fmt.Errorf("the columns of %s: %w", b.name, err)
		}
	}
	return nil
}

// valuesOf are the values that the columns of b hold.
func (o *host) valuesOf(b *bracket, cells []any) map[model.ID]any {
	values := make(map[model.ID]any, len(b.columns))
	for i, m := range o.mapped {
		if m.only != b {
			continue
		}
		v, err := m.value(cells[i])
		if err != nil || m.attr.Mutability == model.WriteOnly {
			v = nil
		}
		values[m.attr.ID] = v
	}
	return values
}

// ofColumns is what the columns of a row held when it was read, and nothing more but
// meta, which clients do not change, and columns may not have as it is read.
func (o *host) ofColumns(h *handler, was *record) (*scim.Resource, error) {
	r, err := scim.NewResource(h.rt, nil)
	if err != nil {
		return nil, err
	}
	if err := o.setColumns(r, was.host.columns); err != nil {
		return nil, err
	}
	r.SetMeta(h.resource(was).Meta())
	return r, nil
}
