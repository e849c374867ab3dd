package scim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/scim"
)

// get is the body of a GET.
func (w *quirkWorld) get(t *testing.T, target string) map[string]any {
	t.Helper()
	return must(t, w, 200, "GET", target, "").object(t)
}

// TestOneBadOperation has Q12: nothing of a PATCH is stored if one operation
// of it is refused, and not a part of a list either.
func TestOneBadOperation(t *testing.T) {
	for target, operations := range map[string]string{
		"/Users/1": `{"op":"replace","path":"title","value":"x"},{"op":"add","path":"emails","value":[{"value":"a"}]},` +
			`{"op":"replace","path":"noSuchThing","value":"x"}`,
		"/Groups/3": `{"op":"remove","path":"members[value eq \"1\"]"},{"op":"replace","path":"displayName","value":null}`,
	} {
		w := newQuirkWorld(t, nil, nil)
		before := w.get(t, target)
		if a := send(t, w, "PATCH", target, patchOf(operations)); a.Status != 400 {
			t.Errorf("%s: %d: %s", target, a.Status, a.Body)
		}
		if diff := cmp.Diff(before, w.get(t, target)); diff != "" {
			t.Errorf("%s has changed (-before +after):\n%s", target, diff)
		}
	}
}

// TestReadOnlyInPatch has Q15: what only the server writes is left out of a
// value without a path, the rest of it counts, and no request moves a resource
// to another id.
func TestReadOnlyInPatch(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	must(t, w, 200, "PATCH", "/Users/1", patchOf(`{"op":"replace","value":{"id":"9","schemas":["`+userURN+`"],
		"meta":{"created":"2001-01-01T00:00:00Z"},"externalId":"e","title":"x"}}`))
	got := w.get(t, "/Users/1")
	if got["id"] != "1" || got["externalId"] != "e" || got["title"] != "x" || strings.Contains(fmt.Sprint(got), "2001") {
		t.Errorf("%v", got)
	}
	for _, path := range []string{"id", "meta", "meta.created"} {
		a := send(t, w, "PATCH", "/Users/1", patchOf(`{"op":"replace","path":"`+path+`","value":"9"}`))
		if diff := a.isError(t, 400, "mutability"); diff != "" {
			t.Errorf("path %s: %s", path, diff)
		}
	}
	must(t, w, 404, "GET", "/Users/9", "")
}

// TestEmailWithoutType has Q19: nobody invents a type.
func TestEmailWithoutType(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	a := must(t, w, 201, "POST", "/Users", userOf(`"emails":[{"value":"m@example.test"}]`))
	want := []any{map[string]any{"value": "m@example.test"}}
	if diff := cmp.Diff(want, a.object(t)["emails"]); diff != "" {
		t.Error(diff)
	}
	if got := w.get(t, `/Users?filter=emails%5Btype+eq+%22work%22%5D`)["totalResults"]; got != 0.0 {
		t.Errorf("%v users have an email of type work", got)
	}
}

// TestBooleansInElements has Q21.
func TestBooleansInElements(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	a := must(t, w, 201, "POST", "/Users", userOf(`"roles":[{"value":"a","primary":"TRUE"},{"value":"b","primary":"False"}]`))
	want := []any{map[string]any{"value": "a", "primary": true}, map[string]any{"value": "b", "primary": false}}
	if diff := cmp.Diff(want, a.object(t)["roles"]); diff != "" {
		t.Error(diff)
	}
	if diff := send(t, w, "POST", "/Users", userOf(`"roles":[{"value":"a","primary":"yes"}]`)).isError(t, 400, "invalidValue"); diff != "" {
		t.Error(diff)
	}
}

// TestMembersRemovedByFilter has Q33, several in one request.
func TestMembersRemovedByFilter(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	must(t, w, 204, "PATCH", "/Groups/3", patchOf(`{"op":"remove","path":"members[value eq \"1\"]"},{"op":"remove","path":"members[value eq \"2\"]"}`))
	if got := w.get(t, "/Groups/3"); got["members"] != nil || len(w.told) > 0 {
		t.Errorf("%v, %v", got, w.told)
	}
}

