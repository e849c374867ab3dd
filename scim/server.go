package scim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/patch"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// A Server is a SCIM service provider (RFC 7644) as an http.Handler. It works
// under any path, with or without http.StripPrefix, and routes by itself: mount
// it with a trailing slash, mux.Handle("/scim/v2/", server).
//
// A base URL that ends in a slash makes clients ask for /scim/v2//Users. The
// server takes that (see [Tolerance]), but [http.ServeMux] does not let it
// through: it answers with a redirect, which turns some clients' POST into a
// GET. Where clients do that, ask for the prefix before the mux:
//
//	http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//		if strings.HasPrefix(r.URL.Path, "/scim/v2/") {
//			server.ServeHTTP(w, r)
//			return
//		}
//		mux.ServeHTTP(w, r)
//	})
type Server struct {
	config    Config
	limits    Limits
	log       *slog.Logger
	endpoints []*endpoint
	byName    map[string]*endpoint // by resource type name
	byPath    map[string]*endpoint // by endpoint without the slash
	typeOf    func(endpoint []byte) string
	policy    *policy
	base      baseURL
	discovery *discovery
	quirks    [64]atomic.Uint64
	scratch   sync.Pool
	flights   *flights
}

// endpoint is an Endpoint made ready.
type endpoint struct {
	Endpoint
	model     *model.Type
	empty     *document.Doc // a resource without anything
	path      string        // without the slash
	pathJSON  []byte        // "/Users/" as a part of a JSON string
	list      model.ID
	listName  []string // the long list, for Omit
	noContent bool
	defaults  *projection
	targets   []*endpoint // by the ID of a $ref: where all its references lead
	onRequest []model.ID  // attributes that are returned on request
	cache     projectionCache
	twins     memo[*model.Type, bool] // whether it is equal to model
}

// NewServer makes a server. It refuses a Config that cannot work, and says all
// that is wrong with it.
func NewServer(c Config) (*Server, error) {
	s := &Server{config: c.withDefaults(), limits: c.Limits.withDefaults(), byName: map[string]*endpoint{}, byPath: map[string]*endpoint{}}
	s.log = s.config.Logger
	s.policy = s.config.Tolerance.compile()
	errs := c.check()
	for i, e := range c.Endpoints {
		if err := s.addEndpoint(e); err != nil {
			errs = append(errs, fmt.Errorf("in Endpoints[%d]: %w", i, err))
		}
	}
	var err error
	if s.base, err = parseBaseURL(c.BaseURL); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, s.checkTenants(), s.checkTolerance())
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("scim: invalid Config: %w", err)
	}
	for _, ep := range s.endpoints {
		ep.targets = s.targets(ep.model)
	}
	s.typeOf = func(endpoint []byte) string {
		if ep := s.byPath[string(endpoint)]; ep != nil {
			return ep.model.Name
		}
		return ""
	}
	s.discovery, s.flights = newDiscovery(s), newFlights()
	s.scratch.New = func() any { return new(scratch) }
	return s, nil
}

func (s *Server) addEndpoint(e Endpoint) error {
	if err := e.check(); err != nil {
		return err
	}
	m := e.Type.Model()
	ep := &endpoint{Endpoint: e, model: m, path: strings.TrimPrefix(m.Endpoint, "/"), list: patch.List(m)}
	ep.empty = document.NewTree(m).Doc()
	ep.pathJSON = bytes.Trim(document.AppendString(nil, m.Endpoint+"/"), `"`)
	ep.noContent = e.PatchResponse == PatchNoContent || e.PatchResponse == PatchAuto && ep.list != model.None
	if ep.list != model.None {
		ep.listName = []string{m.Attrs[ep.list].Name}
	}
	ep.defaults, ep.onRequest = newProjection(m, nil, nil, nil, nil), onRequest(m)
	if s.byName[m.Name] != nil {
		return fmt.Errorf("there are two resource types called %s", m.Name)
	}
	if s.byPath[ep.path] != nil {
		return fmt.Errorf("there are two resource types at /%s", ep.path)
	}
	for _, other := range s.endpoints {
		if strings.EqualFold(other.path, ep.path) {
			return fmt.Errorf("the endpoints /%s and /%s differ in letter case only", other.path, ep.path)
		}
		if err := sameSchema(other.Type, e.Type); err != nil {
			return err
		}
	}
	s.endpoints = append(s.endpoints, ep)
	s.byName[m.Name], s.byPath[ep.path] = ep, ep
	return nil
}

// sameSchema refuses two types that show one schema URI with two contents.
func sameSchema(a, b *schema.ResourceType) error {
	for _, x := range a.Schemas() {
		for _, y := range b.Schemas() {
			if x != y && strings.EqualFold(x.ID, y.ID) && !equalSchema(x, y) {
				return fmt.Errorf("the resource types %s and %s have two different schemas called %s", a.Name, b.Name, x.ID)
			}
		}
	}
	return nil
}

func equalSchema(a, b *schema.Schema) bool {
	x, err1 := a.MarshalJSON()
	y, err2 := b.MarshalJSON()
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// targets gives, by the ID of a $ref, the endpoint of the resources that the
// reference names, where they can be of one type only.
func (s *Server) targets(t *model.Type) []*endpoint {
	list := make([]*endpoint, len(t.Attrs))
	for i := range t.Attrs {
		if refs := t.Attrs[i].References; len(refs) == 1 {
			list[i] = s.byName[refs[0]]
		}
	}
	return list
}

// QuirkCounts tells how many requests had each quirk since the server began.
func (s *Server) QuirkCounts() map[Quirk]uint64 {
	counts := make(map[Quirk]uint64)
	for q := range quirk.All() {
		if n := s.quirks[q].Load(); n > 0 {
			counts[q] = n
		}
	}
	return counts
}

// tolerance gives the policy for a tenant.
func (s *Server) tolerance(ctx context.Context, tenant string) *policy {
	if s.config.TenantTolerance == nil {
		return s.policy
	}
	t := s.config.TenantTolerance(ctx, tenant)
	if t == nil {
		return s.policy
	}
	return t.compile()
}

// updater finds the optional interface, through decorators.
func updater(h ResourceHandler) ListUpdater {
	for range 100 {
		if u, ok := h.(ListUpdater); ok {
			return u
		}
		d, ok := h.(interface{ Unwrap() ResourceHandler })
		if !ok {
			return nil
		}
		h = d.Unwrap()
	}
	return nil
}
