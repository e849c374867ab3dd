package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// TestOneAddress: a person's e-mail address is the userName, whatever a client
// says in emails.
func TestOneAddress(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	id := s.create(token, "/scim/v2/acme/Users", `{"userName":"Ada@acme.example","emails":[{"value":"home@x.example","type":"home","primary":true},{"value":"b@x.example"}]}`)
	look := func(when, address string) {
		t.Helper()
		got := s.do(bearer(token), "GET", "/scim/v2/acme/Users/"+id, "").body
		for _, want := range []string{
			fmt.Sprintf(`"userName":%q`, address), fmt.Sprintf(`"emails":[{"value":%q,"type":"work","primary":true}]`, address),
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %s in %s", when, want, got)
			}
		}
	}
	look("created", "Ada@acme.example")
	for _, op := range []string{
		`{"op":"replace","path":"emails[type eq \"work\"].value","value":"other@x.example"}`,
		`{"op":"add","path":"emails","value":[{"value":"other@x.example","type":"home","primary":true}]}`,
		`{"op":"remove","path":"emails"}`,
		`{"op":"replace","value":{"emails":[]}}`,
	} {
		got := s.do(bearer(token), "PATCH", "/scim/v2/acme/Users/"+id, `{"Operations":[`+op+`]}`)
		if got.StatusCode != 200 {
			t.Errorf("PATCH %s = %d %s", op, got.StatusCode, got.body)
		}
		look(op, "Ada@acme.example")
	}
	s.do(bearer(token), "PATCH", "/scim/v2/acme/Users/"+id, `{"Operations":[{"op":"replace","path":"userName","value":"ada.l@acme.example"},{"op":"replace","path":"emails[type eq \"work\"].value","value":"x@x.example"}]}`)
	look("renamed", "ada.l@acme.example")
	for filter, want := range map[string]int{
		`emails.value eq "ADA.L@acme.example"`: 1, `emails[type eq "work"].value eq "ada.l@acme.example"`: 1,
		`emails[type eq "home"].value eq "ada.l@acme.example"`: 0, `emails co "home@"`: 0, `userName eq "Ada@acme.example"`: 0,
	} {
		got := s.do(bearer(token), "GET", "/scim/v2/acme/Users?filter="+strings.NewReplacer(" ", "%20", `"`, "%22", "[", "%5B", "]", "%5D").Replace(filter), "")
		if n := got.object(t)["totalResults"]; n != float64(want) {
			t.Errorf("%s finds %v, want %d: %s", filter, n, want, got.body)
		}
	}
}

// TestNoAddress: a userName that is none is refused and changes nothing.
func TestNoAddress(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	id := s.create(token, "/scim/v2/acme/Users", `{"userName":"ada@acme.example"}`)
	for _, name := range []string{"ada", "ada@", "@acme.example", "Ada <ada@acme.example>", "ada@acme.example, b@acme.example", strings.Repeat("a", 260) + "@x.example"} {
		for method, body := range map[string]string{
			"POST /scim/v2/acme/Users":                                 `{"userName":%q}`,
			"PUT /scim/v2/acme/Users/" + id:                            `{"userName":%q}`,
			"PATCH /scim/v2/acme/Users/" + id:                          `{"Operations":[{"op":"replace","path":"userName","value":%q}]}`,
			"PATCH /scim/v2/acme/Users/" + id + "?attributes=userName": `{"Operations":[{"op":"replace","value":{"userName":%q}}]}`,
		} {
			method, path, _ := strings.Cut(method, " ")
			got := s.do(bearer(token), method, path, fmt.Sprintf(body, name))
			if got.StatusCode != http.StatusBadRequest || got.object(t)["scimType"] != "invalidValue" {
				t.Errorf("%s with %.40q = %d %s", method, name, got.StatusCode, got.body)
			}
		}
	}
	if got := s.do(bearer(token), "GET", "/scim/v2/acme/Users", "").object(t); got["totalResults"] != 1.0 {
		t.Errorf("then there are %v", got)
	}
	for _, name := range []string{"zoë@exämple.example", "o'brien+x@acme.example", "日本@例え.example"} {
		s.create(token, "/scim/v2/acme/Users", fmt.Sprintf(`{"userName":%q}`, name))
	}
}

// TestMemberDeleted: a team that loses a member is another version of it.
func TestMemberDeleted(t *testing.T) {
	s := start(t, nil)
	b := s.settle("acme")
	version := func() string {
		got := s.do(bearer(b.token), "GET", "/scim/v2/acme/Groups/"+b.team, "")
		return fmt.Sprint(got.Header.Get("ETag"), " ", strings.Contains(got.body, "members"))
	}
	before := version()
	if got := s.do(bearer(b.token), "DELETE", "/scim/v2/acme/Users/"+b.person, ""); got.StatusCode != 204 {
		t.Fatalf("DELETE = %d %s", got.StatusCode, got.body)
	}
	if after := version(); !strings.HasSuffix(before, " true") || !strings.HasSuffix(after, " false") || strings.TrimSuffix(before, " true") == strings.TrimSuffix(after, " false") {
		t.Errorf("the team was %s and is %s", before, after)
	}
}