// TestSkipUnknownMembers has Q36 for each way to write members.
func TestSkipUnknownMembers(t *testing.T) {
	skip := scim.Tolerant()
	skip.SkipUnknownMembers = true
	for method, body := range map[string]string{
		"POST":  groupOf(`"members":[{"value":"1"},{"value":"8"},{"value":"9"}]`),
		"PUT":   groupOf(`"members":[{"value":"1"},{"value":"8"},{"value":"9"}]`),
		"PATCH": patchOf(`{"op":"replace","path":"members","value":[{"value":"8"},{"value":"1"},{"value":"9"}]}`),
	} {
		target := map[string]string{"POST": "/Groups"}[method]
		if target == "" {
			target = "/Groups/3?attributes=members"
		}
		w := newQuirkWorld(t, nil, nil)
		a := send(t, w, method, target, body)
		if diff := a.isError(t, 400, "invalidValue"); diff != "" || !strings.Contains(a.Body, "8") {
			t.Errorf("%s: %s", method, a.Body)
		}
		w = newQuirkWorld(t, &skip, nil)
		a = send(t, w, method, target, body)
		members, _ := a.object(t)["members"].([]any)
		if len(members) != 1 || w.applied(t) != "unknown-member" {
			t.Errorf("%s: %s, quirks %v", method, a.Body, w.told)
		}
	}
}

// TestPutKeeps has Q43, Q56 and Q59: what a PUT leaves out goes, but for what
// Tolerance.PutKeeps names.
func TestPutKeeps(t *testing.T) {
	const user = `"active":false,"title":"Lead","name":{"givenName":"M","middleName":"N"},` +
		enterprise + `:{"department":"Orbit","division":"D"}`
	for _, tt := range []struct {
		keeps []string
		put   string
		want  string
	}{
		{nil, ``, `{}`},
		{scim.Tolerant().PutKeeps, ``, `{"active":false}`},
		{[]string{"ACTIVE", "title"}, ``, `{"active":false,"title":"Lead"}`},
		{[]string{"active"}, `,"active":true`, `{"active":true}`},
		{[]string{"name"}, ``, `{"name":{"givenName":"M","middleName":"N"}}`},
		{[]string{"name"}, `,"name":{"givenName":"O"}`, `{"name":{"givenName":"O"}}`},
		{[]string{"name.middleName"}, `,"name":{"givenName":"O"}`, `{"name":{"givenName":"O","middleName":"N"}}`},
		{[]string{enterpriseURN}, ``, `{` + enterprise + `:{"department":"Orbit","division":"D"}}`},
		{[]string{enterpriseURN + ":department"}, ``, `{` + enterprise + `:{"department":"Orbit"}}`},
	} {
		tolerance := scim.Tolerant()
		tolerance.PutKeeps = tt.keeps
		w := newQuirkWorld(t, &tolerance, nil)
		must(t, w, 200, "PATCH", "/Users/1", patchOf(`{"op":"replace","value":{`+user+`}}`))
		got := must(t, w, 200, "PUT", "/Users/1", `{"schemas":["`+userURN+`"],"userName":"mira"`+tt.put+`}`).object(t)
		for _, name := range []string{"schemas", "id", "meta", "userName", "groups"} {
			delete(got, name)
		}
		if diff := cmp.Diff(object(t, tt.want), got); diff != "" {
			t.Errorf("PutKeeps %v, PUT with %q (-want +got):\n%s", tt.keeps, tt.put, diff)
		}
	}
	members := scim.Tolerant()
	members.PutKeeps = []string{"members"}
	for _, tt := range []struct {
		tolerance *scim.Tolerance
		want      int
	}{{nil, 0}, {&members, 2}} {
		w := newQuirkWorld(t, tt.tolerance, nil)
		got, _ := must(t, w, 200, "PUT", "/Groups/3", `{"schemas":["`+groupURN+`"],"displayName":"Crew"}`).object(t)["members"].([]any)
		if len(got) != tt.want {
			t.Errorf("PUT without members leaves %v, want %d", got, tt.want)
		}
	}
}

