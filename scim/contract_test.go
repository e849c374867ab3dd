package scim_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestVersionOfHost: meta.version in the body is the ETag, whatever form a
// host's struct gives it.
func TestVersionOfHost(t *testing.T) {
	type row struct {
		UserName string `scim:"userName"`
		Version  string `scim:"meta.version"`
	}
	users := schema.UserType()
	for _, tt := range []struct{ version, want string }{
		{"7", `W/"7"`}, {`"7"`, `W/"7"`}, {`W/"7"`, `W/"7"`}, {`a\b`, `W/"a\b"`}, {"é", `W/"é"`},
		{`a"b`, ""}, {"a\r\nX: y", ""}, {"a b", ""}, {"\x7f", ""}, {`""`, ""},
	} {
		r, err := scim.NewResource(users, row{"x", tt.version})
		if err == nil != (tt.want != "") {
			t.Errorf("%q: error %v", tt.version, err)
		}
		if err != nil {
			continue
		}
		r.SetID("1")
		if err := r.Set("meta.version", tt.version); err != nil {
			t.Error(err)
		}
		s := newServer(t, func(c *scim.Config) {
			c.Endpoints = []scim.Endpoint{{Type: users, Handler: rogue{get: func(context.Context, string) (*scim.Resource, error) { return r, nil }}}}
		})
		a := must(t, s, 200, "GET", "/Users/1", "")
		if got := a.text(t, "meta", "version"); got != tt.want || a.Header.Get("ETag") != got {
			t.Errorf("%q: %s in the body, ETag %s", tt.version, got, a.Header.Get("ETag"))
		}
		must(t, s, 304, "GET", "/Users/1", "", "If-None-Match", a.Header.Get("ETag"))
	}
	r, err := scim.NewResource(users, nil)
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"7": "7", `W/"7"`: "7", `a"b`: "a%22b", "a\nb c": "a%0Ab%20c"} {
		r.SetMeta(scim.Meta{Version: version})
		if got := r.Meta().Version; got != want || r.String("meta.version") != `W/"`+want+`"` {
			t.Errorf("SetMeta %q: %q", version, got)
		}
	}
}

// TestIfNoneMatch: it protects writes, too (RFC 9110 section 13.1.2), and * is
// the whole field or nothing.
func TestIfNoneMatch(t *testing.T) {
	s := newServer(t, nil)
	a := must(t, s, 201, "POST", "/Users", `{"userName":"x"}`)
	target, tag := "/Users/"+a.text(t, "id"), a.Header.Get("ETag")
	for i, tt := range []struct {
		name, value string
		status      int
	}{
		{"If-None-Match", "*", 412},
		{"If-None-Match", tag, 412},
		{"If-None-Match", `"other", ` + tag, 412},
		{"If-Match", "*x", 412},
		{"If-Match", `"other", *`, 412},
		{"If-Match", " * ", 200},
		{"If-None-Match", "*x", 200},
		{"If-None-Match", `"other"`, 200},
	} {
		for method, body := range map[string]string{
			"PUT":    fmt.Sprintf(`{"userName":"x","title":"%d"}`, i),
			"PATCH":  patchOf(fmt.Sprintf(`{"op":"add","path":"title","value":"patched %d"}`, i)),
			"DELETE": "",
		} {
			if method == "DELETE" && tt.status == 200 {
				continue
			}
			if a := send(t, s, method, target, body, tt.name, tt.value); a.Status != tt.status {
				t.Errorf("%s with %s: %s: %d, want %d", method, tt.name, tt.value, a.Status, tt.status)
			}
		}
	}
	must(t, s, 204, "DELETE", target, "", "If-None-Match", `"other"`)
}

// TestDeleteWithoutCheck: a handler that does not ask, or does not listen, is
// found out.
func TestDeleteWithoutCheck(t *testing.T) {
	users := schema.UserType()
	h := newMapHandler(users)
	var log logBook
	listens := false
	s := newServer(t, func(c *scim.Config) {
		c.Logger = log.logger()
		c.Endpoints = []scim.Endpoint{{Type: users, Handler: rogue{ResourceHandler: h, delete: func(_ context.Context, id string, check func(*scim.Resource) error) error {
			if listens {
				r, err := h.load(id)
				if err != nil {
					return err
				}
				check(r)
			}
			return nil
		}}}}
	})
	id := newUser(t, s, `"userName":"x"`)
	must(t, s, 500, "DELETE", "/Users/"+id, "")
	if !strings.Contains(log.String(), "did not call check") {
		t.Error("the log does not tell: " + log.String())
	}
	listens = true
	must(t, s, 412, "DELETE", "/Users/"+id, "", "If-Match", `"other"`)
	must(t, s, 204, "DELETE", "/Users/"+id, "")
}

