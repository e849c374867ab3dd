package scim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// What the tests of hostile input have in common.

const errorMessageURN = "urn:ietf:params:scim:api:messages:2.0:Error"

// A logBook is a slog.Handler that keeps everything that is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBook) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.Reset()
}

func (b *logBook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// A tenancy is a server with the tenants acme and globex, whose resources and
// tokens carry their names, and counters of what the server does.
type tenancy struct {
	users, groups *schema.ResourceType
	stores        map[string]map[string]scim.ResourceHandler // tenant, resource type
	log           *logBook
	decisions     atomic.Int64 // calls of the Authenticator
	computes      bool         // the stores compute parts of a resource from others
}

// The ids of the resources that every tenant has.
const (
	aliceID = "0190a5e8-4a35-7c22-8b5e-0d5a4a5b6c01"
	bobID   = "0190a5e8-4a35-7c22-8b5e-0d5a4a5b6c02"
	groupID = "0190a5e8-4a35-7c22-8b5e-0d5a4a5b6c03"
)

var tenantNames = []string{"acme", "globex"}

// marker is in every resource of a tenant.
func marker(tenant string) string { return "marker-" + tenant }

func newTenancy(t testing.TB) *tenancy {
	return newTenancyIn(t, func(_ string, typ *schema.ResourceType) scim.ResourceHandler { return newMapHandler(typ) })
}

// newTenancyIn is newTenancy with the handlers that open gives.
func newTenancyIn(t testing.TB, open func(tenant string, typ *schema.ResourceType) scim.ResourceHandler) *tenancy {
	ten := &tenancy{users: schema.UserType(), groups: schema.GroupType(), log: new(logBook)}
	ten.fill(t, open)
	return ten
}

// fill makes the tenants and their resources.
func (ten *tenancy) fill(t testing.TB, open func(tenant string, typ *schema.ResourceType) scim.ResourceHandler) {
	ten.stores = map[string]map[string]scim.ResourceHandler{}
	for _, name := range tenantNames {
		users, groups := open(name, ten.users), open(name, ten.groups)
		ten.stores[name] = map[string]scim.ResourceHandler{"User": users, "Group": groups}
		seed(t, users, ten.users, fmt.Sprintf(`{"id":%q,"externalId":"ext-alice","userName":"alice@%s","displayName":"Alice %[3]s","active":true,
			"emails":[{"value":"alice@%[2]s.example","type":"work","primary":true}],"groups":[{"value":%[4]q,"display":"Crew"}]}`, aliceID, name, marker(name), groupID))
		seed(t, users, ten.users, fmt.Sprintf(`{"id":%q,"externalId":"ext-bob","userName":"bob@%s","displayName":"Bob %s","active":true}`, bobID, name, marker(name)))
		seed(t, groups, ten.groups, fmt.Sprintf(`{"id":%q,"displayName":"Crew %s","members":[{"value":%q,"type":"User"}]}`, groupID, marker(name), aliceID))
	}
}

// seed stores a resource as a host would, readOnly attributes included.
func seed(t testing.TB, h scim.ResourceHandler, typ *schema.ResourceType, body string) {
	t.Helper()
	r, err := scim.ParseResource(typ, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Create(context.Background(), r); err != nil {
		t.Fatal(err)
	}
}

func (ten *tenancy) forTenant(typ string) func(context.Context, string) (scim.ResourceHandler, error) {
	return func(_ context.Context, tenant string) (scim.ResourceHandler, error) {
		if h := ten.stores[tenant]; h != nil {
			return h[typ], nil
		}
		return nil, scim.ErrNotFound
	}
}

// Authenticate knows the tokens token-acme and token-globex.
func (ten *tenancy) Authenticate(r *http.Request, tenant string) (scim.Principal, error) {
	ten.decisions.Add(1)
	token, ok := scim.BearerToken(r)
	owner, known := strings.CutPrefix(token, "token-")
	if !ok || !known || ten.stores[owner] == nil {
		return scim.Principal{}, scim.ErrUnauthorized
	}
	return scim.Principal{Tenant: owner, Subject: owner}, nil
}

// server makes a server from c, which lacks endpoints and perhaps more.
func (ten *tenancy) server(t testing.TB, c scim.Config) *scim.Server {
	t.Helper()
	c.Endpoints = []scim.Endpoint{
		{Type: ten.users, ForTenant: ten.forTenant("User")},
		{Type: ten.groups, ForTenant: ten.forTenant("Group")},
	}
	if c.Authenticator == nil {
		c.Authenticator = ten
	}
	c.Logger = ten.log.logger()
	s, err := scim.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rows is everything that is stored: "tenant/type/id" -> JSON.
func (ten *tenancy) rows() map[string]string {
	all := make(map[string]string)
	for tenant, types := range ten.stores {
		for typ, h := range types {
			page, err := h.List(context.Background(), scim.Query{StartIndex: 1, Count: 1 << 20})
			if err != nil {
				panic(err)
			}
			for _, r := range page.Resources {
				all[tenant+"/"+typ+"/"+r.ID()] = string(ten.own(r).JSON())
			}
		}
	}
	return all
}

// own is r without what a store that computes takes from other resources: the
// groups of a user, as long as they are nothing but that, and the names of the
// members of a group.
func (ten *tenancy) own(r *scim.Resource) *scim.Resource {
	if !ten.computes {
		return r
	}
	r = r.Clone()
	var members []string
	for _, v := range r.Values("members") {
		members = append(members, v.String("value"))
	}
	var err error
	if r.Type() == ten.groups {
		err = r.Set("members", members)
	} else if !strings.Contains(string(r.JSON()), canary) {
		err = r.Set("groups", nil)
	}
	if err != nil {
		panic(err)
	}
	return r
}

// changedRows names the rows that differ.
func changedRows(before, after map[string]string) []string {
	var changed []string
	for k, v := range before {
		if after[k] != v {
			changed = append(changed, k)
		}
	}
	for k := range after {
		if _, ok := before[k]; !ok {
			changed = append(changed, k)
		}
	}
	return changed
}

// A reply is what a server said.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request in process, as acme unless header says otherwise. header
// holds names and values in turn.
func ask(h http.Handler, method, target, body string, header ...string) reply {
	var rd io.Reader
	if body != "" {
		rd = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, rd)
	r.Header.Set("Authorization", "Bearer token-acme")
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header[http.CanonicalHeaderKey(header[i])] = []string{header[i+1]}
		}
	}
	return serve(h, r)
}

func serve(h http.Handler, r *http.Request) reply {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.Bytes()}
}

