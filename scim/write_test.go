package scim_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// TestNothingChanges: a PUT or PATCH that changes nothing changes neither
// lastModified nor version, and stores nothing.
func TestNothingChanges(t *testing.T) {
	const body = `{"schemas":["` + userURN + `"],"userName":"x","title":"Guide","active":true,"emails":[{"value":"a@example.com","type":"work"}]}`
	h := &counting{ResourceHandler: newMapHandler(schema.UserType())}
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints[0].Handler = h
		h.ResourceHandler = newMapHandler(c.Endpoints[0].Type)
	})
	created := must(t, s, 201, "POST", "/Users", body)
	id := created.text(t, "id")
	for _, tt := range []struct{ method, body string }{
		{"PUT", body},
		{"PUT", `{"emails":[{"type":"work","value":"a@example.com","display":null}],"TITLE":"Guide","userName":"x","nickName":null,"roles":[]}`},
		{"PUT", created.Body},
		{"PATCH", patchOf(`{"op":"replace","path":"title","value":"Guide"}`)},
		{"PATCH", patchOf(`{"op":"add","path":"emails","value":[{"value":"a@example.com","type":"work"}]}`)},
		{"PATCH", patchOf(`{"op":"remove","path":"nickName"}`)},
		{"PATCH", patchOf(`{"op":"remove","path":"emails[type eq \"home\"]"}`)},
		{"PATCH", patchOf(`{"op":"replace","path":"title","value":"Boss"},{"op":"replace","path":"title","value":"Guide"}`)},
		{"PATCH", patchOf(``)},
	} {
		a := must(t, s, 200, tt.method, "/Users/"+id, tt.body)
		if a.Body != created.Body || a.Header.Get("ETag") != created.Header.Get("ETag") {
			t.Errorf("%s %s gives another resource:\n%s\n%s", tt.method, tt.body, a.Body, created.Body)
		}
	}
	if h.stored != 0 {
		t.Errorf("%d updates were stored", h.stored)
	}
	must(t, s, 200, "PATCH", "/Users/"+id, patchOf(`{"op":"replace","path":"title","value":"Boss"}`))
	if h.stored != 1 {
		t.Errorf("%d updates were stored, want 1", h.stored)
	}
}

// counting counts the updates that edit agreed to. It wraps edit's error.
type counting struct {
	scim.ResourceHandler
	stored int
}

func (c *counting) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	r, err := c.ResourceHandler.Update(ctx, id, func(r *scim.Resource) error {
		err := edit(r)
		if err == nil {
			c.stored++
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("update %s: %w", id, err)
	}
	return r, nil
}

// TestLastModified: it equals created at first and increases with every change,
// even where the clock stands still or goes back; created stays (RFC 7643
// section 3.1).
func TestLastModified(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.FixedZone("", 3600))
	s := newServer(t, func(c *scim.Config) { c.Now = func() time.Time { return now } })
	first := must(t, s, 201, "POST", "/Users", `{"userName":"x"}`)
	if c, m := first.text(t, "meta", "created"), first.text(t, "meta", "lastModified"); c != m || c != "2026-01-02T02:04:05.678901Z" {
		t.Errorf("created %s, lastModified %s", c, m)
	}
	last, version := first.text(t, "meta", "lastModified"), first.text(t, "meta", "version")
	for i := range 5 {
		now = now.Add(time.Duration(-i) * time.Second)
		a := must(t, s, 200, "PATCH", "/Users/"+first.text(t, "id"), patchOf(fmt.Sprintf(`{"op":"replace","path":"title","value":"%d"}`, i)))
		if a.text(t, "meta", "created") != first.text(t, "meta", "created") {
			t.Error("created has changed")
		}
		if m := a.text(t, "meta", "lastModified"); m <= last {
			t.Errorf("lastModified %s is not after %s", m, last)
		}
		if v := a.text(t, "meta", "version"); v == version || v != a.Header.Get("ETag") {
			t.Errorf("version %s after %s, ETag %s", v, version, a.Header.Get("ETag"))
		}
		last, version = a.text(t, "meta", "lastModified"), a.text(t, "meta", "version")
	}
}

