package bench

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
	"github.com/scim2/filter-parser/v2"
)

// peer is a ResourceHandler of github.com/elimity-com/scim over maps, for users
// or for groups. With indexed it keeps an index of userName and one of each
// group's members, and answers a change of members by 204.
//
// The library writes into the top level of the attributes that a handler
// gives it, and encodes them after the handler has returned: so what is stored
// is never changed below the top level, and the top level is copied for each
// answer.
type peer struct {
	indexed bool
	mu      sync.RWMutex
	byID    map[string]*record
	byName  map[string]*record // by userName in lower case
	order   []*record          // as they were created
	serial  int
}

// record is a stored resource.
type record struct {
	id       string
	serial   int
	external optional.String
	attrs    scim.ResourceAttributes // without members, where they are indexed
	created  time.Time
	modified time.Time
	version  int
	members  []any
	position map[string]int // of a member in members
}

func newPeer(indexed bool) *peer {
	return &peer{indexed: indexed, byID: make(map[string]*record), byName: make(map[string]*record)}
}

// newPeerServer is the library with our handlers and the RFC's schemas.
func newPeerServer(users, groups *peer) (http.Handler, error) {
	return scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{MaxResults: 1000, SupportFiltering: true, SupportPatch: true},
		ResourceTypes: []scim.ResourceType{
			{ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: schema.CoreUserSchema(), Handler: users,
				SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}}},
			{ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: schema.CoreGroupSchema(), Handler: groups},
		},
	})
}

// resource is what the library gets to see of a record.
func (r *record) resource() scim.Resource {
	created, modified := r.created, r.modified
	attrs := maps.Clone(r.attrs)
	if len(r.members) > 0 {
		attrs["members"] = slices.Clone(r.members)
	}
	return scim.Resource{ID: r.id, ExternalID: r.external, Attributes: attrs,
		Meta: scim.Meta{Created: &created, LastModified: &modified, Version: `W/"` + strconv.Itoa(r.version) + `"`}}
}

func folded(attrs scim.ResourceAttributes) string {
	name, _ := attrs["userName"].(string)
	return strings.ToLower(name)
}

// Create stores a resource.
func (p *peer) Create(_ *http.Request, attrs scim.ResourceAttributes) (scim.Resource, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name := folded(attrs); name != "" && p.byName[name] != nil {
		return scim.Resource{}, errors.ScimErrorUniqueness
	}
	p.serial++
	now := time.Now()
	r := &record{id: fmt.Sprintf("00000000-0000-7000-8000-%012d", p.serial), serial: p.serial, created: now, modified: now, version: 1}
	p.set(r, attrs)
	p.byID[r.id] = r
	p.order = append(p.order, r)
	return r.resource(), nil
}

// set makes attrs the attributes of r.
func (p *peer) set(r *record, attrs scim.ResourceAttributes) {
	if name := folded(r.attrs); name != "" {
		delete(p.byName, name)
	}
	if name := folded(attrs); name != "" {
		p.byName[name] = r
	}
	if id, ok := attrs["externalId"].(string); ok {
		r.external = optional.NewString(id)
	}
	if list, ok := attrs["members"].([]any); ok && p.indexed {
		attrs = maps.Clone(attrs)
		delete(attrs, "members")
		r.members, r.position = nil, make(map[string]int, len(list))
		for _, m := range list {
			r.add(m)
		}
	}
	r.attrs = attrs
}

// add makes m a member, unless it is one.
func (r *record) add(m any) {
	id := memberID(m)
	if _, ok := r.position[id]; ok {
		return
	}
	if r.position == nil {
		r.position = make(map[string]int)
	}
	r.position[id] = len(r.members)
	r.members = append(r.members, m)
}

// drop ends the membership of id.
func (r *record) drop(id string) {
	i, ok := r.position[id]
	if !ok {
		return
	}
	last := len(r.members) - 1
	r.members[i] = r.members[last]
	r.position[memberID(r.members[i])] = i
	r.members[last] = nil
	r.members = r.members[:last]
	delete(r.position, id)
}

func memberID(m any) string {
	attrs, _ := m.(map[string]any)
	id, _ := attrs["value"].(string)
	return id
}

// Get gives one resource.
func (p *peer) Get(_ *http.Request, id string) (scim.Resource, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	r := p.byID[id]
	if r == nil {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	return r.resource(), nil
}

// GetAll gives a page of the resources that a filter matches.
func (p *peer) GetAll(_ *http.Request, q scim.ListRequestParams) (scim.Page, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	found := p.order
	if q.FilterValidator != nil {
		found = p.matching(q)
	}
	page := scim.Page{TotalResults: len(found), Resources: []scim.Resource{}}
	from := min(q.StartIndex-1, len(found))
	for _, r := range found[from:min(from+q.Count, len(found))] {
		page.Resources = append(page.Resources, r.resource())
	}
	return page, nil
}

// matching answers an equality of userName from the index, every other filter
// by looking at each resource.
func (p *peer) matching(q scim.ListRequestParams) []*record {
	if e, ok := q.FilterValidator.GetFilter().(*filter.AttributeExpression); ok && p.indexed && e.Operator == filter.EQ &&
		e.AttributePath.SubAttribute == nil && strings.EqualFold(e.AttributePath.AttributeName, "userName") {
		name, _ := e.CompareValue.(string)
		if r := p.byName[strings.ToLower(name)]; r != nil {
			return []*record{r}
		}
		return nil
	}
	var found []*record
	for _, r := range p.order {
		if q.FilterValidator.PassesFilter(r.attrs) == nil {
			found = append(found, r)
		}
	}
	return found
}

// Replace stores other attributes.
func (p *peer) Replace(_ *http.Request, id string, attrs scim.ResourceAttributes) (scim.Resource, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.byID[id]
	if r == nil {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	if name := folded(attrs); p.byName[name] != nil && p.byName[name] != r {
		return scim.Resource{}, errors.ScimErrorUniqueness
	}
	p.set(r, attrs)
	r.touch()
	return r.resource(), nil
}

func (r *record) touch() {
	r.modified = time.Now()
	r.version++
}

// Delete removes a resource.
func (p *peer) Delete(_ *http.Request, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.byID[id]
	if r == nil {
		return errors.ScimErrorResourceNotFound(id)
	}
	delete(p.byID, id)
	delete(p.byName, folded(r.attrs))
	i, _ := slices.BinarySearchFunc(p.order, r.serial, func(x *record, serial int) int { return x.serial - serial })
	p.order = slices.Delete(p.order, i, i+1)
	return nil
}
