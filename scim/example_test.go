package scim_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// A person is a user of the application. The tags say which attribute a field
// is.
type person struct {
	ID      string    `scim:"id"`
	Login   string    `scim:"userName"`
	Given   string    `scim:"name.givenName"`
	Family  string    `scim:"name.familyName"`
	Mails   []mail    `scim:"emails"`
	Enabled bool      `scim:"active"`
	Created time.Time `scim:"meta.created"`
	Changed time.Time `scim:"meta.lastModified"`
	Version string    `scim:"meta.version"`
}

type mail struct {
	Address string `scim:"value"`
	Kind    string `scim:"type"`
	Main    bool   `scim:"primary,omitempty"`
}

// people is what the application has already: a map. It is a
// scim.ResourceHandler.
type people struct {
	mu   sync.Mutex
	byID map[string]person
	typ  *schema.ResourceType
}

// newPeople narrows the RFC's User to what a person has: that is what /Schemas
// shows, and what else clients send is left out.
func newPeople() *people {
	users := schema.UserType()
	users.Schema = schema.User().Only("userName", "name.givenName", "name.familyName", "emails.value", "emails.type", "emails.primary", "active")
	users.Extensions = nil
	return &people{byID: map[string]person{}, typ: users}
}

// put stores r, unless somebody else has the login.
func (p *people) put(r *scim.Resource) error {
	var x person
	if err := r.Decode(&x); err != nil {
		return err
	}
	for _, other := range p.byID {
		if other.ID != x.ID && scim.IdentityKey(other.Login) == scim.IdentityKey(x.Login) {
			return scim.Conflict("userName")
		}
	}
	p.byID[x.ID] = x
	return nil
}

func (p *people) get(id string) (*scim.Resource, error) {
	x, ok := p.byID[id]
	if !ok {
		return nil, scim.ErrNotFound
	}
	return scim.NewResource(p.typ, x)
}

func (p *people) Create(_ context.Context, r *scim.Resource) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.put(r)
}

func (p *people) Get(_ context.Context, id string, _ scim.GetOptions) (*scim.Resource, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.get(id)
}

func (p *people) List(_ context.Context, q scim.Query) (scim.Page, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*scim.Resource
	for id := range p.byID {
		r, err := p.get(id)
		if err != nil {
			return scim.Page{}, err
		}
		all = append(all, r)
	}
	return q.Select(slices.Values(all)), nil
}

func (p *people) Update(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, err := p.get(id)
	if err != nil {
		return nil, err
	}
	if err := edit(r); err != nil {
		return nil, err
	}
	return r, p.put(r)
}

func (p *people) Delete(_ context.Context, id string, check func(*scim.Resource) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, err := p.get(id)
	if err != nil {
		return err
	}
	if err := check(r); err != nil {
		return err
	}
	delete(p.byID, id)
	return nil
}

// An application serves its own users: a handler over what it has, mounted
// under a prefix of its own mux.
func Example() {
	users := newPeople()
	server, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: users.typ, Handler: users}},
		Authenticator: scim.StaticToken("s3cret"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "the application") })
	mux.Handle("/scim/v2/", server)
	site := httptest.NewServer(mux)
	defer site.Close()

	// This is what an identity provider does.
	call := func(method, path, body string) {
		r, _ := http.NewRequest(method, site.URL+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer s3cret")
		r.Header.Set("Content-Type", "application/scim+json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		fmt.Println(resp.Status, strings.Contains(string(text), "Mira"))
	}
	call("POST", "/scim/v2/Users", `{"userName": "mira@example.test", "name": {"givenName": "Mira"}}`)
	call("POST", "/scim/v2/Users", `{"userName": "MIRA@example.test"}`)
	call("GET", `/scim/v2/Users?filter=userName+eq+%22mira@example.test%22`, "")
	for id := range users.byID {
		call("PATCH", "/scim/v2/Users/"+id, `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
			"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}`)
		fmt.Println("enabled:", users.byID[id].Enabled)
	}
	// Output:
	// 201 Created true
	// 409 Conflict false
	// 200 OK true
	// 200 OK true
	// enabled: false
}