// TestPatchResponse: 204 or 200 by type and Config; whoever asks for attributes
// gets them (RFC 7644 section 3.5.2).
func TestPatchResponse(t *testing.T) {
	for _, tt := range []struct {
		endpoint string
		response scim.PatchResponse
		query    string
		want     int
	}{
		{"/Users", scim.PatchAuto, "", 200},
		{"/Users", scim.PatchResource, "", 200},
		{"/Users", scim.PatchNoContent, "", 204},
		{"/Users", scim.PatchNoContent, "?attributes=externalId", 200},
		{"/Users", scim.PatchNoContent, "?excludedAttributes=meta", 200},
		{"/Groups", scim.PatchAuto, "", 204},
		{"/Groups", scim.PatchAuto, "?attributes=externalId", 200},
		{"/Groups", scim.PatchAuto, "?excludedAttributes=members", 200},
		{"/Groups", scim.PatchResource, "", 200},
		{"/Groups", scim.PatchNoContent, "", 204},
	} {
		s := newServer(t, func(c *scim.Config) {
			c.Endpoints[0].PatchResponse, c.Endpoints[1].PatchResponse = tt.response, tt.response
		})
		id := must(t, s, 201, "POST", tt.endpoint, `{"userName":"x","displayName":"x"}`).text(t, "id")
		for _, what := range []string{"a change", "no change"} {
			a := send(t, s, "PATCH", tt.endpoint+"/"+id+tt.query, patchOf(`{"op":"add","path":"externalId","value":"E"}`))
			if a.Status != tt.want || a.Header.Get("ETag") == "" || (a.Body == "") != (tt.want == 204) {
				t.Errorf("%s %s%s, %s: %d, want %d: %s", fmt.Sprint(tt.response), tt.endpoint, tt.query, what, a.Status, tt.want, a.Body)
			}
			if tt.want == 200 && a.text(t, "externalId") != "E" {
				t.Errorf("%s%s: %s", tt.endpoint, tt.query, a.Body)
			}
		}
	}
}

// TestTwinTypes: a handler may have a resource type of its own, as long as it
// is equal to the endpoint's.
func TestTwinTypes(t *testing.T) {
	s := newServer(t, func(c *scim.Config) { c.Endpoints[0].Handler = newMapHandler(schema.UserType()) })
	id := newUser(t, s, `"userName":"x"`)
	must(t, s, 200, "GET", "/Users/"+id, "")
	must(t, s, 200, "PATCH", "/Users/"+id, patchOf(`{"op":"add","path":"title","value":"x"}`))
}

// TestVersionOfContent: where a handler keeps no version, the content makes one.
func TestVersionOfContent(t *testing.T) {
	users := schema.UserType()
	h := newMapHandler(users)
	s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: users, Handler: h}} })
	h.all["1"] = []byte(`{"id":"1","userName":"x"}`)
	tag := must(t, s, 200, "GET", "/Users/1", "").Header.Get("ETag")
	if again := must(t, s, 200, "GET", "/Users/1?attributes=id", "").Header.Get("ETag"); again != tag || !strings.HasPrefix(tag, `W/"`) {
		t.Errorf("ETag %s, then %s", tag, again)
	}
	must(t, s, 304, "GET", "/Users/1", "", "If-None-Match", tag)
	h.all["1"] = []byte(`{"id":"1","userName":"y"}`)
	must(t, s, 412, "PUT", "/Users/1", `{"userName":"z"}`, "If-Match", tag)
	tag = must(t, s, 200, "GET", "/Users/1", "", "If-None-Match", tag).Header.Get("ETag")
	must(t, s, 200, "PUT", "/Users/1", `{"userName":"z"}`, "If-Match", tag)
}

