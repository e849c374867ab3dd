package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestPatchWork: operations x elements x terms has a limit of its own.
func TestPatchWork(t *testing.T) {
	s := newMemory(t)
	user := newUser(t, s, `"userName":"bomb","emails":[`+list(`{"value":"`+strings.Repeat("é", 30)+`%d"}`, 1000)+`]`)
	path := `emails[` + strings.ReplaceAll(list(`value co \"q%d\"`, 16), ",", " or ") + `].display`
	a := must(t, s, 400, "PATCH", "/Users/"+user, patchOf(strings.Repeat(`{"op":"remove","path":"`+path+`"},`, 899)+`{"op":"remove","path":"`+path+`"}`))
	if !strings.Contains(a.Body, "invalidValue") || !strings.Contains(a.Body, "limit of work of one PATCH") {
		t.Error(a.Body)
	}

	h := newMapHandler(schema.GroupType())
	s = newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: h.typ, Handler: h}} })
	id := must(t, s, 201, "POST", "/Groups", `{"schemas":["`+groupURN+`"],"displayName":"G","members":[`+list(`{"value":"m%d"}`, 2000)+`]}`).text(t, "id")
	a = must(t, s, 400, "PATCH", "/Groups/"+id, patchOf(list(`{"op":"remove","path":"members[display eq \"none%d\"]"}`, 1000)))
	if !strings.Contains(a.Body, "invalidValue") || !strings.Contains(a.Body, "limit of work of one PATCH") {
		t.Error(a.Body)
	}
}

// TestPatchDeadline: a PATCH whose time is over when the handler has the
// resource ends with 503, and nothing is stored.
func TestPatchDeadline(t *testing.T) {
	h := lateHandler{newMapHandler(schema.UserType())}
	s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: h.typ, Handler: h}} })
	id := newUser(t, s, `"userName":"a"`)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "PATCH", "/v2/Users/"+id, strings.NewReader(patchOf(`{"op":"replace","path":"title","value":"x"}`)))
	r.Host = "example.com"
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(string(h.all[id]), "title") {
		t.Errorf("%d %s, stored %s", w.Code, w.Body, h.all[id])
	}
}

// lateHandler calls edit when the context is over.
type lateHandler struct{ *mapHandler }

func (h lateHandler) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	<-ctx.Done()
	return h.mapHandler.Update(context.WithoutCancel(ctx), id, edit)
}

// TestPutMembersUnchanged: a list of members sent back is the list that is
// there, whatever the store has added to its elements (RFC 7644 section 3.5.1).
func TestPutMembersUnchanged(t *testing.T) {
	s := newMemory(t)
	var ids [3]string
	for i := range ids {
		ids[i] = newUser(t, s, fmt.Sprintf(`"userName":"u%d","displayName":"User %d"`, i, i))
	}
	body := func(name string, members ...string) string {
		return `{"schemas":["` + groupURN + `"],"displayName":"` + name + `","members":[` + strings.Join(members, ",") + `]}`
	}
	value := func(i int) string { return `{"value":"` + ids[i] + `"}` }
	created := must(t, s, 201, "POST", "/Groups", body("G", value(0), value(1)))
	target := "/Groups/" + created.text(t, "id")
	before := must(t, s, 200, "GET", target, "")
	for _, c := range []struct{ name, body string }{
		{"values", body("G", value(0), value(1))},
		{"another order", body("G", value(1), value(0))},
		{"another display", body("G", `{"value":"`+ids[0]+`","display":"X"}`, value(1))},
		{"all that was answered", before.Body},
	} {
		a := must(t, s, 200, "PUT", target, c.body)
		if a.Body != before.Body {
			t.Errorf("%s:\n%s\nbefore\n%s", c.name, a.Body, before.Body)
		}
	}
	for _, c := range []struct{ name, body string }{
		{"another name", body("H", value(0), value(1))},
		{"one more", body("G", value(0), value(1), value(2))},
		{"one less", body("G", value(0))},
		{"none", body("G")},
	} {
		a := must(t, s, 200, "PUT", target, c.body)
		if a.text(t, "meta", "version") == before.text(t, "meta", "version") {
			t.Errorf("%s: the same version", c.name)
		}
		before = a
	}
}
