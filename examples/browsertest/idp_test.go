package browsertest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An idp is an identity provider that has been given a base URL and a token.
type idp struct {
	t                       *testing.T
	base, secret, userAgent string
}

// send sends one request, fails the test if the status is not the one that is
// wanted, and gives the id in the answer.
func (i idp) send(method, path, body string, want int) string {
	i.t.Helper()
	r, err := http.NewRequest(method, i.base+path, strings.NewReader(body))
	if err != nil {
		i.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+i.secret)
	r.Header.Set("User-Agent", i.userAgent)
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		i.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		i.t.Fatal(err)
	}
	if resp.StatusCode != want {
		i.t.Fatalf("%s %s %s: %d %s, want %d", i.userAgent, method, path, resp.StatusCode, data, want)
	}
	var made struct{ ID string }
	_ = json.Unmarshal(data, &made) // where there is none, the id is ""
	return made.ID
}

func okta(t *testing.T, base, secret string) idp {
	return idp{t: t, base: base, secret: secret, userAgent: "Okta SCIM Client 1.0.0"}
}

// provision is what Okta does from the test of the credentials to a person whose
// profile was pushed.
func (i idp) provisionLikeOkta(userName string) {
	i.t.Helper()
	i.send("GET", "/Users?startIndex=1&count=2", "", 200)
	i.send("GET", "/Users?filter=userName%20eq%20%22"+url.QueryEscape(userName)+"%22&startIndex=1&count=100", "", 200)
	user := `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + userName + `","name":{"givenName":"Mira","familyName":"Holt"},` +
		`"emails":[{"primary":true,"value":"` + userName + `","type":"work"}],"active":true`
	id := i.send("POST", "/Users", "{"+user+`,"groups":[],"password":"x7Kq20pz"}`, 201)
	i.send("GET", "/Users/"+id, "", 200)
	i.send("PUT", "/Users/"+id, `{"id":"`+id+`",`+user+`}`, 200)
	i.send("PUT", "/Users/"+id, strings.Replace(`{"id":"`+id+`",`+user+`}`, `"active":true`, `"active":false`, 1), 200)
	i.send("GET", "/Users/no-such-person", "", 404)
}

func entra(t *testing.T, base, secret string) idp {
	return idp{t: t, base: base, secret: secret, userAgent: "Microsoft-Azure-AD-SCIM/1.0"}
}

// provisionLikeEntra tests the connection, creates a person and deactivates them
// in Entra's older dialect.
func (i idp) provisionLikeEntra(userName string) {
	i.t.Helper()
	i.send("GET", "/Users?filter=userName+eq+%22c0ffee11-0000-4000-8000-000000000000%22", "", 200)
	id := i.send("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"ida","userName":"`+userName+`","active":true,`+
		`"emails":[{"primary":true,"type":"work","value":"`+userName+`"}],"meta":{"resourceType":"User"},"name":{"familyName":"Vale","givenName":"Ida"}}`, 201)
	i.send("PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+
		`{"op":"Replace","path":"name.familyName","value":"Holt"},{"op":"Replace","path":"active","value":"False"}]}`, 200)
}