// TestVersionOfExample: the handler of the example keeps the version in a field
// of its own struct, so that the tag that POST gives is the one that GET has.
func TestVersionOfExample(t *testing.T) {
	users := newPeople()
	s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: users.typ, Handler: users}} })
	a := must(t, s, 201, "POST", "/Users", `{"userName":"x","emails":[{"value":"a@example.com","type":"work","primary":true}],"active":true}`)
	if got := must(t, s, 200, "GET", "/Users/"+a.text(t, "id"), ""); got.Body != a.Body || got.Header.Get("ETag") != a.Header.Get("ETag") {
		t.Errorf("POST %s\nGET %s", a.Body, got.Body)
	}
	b := must(t, s, 200, "PUT", "/Users/"+a.text(t, "id"), `{"userName":"x","title":"not kept"}`, "If-Match", a.Header.Get("ETag"))
	must(t, s, 304, "GET", "/Users/"+a.text(t, "id"), "", "If-None-Match", b.Header.Get("ETag"))
}

// TestPrecondition: of two writers with one If-Match one wins (RFC 7644 section
// 3.14): check and write are one act.
func TestPrecondition(t *testing.T) {
	s := newServer(t, nil)
	a := must(t, s, 201, "POST", "/Users", `{"userName":"x"}`)
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[int]int{}
	for i := range 8 {
		wg.Go(func() {
			a := send(t, s, "PUT", "/Users/"+a.text(t, "id"), fmt.Sprintf(`{"userName":"x","title":"%d"}`, i), "If-Match", a.Header.Get("ETag"))
			mu.Lock()
			defer mu.Unlock()
			count[a.Status]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[int]int{200: 1, 412: 7}, count); diff != "" {
		t.Error(diff)
	}
}

// TestReferences: what is said of a resource that is referred to no more does
// not stay beside another reference (RFC 7643 section 4.3).
func TestReferences(t *testing.T) {
	users := schema.UserType()
	for _, tt := range []struct {
		name, method, body, value, display string
	}{
		{"PUT, the same", "PUT", `{"userName":"x","` + enterpriseURN + `":{"manager":{"value":"m1","displayName":"Wrong"}}}`, "m1", "Boss"},
		{"PUT, another", "PUT", `{"userName":"x","` + enterpriseURN + `":{"manager":{"value":"m2","displayName":"Wrong"}}}`, "m2", ""},
		{"PUT, none", "PUT", `{"userName":"x"}`, "", ""},
		{"PATCH, the same", "PATCH", patchOf(`{"op":"replace","path":"` + enterpriseURN + `:manager","value":{"value":"m1"}}`), "m1", "Boss"},
		{"PATCH, another", "PATCH", patchOf(`{"op":"replace","path":"` + enterpriseURN + `:manager","value":{"value":"m2"}}`), "m2", ""},
		{"PATCH, another value", "PATCH", patchOf(`{"op":"replace","path":"` + enterpriseURN + `:manager.value","value":"m2"}`), "m2", ""},
		{"PATCH, none", "PATCH", patchOf(`{"op":"remove","path":"` + enterpriseURN + `:manager"}`), "", ""},
	} {
		s := newStored(t, users, `{"id":"u1","userName":"x","`+enterpriseURN+`":{"manager":{"value":"m1","displayName":"Boss"}}}`)
		a := must(t, s, 200, tt.method, "/Users/u1", tt.body)
		if v, d := a.text(t, enterpriseURN, "manager", "value"), a.text(t, enterpriseURN, "manager", "displayName"); v != tt.value || d != tt.display {
			t.Errorf("%s: manager %q called %q, want %q called %q", tt.name, v, d, tt.value, tt.display)
		}
		ref := a.text(t, enterpriseURN, "manager", "$ref")
		if want := "https://example.com/v2/Users/" + tt.value; tt.value != "" && ref != want {
			t.Errorf("%s: $ref %q, want %q", tt.name, ref, want)
		}
	}
	s := newServer(t, nil)
	id := newUser(t, s, `"userName":"x"`)
	path := enterpriseURN + ":manager.displayName"
	if diff := send(t, s, "PATCH", "/Users/"+id, patchOf(`{"op":"add","path":"`+path+`","value":"x"}`)).isError(t, 400, "mutability"); diff != "" {
		t.Error(diff)
	}
}

// TestUnknownMembers: refused by default, naming them; left out by
// SkipUnknownMembers (RFC 7644 is silent).
func TestUnknownMembers(t *testing.T) {
	for _, tt := range []struct {
		skip         bool
		method, body string
		status       int
		members      []string
	}{
		{false, "POST", `{"displayName":"b","members":[{"value":"u9"},{"value":"$id"}]}`, 400, nil},
		{false, "PUT", `{"displayName":"a","members":[{"value":"u9"},{"value":"$id"}]}`, 400, nil},
		{false, "PATCH", patchOf(`{"op":"add","path":"members","value":[{"value":"u9"},{"value":"$id"}]}`), 400, nil},
		{false, "PATCH", patchOf(`{"op":"replace","value":{"members":[{"value":"u9"}]}}`), 400, nil},
		{false, "PATCH", patchOf(`{"op":"remove","path":"members[value eq \"u9\"]"}`), 204, nil},
		{true, "POST", `{"displayName":"b","members":[{"value":"u9"},{"value":"$id"}]}`, 201, []string{"$id"}},
		{true, "POST", `{"displayName":"b","members":[{"value":"u9"}]}`, 201, nil},
		{true, "PUT", `{"displayName":"a","members":[{"value":"u8"},{"value":"$id"},{"value":"u9"}]}`, 200, []string{"$id"}},
		{true, "PATCH", patchOf(`{"op":"add","path":"members","value":[{"value":"u9"},{"value":"$id"}]}`), 204, []string{"$id"}},
		{true, "PATCH", patchOf(`{"op":"replace","path":"members","value":[{"value":"u9"}]}`), 204, nil},
	} {
		store, users, groups := memstore.New(memstore.Options{}), schema.UserType(), schema.GroupType()
		s := newServer(t, func(c *scim.Config) {
			c.Endpoints = []scim.Endpoint{{Type: users, Handler: store.Handler(users)}, {Type: groups, Handler: store.Handler(groups)}}
			tolerance := scim.Tolerant()
			tolerance.SkipUnknownMembers = tt.skip
			c.Tolerance = &tolerance
		})
		user := newUser(t, s, `"userName":"x"`)
		group := must(t, s, 201, "POST", "/Groups", `{"displayName":"a"}`).text(t, "id")
		target := "/Groups/" + group
		if tt.method == "POST" {
			target = "/Groups"
		}
		a := send(t, s, tt.method, target, strings.ReplaceAll(tt.body, "$id", user))
		if a.Status != tt.status {
			t.Errorf("%s %s: %d, want %d: %s", tt.method, tt.body, a.Status, tt.status, a.Body)
		}
		if tt.status == 400 {
			if diff := a.isError(t, 400, "invalidValue"); diff != "" || !strings.Contains(a.Body, "u9") || strings.Contains(a.Body, user) {
				t.Errorf("%s: %s: %s", tt.body, diff, a.Body)
			}
		}
		if tt.status == 201 {
			group = a.text(t, "id")
		}
		var got []string
		list, _ := must(t, s, 200, "GET", "/Groups/"+group, "").object(t)["members"].([]any)
		for _, m := range list {
			got = append(got, strings.ReplaceAll(m.(map[string]any)["value"].(string), user, "$id"))
		}
		if diff := cmp.Diff(tt.members, got); diff != "" {
			t.Errorf("%s %s: members (-want +got):\n%s", tt.method, tt.body, diff)
		}
	}
}
