package scim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// listHandler is a mapHandler with the optional interface. It notes what it is
// asked for.
type listHandler struct {
	*mapHandler
	deltas  []scim.ListDelta
	updates int
	omits   []string // of Get and List
	decline bool
	unknown string // a value that names nobody
}

func (h *listHandler) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	h.updates++
	return h.mapHandler.Update(ctx, id, edit)
}

func (h *listHandler) Get(ctx context.Context, id string, opt scim.GetOptions) (*scim.Resource, error) {
	h.omits = append(h.omits, strings.Join(opt.Omit, ","))
	return h.mapHandler.Get(ctx, id, opt)
}

func (h *listHandler) List(ctx context.Context, q scim.Query) (scim.Page, error) {
	h.omits = append(h.omits, strings.Join(q.Omit, ","))
	return h.mapHandler.List(ctx, q)
}

func (h *listHandler) UpdateList(_ context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	if h.decline {
		return nil, fmt.Errorf("not now: %w", errors.ErrUnsupported)
	}
	h.deltas = append(h.deltas, d)
	h.mu.Lock()
	defer h.mu.Unlock()
	r, err := h.load(id)
	if err != nil {
		return nil, err
	}
	var before []scim.Member
	for _, v := range r.Values(d.Attribute) {
		before = append(before, scim.Member{Value: v.String("value"), Type: v.String("type"), Display: v.String("display")})
	}
	after, err := h.apply(before, d)
	if err != nil {
		return nil, err
	}
	if err := r.Set(d.Attribute, nil); err != nil {
		return nil, err
	}
	if err := edit(r, !slices.Equal(before, after)); err != nil {
		return nil, err
	}
	whole := r.Clone()
	if err := whole.Set(d.Attribute, after); err != nil {
		return nil, err
	}
	return r, h.save(whole)
}

func (h *listHandler) apply(list []scim.Member, d scim.ListDelta) ([]scim.Member, error) {
	if d.Replace {
		list = nil
	}
	list = slices.DeleteFunc(slices.Clone(list), func(m scim.Member) bool { return slices.Contains(d.Remove, m.Value) })
	for _, m := range d.Add {
		if m.Value == h.unknown {
			return nil, &scim.UnknownMembersError{Attribute: d.Attribute, IDs: []string{m.Value}}
		}
		if !slices.ContainsFunc(list, func(x scim.Member) bool { return x.Value == m.Value }) {
			list = append(list, m)
		}
	}
	return list, nil
}

// wrapped is a decorator; unwrapping tells of it.
type wrapped struct{ scim.ResourceHandler }

type unwrapping struct{ scim.ResourceHandler }

func (u unwrapping) Unwrap() scim.ResourceHandler { return u.ResourceHandler }

// newListServer serves groups with h behind decorate. The group 1 has the
// members a and b.
func newListServer(t *testing.T, h *listHandler, decorate func(scim.ResourceHandler) scim.ResourceHandler, change func(*scim.Config)) *scim.Server {
	t.Helper()
	groups := schema.GroupType()
	h.mapHandler = newMapHandler(groups)
	h.all["1"] = []byte(`{"id":"1","displayName":"Team","members":[{"value":"a"},{"value":"b"}],"meta":{"lastModified":"2020-01-01T00:00:00Z","version":"W/\"v1\""}}`)
	return newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{{Type: groups, Handler: decorate(h)}}
		if change != nil {
			change(c)
		}
	})
}

func bare(h scim.ResourceHandler) scim.ResourceHandler { return h }