type errorBody struct {
	Schemas  []string `json:"schemas"`
	Status   string   `json:"status"`
	ScimType string   `json:"scimType"`
	Detail   string   `json:"detail"`
}

// message decodes an error message; "" fields if it is none.
func (a reply) message() (m errorBody) {
	json.Unmarshal(a.body, &m)
	return m
}

// fault says what is wrong with an answer as SCIM: "" if nothing is. Errors
// have the message of RFC 7644 section 3.12 with the status of the answer.
func (a reply) fault(method string) string {
	switch {
	case a.status >= 300 && a.status < 400 && a.status != http.StatusNotModified:
		return fmt.Sprintf("a redirect: %d to %s", a.status, a.header.Get("Location"))
	case method == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified:
		if len(a.body) > 0 {
			return fmt.Sprintf("status %d of %s with a body", a.status, method)
		}
		return ""
	}
	if ct := a.header["Content-Type"]; len(ct) != 1 || ct[0] != "application/scim+json" {
		return fmt.Sprintf("status %d with Content-Type %q", a.status, ct)
	}
	if !json.Valid(a.body) {
		return fmt.Sprintf("status %d with a body that is not JSON: %.200q", a.status, a.body)
	}
	m := a.message()
	if a.status < 400 {
		if len(m.Schemas) == 0 || m.Schemas[0] == errorMessageURN {
			return fmt.Sprintf("status %d with schemas %q", a.status, m.Schemas)
		}
		return ""
	}
	if len(m.Schemas) != 1 || m.Schemas[0] != errorMessageURN || m.Status != strconv.Itoa(a.status) || m.Detail == "" {
		return fmt.Sprintf("status %d with the message %.300s", a.status, a.body)
	}
	if a.status == http.StatusUnauthorized && a.header.Get("WWW-Authenticate") == "" {
		return "401 without WWW-Authenticate (RFC 7644 section 2)"
	}
	return ""
}

// wantError checks the whole of an error.
func wantError(t *testing.T, a reply, status int, scimType string, inDetail ...string) {
	t.Helper()
	if f := a.fault(http.MethodGet); f != "" {
		t.Error(f)
	}
	m := a.message()
	if a.status != status || m.ScimType != scimType {
		t.Errorf("answer %d %s, want %d %s: %.300s", a.status, m.ScimType, status, scimType, a.body)
	}
	for _, s := range inDetail {
		if !strings.Contains(m.Detail, s) {
			t.Errorf("detail %q does not mention %q", m.Detail, s)
		}
	}
}

// wantAlive checks that a good request still succeeds.
func wantAlive(t *testing.T, h http.Handler) {
	t.Helper()
	if a := ask(h, "GET", "/Users/"+aliceID, ""); a.status != http.StatusOK || !strings.Contains(string(a.body), marker("acme")) {
		t.Errorf("a good request afterwards: %d %.200s", a.status, a.body)
	}
}

const patchSchemas = `"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]`

// patchBody is a PATCH message with operations.
func patchBody(operations ...string) string {
	return `{` + patchSchemas + `,"Operations":[` + strings.Join(operations, ",") + `]}`
}

// userBody is a user with more members.
func userBody(userName string, more ...string) string {
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":` + strconv.Quote(userName)
	for _, m := range more {
		body += "," + m
	}
	return body + "}"
}
