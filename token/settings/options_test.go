package settings_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

func options(t *testing.T) settings.Options {
	t.Helper()
	m, err := token.New(token.NewMemoryStore(), token.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return settings.Options{Manager: m, Authorize: authorize, BaseURL: "https://api.example.com/scim/v2/{tenant}", Product: "Lumen"}
}

func TestNewRefuses(t *testing.T) {
	file := func(text string) fstest.MapFS { return fstest.MapFS{"x.html": {Data: []byte(text)}} }
	for _, tt := range []struct {
		name   string
		change func(*settings.Options)
		want   string
	}{
		{"no manager", func(o *settings.Options) { o.Manager = nil }, "Manager is missing"},
		{"no authoriser", func(o *settings.Options) { o.Authorize = nil }, "open to everyone"},
		{"no base URL", func(o *settings.Options) { o.BaseURL = "" }, "BaseURL"},
		{"relative base URL", func(o *settings.Options) { o.BaseURL = "/scim/v2" }, "BaseURL"},
		{"base URL with a query", func(o *settings.Options) { o.BaseURL = "https://x.example/?y" }, "BaseURL"},
		{"script as base URL", func(o *settings.Options) { o.BaseURL = "javascript:alert(1)" }, "BaseURL"},
		{"relative path", func(o *settings.Options) { o.Path = "settings" }, "Path"},
		{"no types", func(o *settings.Options) { o.Types = []string{} }, "Types"},
		{"odd type", func(o *settings.Options) { o.Types = []string{"User:read"} }, "Types"},
		{"unknown client", func(o *settings.Options) { o.Clients = []settings.Client{"ldap"} }, `"ldap"`},
		{"client twice", func(o *settings.Options) { o.Clients = []settings.Client{settings.Okta, settings.Okta} }, "twice"},
		{"unknown text", func(o *settings.Options) { o.Texts = map[string]map[string]string{"de": {"page.titel": "SCIM"}} }, "page.titel"},
		{"unknown placeholder", func(o *settings.Options) {
			o.Texts = map[string]map[string]string{"de": {"page.lead": "In {produkt}"}}
		}, "{produkt}"},
		{"template that does not parse", func(o *settings.Options) { o.Templates = file(`{{define "head"}}{{`) }, "Templates"},
		{"template that fails", func(o *settings.Options) { o.Templates = file(`{{define "head"}}{{.NoSuchField}}{{end}}`) }, "NoSuchField"},
		{"no type", func(o *settings.Options) { o.ResourceTypes = []*schema.ResourceType{nil} }, "ResourceTypes[0] is nil"},
		{"invalid type", func(o *settings.Options) { o.ResourceTypes = []*schema.ResourceType{{Name: "User"}} }, "ResourceTypes: "},
		{"templates without files", func(o *settings.Options) { o.Templates = fstest.MapFS{} }, "Templates"},
	} {
		o := options(t)
		tt.change(&o)
		if h, err := settings.New(o); err == nil || h != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := settings.New(settings.Options{}); strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not all that is wrong: %v", err)
	}
}

// get asks a handler for a page.
func get(h http.Handler, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("Session", "acme:admin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestMounts: under any prefix, with or without http.StripPrefix.
func TestMounts(t *testing.T) {
	for _, tt := range []struct{ pattern, path, strip, base string }{
		{"/", "", "", ""},
		{"/settings/", "", "/settings", "/settings"},
		{"/settings/", "", "/settings/", "/settings"},
		{"/a/b/settings/", "", "/a/b/settings", "/a/b/settings"},
		{"/settings/", "/settings", "", "/settings"},
		{"/t/{tenant}/settings/", "/t/{tenant}/settings/", "", "/t/acme/settings"},
	} {
		o := options(t)
		o.Path = tt.path
		var tenants []string
		o.Authorize = func(r *http.Request) (settings.Access, error) {
			tenants = append(tenants, r.PathValue("tenant"))
			return authorize(r)
		}
		page, err := settings.New(o)
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.Handle(tt.pattern, http.StripPrefix(tt.strip, page))
		for path, want := range map[string]int{"/": 200, "/api/status": 200, "/assets/script.js": 200, "/tokens": 303, "/nothing": 404, "/tokens/x/revoke": 404} {
			if w := get(mux, tt.base+path); w.Code != want {
				t.Errorf("%+v %s: %d", tt, path, w.Code)
			}
		}
		if strings.Contains(tt.path, "{tenant}") && tenants[0] != "acme" {
			t.Error("the host's path values are gone")
		}
	}
	o := options(t)
	o.Path = "/settings/scim"
	page, err := settings.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []http.Handler{page, http.StripPrefix("/settings/scim", page)} {
		if w := get(h, "/settings/scim"); h == page && (w.Code != 308 || w.Header().Get("Location") != "./scim/") {
			t.Errorf("without slash: %d %q", w.Code, w.Header().Get("Location"))
		}
	}
	o.Path = ""
	if page, err = settings.New(o); err != nil {
		t.Fatal(err)
	}
	if w := get(http.StripPrefix("/settings/scim", page), "/settings/scim"); w.Code != 308 || w.Header().Get("Location") != "./scim/" {
		t.Errorf("without slash: %d %q", w.Code, w.Header().Get("Location"))
	}
}

func TestTemplatesAndCSS(t *testing.T) {
	o := options(t)
	o.CSS = ":root { --scim-accent: #0a5 }"
	o.Templates = fstest.MapFS{"own.html": {Data: []byte(`{{define "header"}}<header>{{.Product}} for {{.TenantName}}</header>{{end}}{{define "events"}}<!-- none -->{{end}}`)}}
	page, err := settings.New(o)
	if err != nil {
		t.Fatal(err)
	}
	body := get(page, "/").Body.String()
	if !strings.Contains(body, "<header>Lumen for ACME</header>") || strings.Contains(body, "Recent changes") || !strings.Contains(body, "assets/theme.css?") {
		t.Error(body)
	}
	if w := get(page, "/assets/theme.css"); w.Body.String() != o.CSS || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	version := body[strings.Index(body, "theme.css?")+len("theme.css?"):]
	version = version[:strings.IndexByte(version, '"')]
	if w := get(page, "/assets/theme.css?"+version); !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%v", w.Header())
	}
}

// TestClients: the steps are for the clients and the types that there are.
func TestClients(t *testing.T) {
	o := options(t)
	body := get(must(t, o), "/").Body.String()
	for _, want := range []string{"Okta", "Microsoft Entra ID", "OneLogin", "JumpCloud", "Google Workspace", "Any other client", "<strong>Push Groups</strong>"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(body, "https://api.example.com/scim/v2/acme"); n != 11 {
		t.Errorf("the base URL is there %d times", n)
	}
	if strings.Contains(body, "{") {
		t.Errorf("a placeholder is left: %s", body[strings.Index(body, "{"):])
	}
	o.Types, o.Clients = []string{"User"}, []settings.Client{settings.EntraID, settings.Okta}
	body = get(must(t, o), "/").Body.String()
	if strings.Contains(body, "OneLogin") || strings.Contains(body, "Group:") || !strings.Contains(body, "leave <strong>Push Groups</strong> off") ||
		strings.Index(body, "guide-entra") > strings.Index(body, "guide-okta") {
		t.Error(body)
	}
}

// TestMappings: the steps for Entra ID name the attributes to be taken off its
// list, and none that the server has.
func TestMappings(t *testing.T) {
	const read = "delete the rows"
	guide := func(types ...*schema.ResourceType) string {
		o := options(t)
		o.ResourceTypes = types
		body := get(must(t, o), "/").Body.String()
		return html.UnescapeString(body[strings.Index(body, `id="guide-entra"`):strings.Index(body, `id="guide-onelogin"`)])
	}
	if g := guide(); !strings.Contains(g, read) || !strings.Contains(g, "https://api.example.com/scim/v2/acme/Schemas</code>") {
		t.Error(g)
	}
	if g := guide(schema.UserType(), schema.GroupType()); strings.Contains(g, read) {
		t.Error(g)
	}
	narrow := schema.UserType()
	narrow.Extensions = nil
	narrow.Schema = narrow.Schema.Only("userName", "name.givenName", "name.familyName", "emails", "active", "title")
	for i := range narrow.Schema.Attributes {
		if a := &narrow.Schema.Attributes[i]; a.Name == "title" {
			a.Mutability = schema.ReadOnly
		}
	}
	g := guide(narrow)
	for path, want := range map[string]bool{
		"displayName": true, "title": true, "name.formatted": true, `addresses[type eq "work"].country`: true, `phoneNumbers[type eq "fax"].value`: true,
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager": true,
		"name.givenName": false, "active": false, "externalId": false, `emails[type eq "work"].value`: false,
	} {
		if strings.Contains(g, "<code>"+path+"</code>") != want {
			t.Errorf("%s: want it in the list: %v\n%s", path, want, g)
		}
	}
	if !strings.Contains(g, "Provision Microsoft Entra ID Groups") || strings.Contains(g, "{missing}") {
		t.Errorf("the names of the types are not those of ResourceTypes, or a placeholder is left: %s", g)
	}
}

func must(t *testing.T, o settings.Options) http.Handler {
	t.Helper()
	h, err := settings.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func getIn(h http.Handler, target, language string) string {
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("Session", "acme:admin")
	r.Header.Set("Language", language)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}