// TestListUpdater: which PATCH becomes which delta, and what the group is then
// (RFC 7644 section 3.5.2).
func TestListUpdater(t *testing.T) {
	type delta = scim.ListDelta
	for _, tt := range []struct {
		name, ops string
		want      *delta // nil: through Update
		members   string
		changed   bool
	}{
		{"add", `{"op":"add","path":"members","value":[{"value":"c","type":"User","display":"C"}]}`,
			&delta{Add: []scim.Member{{Value: "c", Type: "User", Display: "C"}}}, "a b c", true},
		{"add with $ref", `{"op":"add","path":"members","value":[{"value":"c","$ref":"https://example.com/v2/Groups/c"}]}`,
			&delta{Add: []scim.Member{{Value: "c", Type: "Group"}}}, "a b c", true},
		{"add with a type and $ref", `{"op":"add","path":"members","value":[{"value":"c","type":"User","$ref":"https://example.com/v2/Groups/c"}]}`,
			&delta{Add: []scim.Member{{Value: "c", Type: "User"}}}, "a b c", true},
		{"add with $ref of others", `{"op":"add","path":"members","value":[{"value":"c","$ref":"https://example.com/v2/Cars/c"},{"value":"d","$ref":"../Groups/e"}]}`,
			&delta{Add: []scim.Member{{Value: "c"}, {Value: "d"}}}, "a b c d", true},
		{"add who is there", `{"op":"add","path":"members","value":[{"value":"b"}]}`, &delta{Add: []scim.Member{{Value: "b"}}}, "a b", false},
		{"remove by filter", `{"op":"remove","path":"members[value eq \"a\"]"}`, &delta{Remove: []string{"a"}}, "b", true},
		{"remove a list", `{"op":"Remove","path":"members","value":[{"value":"a"},{"value":"z"}]}`, &delta{Remove: []string{"a", "z"}}, "b", true},
		{"remove who is not there", `{"op":"remove","path":"members[value eq \"z\"]"}`, &delta{Remove: []string{"z"}}, "a b", false},
		{"remove all", `{"op":"remove","path":"members"}`, &delta{Replace: true}, "", true},
		{"replace", `{"op":"replace","path":"members","value":[{"value":"b"},{"value":"c"}]}`, &delta{Replace: true, Add: []scim.Member{{Value: "b"}, {Value: "c"}}}, "b c", true},
		{"replace by none", `{"op":"replace","path":"members","value":[]}`, &delta{Replace: true}, "", true},
		{"remove and add", `{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":[{"value":"c"}]}`,
			&delta{Add: []scim.Member{{Value: "c"}}, Remove: []string{"a"}}, "b c", true},
		{"add and remove the same", `{"op":"add","path":"members","value":[{"value":"c"}]},{"op":"remove","path":"members[value eq \"c\"]"}`,
			&delta{Remove: []string{"c"}}, "a b", false},
		{"with the name", `{"op":"add","path":"members","value":[{"value":"c"}]},{"op":"replace","path":"displayName","value":"Other"}`,
			&delta{Add: []scim.Member{{Value: "c"}}}, "a b c", true},
		{"without members", `{"op":"replace","path":"displayName","value":"Other"}`, &delta{}, "a b", true},
		{"nothing", ``, &delta{}, "a b", false},
		{"what depends on the members", `{"op":"remove","path":"members[type ne \"Group\"]"}`, nil, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &listHandler{}
			s := newListServer(t, h, bare, nil)
			a := must(t, s, 204, "PATCH", "/Groups/1", patchOf(tt.ops), "If-Match", `W/"v1"`)
			var want []delta
			if tt.want != nil {
				tt.want.Attribute = "members"
				want = []delta{*tt.want}
			}
			if diff := cmp.Diff(want, h.deltas, cmpopts.EquateEmpty()); diff != "" || h.updates != 1-len(want) {
				t.Errorf("%d updates, deltas (-want +got):\n%s", h.updates, diff)
			}
			r, err := h.load("1")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range r.Values("members") {
				got = append(got, v.String("value"))
			}
			slices.Sort(got)
			if strings.Join(got, " ") != tt.members {
				t.Errorf("members %v, want %s", got, tt.members)
			}
			if changed := r.Meta().Version != "v1"; changed != tt.changed || (a.Header.Get("ETag") != `W/"v1"`) != tt.changed ||
				r.Meta().LastModified.Year() == 2020 == tt.changed {
				t.Errorf("changed %v, want %v; ETag %s", changed, tt.changed, a.Header.Get("ETag"))
			}
			if strings.Contains(tt.ops, "Other") != (r.String("displayName") == "Other") {
				t.Errorf("displayName %s", r.String("displayName"))
			}
		})
	}
}

// TestListUpdaterIsFound: by itself and through Unwrap, not behind a decorator
// that hides it; where it declines, Update does the work.
func TestListUpdaterIsFound(t *testing.T) {
	for _, tt := range []struct {
		name     string
		decorate func(scim.ResourceHandler) scim.ResourceHandler
		decline  bool
		want     bool
	}{
		{"bare", bare, false, true},
		{"unwrapped", func(h scim.ResourceHandler) scim.ResourceHandler { return unwrapping{unwrapping{h}} }, false, true},
		{"hidden", func(h scim.ResourceHandler) scim.ResourceHandler { return wrapped{h} }, false, false},
		{"hidden deep", func(h scim.ResourceHandler) scim.ResourceHandler { return unwrapping{wrapped{h}} }, false, false},
		{"declined", bare, true, false},
		{"declined, unwrapped", func(h scim.ResourceHandler) scim.ResourceHandler { return unwrapping{h} }, true, false},
	} {
		h := &listHandler{decline: tt.decline}
		s := newListServer(t, h, tt.decorate, nil)
		must(t, s, 204, "PATCH", "/Groups/1", patchOf(`{"op":"add","path":"members","value":[{"value":"c"}]}`))
		if used := len(h.deltas) == 1; used != tt.want || (h.updates == 0) != tt.want {
			t.Errorf("%s: used %v, %d updates", tt.name, used, h.updates)
		}
		if body := must(t, s, 200, "GET", "/Groups/1", "").Body; strings.Count(body, `"value":`) != 3 {
			t.Errorf("%s: %s", tt.name, body)
		}
	}
}

