package sqlstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// accept refuses a resource of another type.
func (h *handler) accept(r *scim.Resource) error {
	if r.Document().Type() != h.model {
		return fmt.Errorf("sqlstore: a resource of type %s is not one of the type %s that the handler is for", r.Document().Type().Name, h.model.Name)
	}
	return nil
}

// identify gives r what the engine gives every resource, so that a host can fill
// a store by itself.
func identify(r *scim.Resource) {
	if r.ID() == "" {
		r.SetID(rand.Text())
	}
	m := r.Meta()
	if m.Created.IsZero() {
		m.Created = now()
	}
	if m.LastModified.IsZero() {
		m.LastModified = m.Created
	}
	if m.Version == "" {
		m.Version = newVersion()
	}
	if m != r.Meta() {
		r.SetMeta(m)
	}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// newVersion makes the version of a resource that changed now. The random bits
// keep apart two changes in one microsecond.
func newVersion() string {
	var b [4]byte
	rand.Read(b[:])
	return strconv.FormatInt(time.Now().UnixMicro(), 36) + strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[:])), 36)
}

// bare gives what is kept of d in the column doc: all but the lists, meta and
// the secrets.
func (h *handler) bare(d *document.Doc) *document.Doc {
	for _, a := range []*model.Attr{h.layout.members, h.layout.groups} {
		if a != nil {
			d = d.Without(a.ID)
		}
	}
	return d.Public().Without(h.model.Meta)
}

// row are the values of the columns of resources for d.
func (h *handler) row(d *document.Doc) params {
	m, bare := d.Meta(), h.bare(d)
	id, _ := d.Get(model.IDAttr)
	p := params{
		"tenant": h.tenant, "id": id.String(), "doc": string(bare.Bytes()), "keys": string(filter.Keys(bare)),
		"name_key": nil, "external_key": nil, "display": h.layout.display(d),
		"version": m.Version, "created": m.Created.UnixMicro(), "modified": m.LastModified.UnixMicro(),
	}
	if h.name != nil {
		p["name_key"] = key(d, h.name)
	}
	if id := h.model.SubString(model.Root, "externalId"); id != model.None {
		p["external_key"] = key(d, h.model.Attr(id))
	}
	return p
}

// key is the key of a single-valued attribute of d, nil if there is none.
func key(d *document.Doc, a *model.Attr) any {
	v, ok := d.Get(a.ID)
	if !ok {
		return nil
	}
	k, ok := filter.KeyOf(a, v)
	if !ok {
		return nil
	}
	return bounded(k)
}

// longestKey is how long a key may be for the indexes of every database.
const longestKey = 2000

// bounded makes of a longer key one that is as good for equality.
func bounded(key string) string {
	if len(key) <= longestKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	cut := longestKey - 2*len(sum)
	for !utf8.RuneStart(key[cut]) {
		cut--
	}
	return key[:cut] + hex.EncodeToString(sum[:])
}

// appendRow appends the row of d as insertResources takes it.
func (h *handler) appendRow(dst []byte, d *document.Doc) []byte {
	p := h.row(d)
	text := func(name string) {
		if s, ok := p[name].(string); ok {
			dst = append(document.AppendString(dst, s), ',')
		} else {
			dst = append(dst, "null,"...)
		}
	}
	dst = append(dst, '[')
	text("id")
	text("doc")
	dst = append(append(dst, p["keys"].(string)...), ',')
	for _, name := range []string{"name_key", "external_key", "display", "version"} {
		text(name)
	}
	dst = append(strconv.AppendInt(dst, p["created"].(int64), 10), ',')
	return append(strconv.AppendInt(dst, p["modified"].(int64), 10), ']')
}

// appendNames appends the rows of names for d as insertNames takes them, with a
// comma behind each.
func (h *handler) appendNames(dst []byte, d *document.Doc) []byte {
	id, _ := d.Get(model.IDAttr)
	var seen []string
	for _, a := range h.indexed {
		for _, v := range values(d, a) {
			k, ok := filter.KeyOf(a, v)
			if k = bounded(k); !ok || slices.Contains(seen, a.Path+" "+k) {
				continue
			}
			seen = append(seen, a.Path+" "+k)
			row := []string{id.String(), a.Path, k, k}
			if !a.Unique {
				row = row[:3]
			}
			dst = append(appendTexts(dst, slices.Values(row)), ',')
		}
	}
	return dst
}

// conflict makes of a key that is there twice the error that names the
// attribute.
func (h *handler) conflict(err error) error {
	switch {
	case err == nil || !duplicate(err):
		return err
	case says(err, "name_key") && h.name != nil:
		return scim.Conflict(h.name.Path)
	case says(err, "uniq_key"):
		return scim.ErrConflict
	}
	return scim.Conflict("id")
}