// TestUnknownAttributePolicies has Q48.
func TestUnknownAttributePolicies(t *testing.T) {
	for policy, want := range map[scim.UnknownAttributes]struct {
		status int
		stored any
	}{scim.IgnoreUnknown: {200, nil}, scim.RejectUnknown: {400, nil}, scim.KeepUnknown: {200, 42.0}} {
		tolerance := scim.Tolerant()
		tolerance.Unknown = policy
		for method, body := range map[string]string{
			"PUT":   userOf(`"active":true,"shoeSize":42`),
			"PATCH": patchOf(`{"op":"add","value":{"shoeSize":42}}`),
		} {
			w := newQuirkWorld(t, &tolerance, nil)
			must(t, w, want.status, method, "/Users/1", body)
			if got := w.get(t, "/Users/1")["shoeSize"]; got != want.stored {
				t.Errorf("policy %d, %s: shoeSize %v, want %v", policy, method, got, want.stored)
			}
			if got := w.applied(t); want.status == 200 && got != "unknown-attribute" {
				t.Errorf("policy %d, %s: applied %q", policy, method, got)
			}
		}
	}
}

// TestExternalIDRepeats has Q51.
func TestExternalIDRepeats(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	for i := range 4 {
		newUser(t, w, fmt.Sprintf(`"userName":"user%d","externalId":"same"`, i))
	}
	if got := w.get(t, "/Users?filter=externalId+eq+%22same%22")["totalResults"]; got != 4.0 {
		t.Errorf("%v users have the externalId", got)
	}
}

// TestRepeatedPost has Q54: a client that saw no answer sends its POST again.
func TestRepeatedPost(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	before := w.get(t, "/Users/1")
	if diff := send(t, w, "POST", "/Users", `{"schemas":["`+userURN+`"],"userName":"MIRA","title":"other"}`).isError(t, 409, "uniqueness"); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, w.get(t, "/Users/1")); diff != "" {
		t.Error(diff)
	}
}

// TestFilterOnUnknownAttribute has Q69: never the list without the filter.
func TestFilterOnUnknownAttribute(t *testing.T) {
	strict := scim.Strict()
	for _, tolerance := range []*scim.Tolerance{nil, &strict} {
		w := newQuirkWorld(t, tolerance, nil)
		for _, filter := range []string{"loginName+eq+%22mira%22", "not+(loginName+pr)", "userName+pr+or+loginName+pr"} {
			if diff := send(t, w, "GET", "/Users?filter="+filter, "").isError(t, 400, "invalidFilter"); diff != "" {
				t.Errorf("%s: %s", filter, diff)
			}
		}
	}
}

// TestPagesWhileDataChanges has Q72: what is there all the time is seen once,
// whatever changes between two pages.
func TestPagesWhileDataChanges(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	var all, seen []string
	for i := range 7 {
		all = append(all, newUser(t, w, fmt.Sprintf(`"userName":"page%d"`, i)))
	}
	for start := 1; start <= 9; start += 2 {
		page := w.get(t, fmt.Sprintf("/Users?startIndex=%d&count=2", start))
		for _, r := range page["Resources"].([]any) {
			if id := r.(map[string]any)["id"].(string); slices.Contains(all, id) {
				seen = append(seen, id)
			}
		}
		must(t, w, 200, "PATCH", "/Users/"+all[0], patchOf(fmt.Sprintf(`{"op":"replace","path":"userName","value":"zz%d"}`, start)))
	}
	slices.Sort(all)
	slices.Sort(seen)
	if diff := cmp.Diff(all, seen); diff != "" {
		t.Errorf("(-there +seen):\n%s", diff)
	}
}