// TestListUpdaterRollsBack: what is refused changes nothing, the list included.
func TestListUpdaterRollsBack(t *testing.T) {
	add := `{"op":"add","path":"members","value":[{"value":"c"}]}`
	for _, tt := range []struct {
		name, ops, match string
		status           int
		scimType         string
	}{
		{"If-Match", add, `W/"stale"`, 412, ""},
		{"another operation", add + `,{"op":"remove","path":"displayName"}`, "", 400, "mutability"},
		{"the value of another", add + `,{"op":"replace","path":"displayName","value":""}`, "", 400, "invalidValue"},
		{"an unknown member", `{"op":"add","path":"members","value":[{"value":"c"},{"value":"nobody"}]}`, "", 400, "invalidValue"},
	} {
		h := &listHandler{unknown: "nobody"}
		s := newListServer(t, h, bare, nil)
		before := string(h.all["1"])
		if diff := send(t, s, "PATCH", "/Groups/1", patchOf(tt.ops), "If-Match", tt.match).isError(t, tt.status, tt.scimType); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if string(h.all["1"]) != before {
			t.Errorf("%s: %s", tt.name, h.all["1"])
		}
	}
	h := &listHandler{unknown: "nobody"}
	s := newListServer(t, h, bare, func(c *scim.Config) {
		tolerance := scim.Tolerant()
		tolerance.SkipUnknownMembers = true
		c.Tolerance = &tolerance
	})
	must(t, s, 204, "PATCH", "/Groups/1", patchOf(`{"op":"add","path":"members","value":[{"value":"c"},{"value":"nobody"}]}`))
	if n := len(h.deltas); n != 2 || len(h.deltas[1].Add) != 1 || !strings.Contains(string(h.all["1"]), `"c"`) {
		t.Errorf("%d deltas, %s", n, h.all["1"])
	}
	must(t, s, 404, "PATCH", "/Groups/2", patchOf(add))
}

// TestOmit: the handler learns that the answer does not hold the list, also
// where the filter or the order looks at it: it knows what those need.
func TestOmit(t *testing.T) {
	for _, tt := range []struct{ target, want string }{
		{"/Groups/1", ""},
		{"/Groups/1?excludedAttributes=members", "members"},
		{"/Groups/1?excludedAttributes=MEMBERS", "members"},
		{"/Groups/1?attributes=displayName", "members"},
		{"/Groups/1?attributes=members.value", ""},
		{"/Groups/1?excludedAttributes=members.display", ""},
		{"/Groups", ""},
		{"/Groups?attributes=id", "members"},
		{"/Groups?excludedAttributes=members&filter=displayName+eq+%22Team%22", "members"},
		{"/Groups?excludedAttributes=members&filter=Members.value+eq+%22a%22", "members"},
		{"/Groups?excludedAttributes=members&filter=members%5Bvalue+eq+%22a%22%5D", "members"},
		{"/Groups?excludedAttributes=members&sortBy=members.value", "members"},
	} {
		h := &listHandler{}
		must(t, newListServer(t, h, bare, nil), 200, "GET", tt.target, "")
		if len(h.omits) != 1 || h.omits[0] != tt.want {
			t.Errorf("%s: omits %q, want %q", tt.target, h.omits, tt.want)
		}
	}
	h := &listHandler{}
	s := newListServer(t, h, bare, nil)
	a := must(t, s, 200, "PATCH", "/Groups/1?attributes=members", patchOf(`{"op":"add","path":"members","value":[{"value":"c"}]}`))
	if !slices.Equal(h.omits, []string{""}) || strings.Count(a.Body, `"value":`) != 3 {
		t.Errorf("members asked for: %q %s", h.omits, a.Body)
	}
	a = must(t, s, 200, "PATCH", "/Groups/1?attributes=displayName", patchOf(`{"op":"add","path":"members","value":[{"value":"d"}]}`))
	if len(h.omits) != 1 || strings.Contains(a.Body, "members") {
		t.Errorf("members not asked for: %q %s", h.omits, a.Body)
	}
}