// TestTypesMadeAnew: a handler that makes its type for each call costs no
// memory for ever.
func TestTypesMadeAnew(t *testing.T) {
	type row struct {
		Name string `scim:"displayName"`
	}
	groups := schema.GroupType()
	s := newServer(t, func(c *scim.Config) {
		c.Logger = slog.New(slog.DiscardHandler)
		c.Endpoints = []scim.Endpoint{{Type: groups, Handler: rogue{get: func(_ context.Context, id string) (*scim.Resource, error) {
			r, err := scim.NewResource(schema.GroupType(), row{"x"})
			r.SetID(id)
			return r, err
		}}}}
	})
	must(t, s, 200, "GET", "/Groups/1", "")
	before := heap()
	for range 1500 {
		must(t, s, 200, "GET", "/Groups/1", "")
	}
	if grown := int64(heap() - before); grown > 5<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
}

// TestNil: what a host forgets to make is an error and no panic.
func TestNil(t *testing.T) {
	if _, err := scim.NewResource(nil, nil); err == nil {
		t.Error("NewResource of no type")
	}
	if _, err := scim.ParseResource(nil, []byte("{}")); err == nil {
		t.Error("ParseResource of no type")
	}
	for _, r := range []*scim.Resource{nil, {}} {
		if r.Set("userName", "x") == nil || r.Encode(scim.User{}) == nil || r.Decode(new(scim.User)) == nil {
			t.Error("no error")
		}
		if r.String("userName") != "" || r.Has("id") || r.Values("emails") != nil {
			t.Error("values of nothing")
		}
	}
}

// TestMisfit: a value of the request for which the host's struct has no room is
// the client's business; one that was stored is the host's.
func TestMisfit(t *testing.T) {
	type row struct {
		Level int8 `scim:"level"`
	}
	typ := &schema.ResourceType{Name: "Thing", Endpoint: "/Things", Schema: &schema.Schema{ID: "urn:example:Thing", Name: "Thing",
		Attributes: []schema.Attribute{{Name: "level", Type: schema.Integer}, {Name: "label"}}}}
	h := newMapHandler(typ)
	s := newServer(t, func(c *scim.Config) {
		c.Logger = slog.New(slog.DiscardHandler)
		c.Endpoints = []scim.Endpoint{{Type: typ, Handler: rogue{ResourceHandler: h,
			create: func(ctx context.Context, r *scim.Resource) error {
				if err := r.Decode(new(row)); err != nil {
					return fmt.Errorf("row: %w", err)
				}
				return h.Create(ctx, r)
			},
			update: func(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
				return h.Update(ctx, id, func(r *scim.Resource) error {
					if err := edit(r); err != nil {
						return err
					}
					return r.Decode(new(row))
				})
			},
		}}}
	})
	body := func(members string) string { return `{"schemas":["urn:example:Thing"],` + members + `}` }
	a := send(t, s, "POST", "/Things", body(`"level":300`))
	if diff := a.isError(t, 400, "invalidValue"); diff != "" || !strings.Contains(a.Body, "level: ") || strings.Contains(a.Body, "int8") {
		t.Errorf("POST: %s%s", diff, a.Body)
	}
	id := must(t, s, 201, "POST", "/Things", body(`"level":3`)).text(t, "id")
	for method, text := range map[string]string{"PUT": body(`"level":300`), "PATCH": patchOf(`{"op":"add","path":"level","value":300}`)} {
		if diff := send(t, s, method, "/Things/"+id, text).isError(t, 400, "invalidValue"); diff != "" {
			t.Errorf("%s: %s", method, diff)
		}
	}
	h.all[id] = []byte(strings.Replace(string(h.all[id]), `"level":3`, `"level":300`, 1))
	if diff := send(t, s, "PATCH", "/Things/"+id, patchOf(`{"op":"add","path":"label","value":"x"}`)).isError(t, 500, ""); diff != "" {
		t.Errorf("a stored value: %s", diff)
	}
}

// TestRoot: GET of what is known to be the root of the service is 501; what may
// be it is 404.
func TestRoot(t *testing.T) {
	free := newServer(t, func(c *scim.Config) { c.BaseURL = "" })
	mux := http.NewServeMux()
	mux.Handle("/v2/", free)
	mux.Handle("example.com/v2/t/{tenant}/", free)
	mux.Handle("/v2/s/", http.StripPrefix("/v2/s", free))
	mux.Handle("/v2/x/Nothing", free)
	for _, tt := range []struct {
		h      http.Handler
		target string
		status int
	}{
		{newServer(t, nil), "", 501}, {newServer(t, nil), "/", 501}, {newServer(t, nil), "/x", 404},
		{free, "/", 404}, // who knows
		{mux, "/", 501}, {mux, "/s/", 501}, {mux, "/x", 404},
		{mux, "/s/x", 404}, {mux, "/s/x/y", 404}, {mux, "/x/Nothing", 404},
	} {
		if a := send(t, tt.h, "GET", tt.target, ""); a.Status != tt.status {
			t.Errorf("%s: %d, want %d", tt.target, a.Status, tt.status)
		}
	}
}