// TestMemberRenamed: a team shows the names of its members, so it is another
// version of it when one is called otherwise, and the same when not.
func TestMemberRenamed(t *testing.T) {
	s := start(t, nil)
	b := s.settle("acme")
	other := s.create(b.token, "/scim/v2/acme/Groups", `{"displayName":"Nobody"}`)
	look := func(id string) (etag, modified, name string) {
		got := s.do(bearer(b.token), "GET", "/scim/v2/acme/Groups/"+id, "")
		m := got.object(t)
		if members, _ := m["members"].([]any); len(members) == 1 {
			name, _ = members[0].(map[string]any)["display"].(string)
		}
		modified, _ = m["meta"].(map[string]any)["lastModified"].(string)
		return got.Header.Get("ETag"), modified, name
	}
	for _, tt := range []struct{ op, name string }{
		{`{"op":"replace","path":"name","value":{"givenName":"Grace","familyName":"Hopper"}}`, "Grace Hopper"},
		{`{"op":"replace","path":"nickName","value":"Amazing"}`, "Grace Hopper"},
		{`{"op":"replace","path":"externalId","value":"7"}`, "Grace Hopper"},
		{`{"op":"remove","path":"name"}`, "Amazing"},
		{`{"op":"remove","path":"nickName"}`, b.email},
		{`{"op":"replace","path":"userName","value":"grace@acme.example"}`, "grace@acme.example"},
	} {
		etag, modified, name := look(b.team)
		otherTag, _, _ := look(other)
		got := s.do(bearer(b.token), "PATCH", "/scim/v2/acme/Users/"+b.person, `{"Operations":[`+tt.op+`]}`)
		if got.StatusCode != 200 {
			t.Fatalf("%s: %d %s", tt.op, got.StatusCode, got.body)
		}
		newTag, newModified, newName := look(b.team)
		if newName != tt.name || (newTag != etag) != (newName != name) || (newModified > modified) != (newName != name) {
			t.Errorf("%s: the team was %s %s %q and is %s %s %q, want the member %q", tt.op, etag, modified, name, newTag, newModified, newName, tt.name)
		}
		if tag, _, _ := look(other); tag != otherTag {
			t.Errorf("%s: a team without the person was %s and is %s", tt.op, otherTag, tag)
		}
		if newName != name {
			stale := s.do(func(r *http.Request) { bearer(b.token)(r); r.Header.Set("If-None-Match", etag) }, "GET", "/scim/v2/acme/Groups/"+b.team, "")
			if stale.StatusCode != 200 {
				t.Errorf("%s: a client that has %s is told %d", tt.op, etag, stale.StatusCode)
			}
		}
	}
}

// TestPhoto: of the pictures a client sends the product has one.
func TestPhoto(t *testing.T) {
	for body, want := range map[string]string{
		`[{"value":"https://x.example/1"}]`: "https://x.example/1",
		`[{"value":"https://x.example/1","type":"thumbnail"},{"value":"https://x.example/2","type":"photo"}]`: "https://x.example/2",
		`[]`: "",
	} {
		r, err := scim.ParseResource(userType, []byte(`{"userName":"a@acme.example","photos":`+body+`}`))
		if err != nil {
			t.Fatal(err)
		}
		var p person
		if err := p.take(r); err != nil || p.Photo != want {
			t.Errorf("%s: %q, %v, want %q", body, p.Photo, err, want)
		}
	}
}

// TestTooMany: a question that needs all rows is refused where there are too
// many, and others are answered.
func TestTooMany(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	fill := func(n int) {
		t.Helper()
		err := s.db.Write(t.Context(), func(tx *host.Tx) error {
			_, err := tx.Exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
				INSERT INTO people SELECT 'acme', 'p' || n, 'p' || n || '@acme.example', 'p' || n || '@acme.example', '', '', '', '', '', TRUE, 1, 1, '1'
				FROM n WHERE true ON CONFLICT DO NOTHING`, n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(query string, status int) {
		t.Helper()
		got := s.do(bearer(token), "GET", "/scim/v2/acme/Users?"+query, "")
		if got.StatusCode != status || status == 400 && got.object(t)["scimType"] != "tooMany" {
			t.Errorf("%s = %d %.300s", query, got.StatusCode, got.body)
		}
	}
	fill(maxScan)
	ask(`filter=userName+co+%22p77%22`, 200)
	fill(maxScan + 1)
	ask(`filter=userName+co+%22p77%22`, 400)
	ask(`sortBy=userName&count=1`, 400)
	ask(`filter=userName+eq+%22P77@acme.example%22`, 200)
	ask(`startIndex=9999&count=10`, 200)
}
