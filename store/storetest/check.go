package storetest

import (
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// A check is one run of one rule.
type check struct {
	host  Host
	ctx   context.Context
	rand  *rand.Rand // not for goroutines
	count atomic.Int64
	kinds []*kind
}

// A kind is a resource type in a check.
type kind struct {
	*check
	ep      scim.Endpoint
	rt      *schema.ResourceType
	model   *model.Type
	h       scim.ResourceHandler // for the first tenant
	other   scim.ResourceHandler // for the second, if there are tenants
	unique  *model.Attr          // a string that is unique, or nil
	members *model.Attr          // the list of references that clients write, or nil
	groups  *model.Attr          // the one that they only read, or nil
}

func newCheck(h Host) *check {
	c := &check{host: h, ctx: context.Background(), rand: rand.New(rand.NewPCG(7643, 7644))}
	for _, ep := range h.Endpoints {
		k := &kind{check: c, ep: ep, rt: ep.Type, model: ep.Type.Model()}
		for id := model.ID(1); int(id) < len(k.model.Attrs); id = k.model.Attrs[id].End {
			k.note(&k.model.Attrs[id])
		}
		c.kinds = append(c.kinds, k)
	}
	return c
}

// note finds attributes that rules are about.
func (k *kind) note(a *model.Attr) {
	switch {
	case a.ResourceRef && a.Multi && a.Mutability == model.ReadWrite && k.members == nil:
		k.members = a
	case a.ResourceRef && a.Multi && a.Mutability == model.ReadOnly && k.groups == nil:
		k.groups = a
	case a.Unique && a.Kind == model.String && !a.Multi && a.ID != model.IDAttr && a.Mutability == model.ReadWrite && k.unique == nil:
		k.unique = a
	}
}

// open gets the handlers.
func (c *check) open() {
	tenants := c.host.Tenants
	if len(tenants) == 0 {
		tenants = []string{"a", "b"}
	}
	for _, k := range c.kinds {
		if k.ep.ForTenant == nil {
			k.h = k.ep.Handler
			continue
		}
		var err error
		if k.h, err = k.ep.ForTenant(c.ctx, tenants[0]); err != nil {
			c.failf("ForTenant(%q) = %v", tenants[0], err)
		}
		if k.other, err = k.ep.ForTenant(c.ctx, tenants[1]); err != nil {
			c.failf("ForTenant(%q) = %v", tenants[1], err)
		}
	}
}

// in gives k for the second tenant.
func (k *kind) in(h scim.ResourceHandler) *kind {
	o := *k
	o.h = h
	return &o
}

// pool gives the type of the resources that are to be members, another type
// than k if there is one.
func (k *kind) pool() *kind {
	allowed := k.model.Attrs[k.members.Ref].References
	for _, p := range k.kinds {
		if p != k && slices.Contains(allowed, p.rt.Name) && (p.ep.ForTenant == nil) == (k.ep.ForTenant == nil) {
			return p
		}
	}
	if slices.Contains(allowed, k.rt.Name) {
		return k
	}
	return nil
}

// failure ends a check.
type failure struct{ text string }

func (c *check) failf(format string, args ...any) {
	panic(failure{fmt.Sprintf(format, args...)})
}

// must ends the check if err is not nil.
func (c *check) must(err error, doing string, args ...any) {
	if err != nil {
		c.failf("%s: %v", fmt.Sprintf(doing, args...), err)
	}
}

// wants ends the check if err is not target.
func (c *check) wants(err, target error, doing string, args ...any) {
	if !errors.Is(err, target) {
		c.failf("%s: error is %v, want %v", fmt.Sprintf(doing, args...), err, target)
	}
}

// next numbers what is to be different.
func (c *check) next() int { return int(c.count.Add(1)) }

// now is a time in the resolution of meta, another each time.
func (c *check) now() time.Time {
	return time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.next()) * time.Millisecond)
}

// id makes an id as the engine does.
func (c *check) id() string {
	var b [16]byte
	crand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// resource makes a resource of attributes, with what the engine gives it.
func (k *kind) resource(attributes map[string]any) *scim.Resource {
	if k.host.Adjust != nil {
		k.host.Adjust(k.rt, attributes)
	}
	data, err := json.Marshal(attributes)
	k.must(err, "generated resource")
	r, err := scim.ParseResource(k.rt, data)
	k.must(err, "generated resource %s", data)
	r.SetID(k.id())
	now := k.now()
	r.SetMeta(scim.Meta{Created: now, LastModified: now, Version: version(now)})
	return r
}

func version(t time.Time) string { return fmt.Sprintf("v%x", t.UnixMicro()) }

// touch does to an edited resource what the engine does.
func (k *kind) touch(r *scim.Resource) {
	m := r.Meta()
	m.LastModified = k.now()
	m.Version = version(m.LastModified)
	r.SetMeta(m)
}

// create stores a new generated resource.
func (k *kind) create() *scim.Resource {
	r := k.resource(k.generate(0.6))
	k.must(k.h.Create(k.ctx, r), "Create")
	return r
}

// corpus stores n of them.
func (k *kind) corpus(n int) []*scim.Resource {
	all := make([]*scim.Resource, n)
	for i := range all {
		all[i] = k.create()
	}
	return all
}

func (k *kind) get(id string) *scim.Resource {
	r, err := k.h.Get(k.ctx, id, scim.GetOptions{})
	k.must(err, "Get(%q)", id)
	if r == nil {
		k.failf("Get(%q) gives no resource and no error", id)
	}
	if r.ID() != id {
		k.failf("Get(%q) gives the resource %q", id, r.ID())
	}
	return r
}

// list is one page.
func (k *kind) list(q scim.Query) scim.Page {
	q.StartIndex = max(q.StartIndex, 1)
	p, err := k.h.List(k.ctx, q)
	k.must(err, "List with %s", describe(q))
	if len(p.Resources) > q.Count {
		k.failf("List with %s gives %d resources", describe(q), len(p.Resources))
	}
	return p
}

// all walks all pages.
func (k *kind) all(q scim.Query) []*scim.Resource {
	var all []*scim.Resource
	q.Count = 100
	for {
		q.StartIndex = len(all) + 1
		p := k.list(q)
		all = append(all, p.Resources...)
		if len(all) >= p.Total {
			return all
		}
		if len(p.Resources) == 0 {
			k.failf("List with %s has a total of %d, and no resources", describe(q), p.Total)
		}
	}
}

func describe(q scim.Query) string {
	var b strings.Builder
	if q.Filter != nil {
		fmt.Fprintf(&b, "filter %s, ", q.Filter)
	}
	if q.Order != nil {
		fmt.Fprintf(&b, "sortBy %s, descending %t, ", q.Order.Path(), q.Order.Descending())
	}
	if q.StartIndex > 0 {
		fmt.Fprintf(&b, "startIndex %d, count %d", q.StartIndex, q.Count)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// ids are the ids of resources.
func ids(all []*scim.Resource) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = r.ID()
	}
	return out
}
