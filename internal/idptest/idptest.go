// Package idptest replays what identity providers send against a product, but
// for the cases that need what the product does not have. Those are listed with
// the reason, and the list is tested, too.
package idptest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/idpcases"
	"github.com/scimkit/scimkit/scim"
)

// A Lack is what a product does not have, and the cases that need it. One of
// Attribute, Endpoint and Extension says what that is, and discovery must show
// that it is not there; or Rule says by which rule of the product it cannot be.
type Lack struct {
	Attribute string // of the core User: "title", "name.formatted"
	Endpoint  string // "/Groups"
	Extension string // its URN
	Rule      string
	Cases     []string
}

func (l *Lack) String() string {
	switch {
	case l.Attribute != "":
		return "the attribute " + l.Attribute
	case l.Endpoint != "":
		return "the resources at " + l.Endpoint
	case l.Extension != "":
		return "the extension " + l.Extension
	}
	return l.Rule
}

// options are the opt-in cases and the option of each.
var options = map[string]func(*scim.Tolerance){
	"mspm-017":     func(*scim.Tolerance) {}, // needs none: BareValues is on by default
	"mspm-018":     func(t *scim.Tolerance) { t.PathCase = true },
	"mspm-019":     func(t *scim.Tolerance) { t.PathAliases = true },
	"onelogin-009": func(t *scim.Tolerance) { t.Scim11Members = true },
	"oracle-003":   func(t *scim.Tolerance) { t.PatchBare = true },
	"wso2-002":     func(t *scim.Tolerance) { t.BareWords = true },
	"gen-028":      func(t *scim.Tolerance) { t.LeadingSlash = true },
	"gen-038":      func(t *scim.Tolerance) { t.DoubleEscape = true },
}

// Run runs every case. open starts the product without users, with a tolerance
// or nil for that of the product, and gives base URL and bearer token. A case in
// lacks must fail: one that passes is to be taken off the list.
func Run(t *testing.T, lacks []Lack, open func(t *testing.T, tolerance *scim.Tolerance) (baseURL, token string)) {
	listed := index(t, lacks)
	for _, c := range idpcases.Load() {
		lack := listed[c.ID]
		delete(listed, c.ID)
		t.Run(c.Strictness+"/"+c.ID, func(t *testing.T) {
			t.Parallel()
			baseURL, token := open(t, tolerance(t, &c))
			err := c.Run(t.Context(), baseURL, token)
			switch {
			case lack == nil && err != nil:
				t.Errorf("%s %v\n%s\nnote: %s\n%v", c.ID, c.Quirks, c.Title, c.Note, err)
			case lack != nil && err == nil:
				t.Errorf("%s is on the list of cases that need %v, and passes", c.ID, lack)
			case lack != nil:
				lack.check(t, &c, baseURL, token)
			}
		})
	}
	for id := range listed {
		t.Errorf("%s is on the list, and there is no such case", id)
	}
}

func index(t *testing.T, lacks []Lack) map[string]*Lack {
	listed := make(map[string]*Lack)
	for i := range lacks {
		for _, id := range lacks[i].Cases {
			if listed[id] != nil {
				t.Errorf("%s is on the list twice", id)
			}
			listed[id] = &lacks[i]
		}
	}
	return listed
}

func tolerance(t *testing.T, c *idpcases.Case) *scim.Tolerance {
	if c.Strictness != "opt-in" {
		return nil
	}
	set, ok := options[c.ID]
	if !ok {
		t.Fatalf("no option is known for the opt-in case %s", c.ID)
	}
	on := scim.Tolerant()
	set(&on)
	return &on
}

// check tells whether c speaks of what is lacking, and discovery does not.
func (l *Lack) check(t *testing.T, c *idpcases.Case, baseURL, token string) {
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	name := l.Attribute[strings.LastIndexByte(l.Attribute, '.')+1:]
	switch {
	case l.Endpoint != "":
		name = strings.Trim(l.Endpoint, "/s")
	case l.Extension != "":
		name = "enterprise" // the only one that cases are about
	}
	if !strings.Contains(string(text), name) {
		t.Errorf("%s does not speak of %v", c.ID, l)
	}
	types := get(t, baseURL+"/ResourceTypes", token)
	switch {
	case l.Attribute != "":
		user, ok := userSchema(t, baseURL, token).find(strings.Split(l.Attribute, "."))
		if ok {
			t.Errorf("%s: the product has %v: %v", c.ID, l, user)
		}
	case strings.Contains(types, l.Endpoint+l.Extension) && l.Rule == "":
		t.Errorf("%s: the product has %v", c.ID, l)
	}
}

// attribute is an attribute of a schema, or a schema.
type attribute struct {
	Name                      string
	Attributes, SubAttributes []attribute
}

func (a attribute) find(path []string) (attribute, bool) {
	if len(path) == 0 {
		return a, true
	}
	for _, s := range append(a.Attributes, a.SubAttributes...) {
		if s.Name == path[0] {
			return s.find(path[1:])
		}
	}
	return a, false
}

func userSchema(t *testing.T, baseURL, token string) (s attribute) {
	t.Helper()
	text := get(t, baseURL+"/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", token)
	if err := json.Unmarshal([]byte(text), &s); err != nil || len(s.Attributes) == 0 {
		t.Fatalf("schema of User: %v\n%s", err, text)
	}
	return s
}

// get gives the body of an answer.
func get(t *testing.T, url, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %v", url, resp.StatusCode, err)
	}
	return string(body)
}
