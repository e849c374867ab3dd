package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// Options are the options of the handler. Manager, Authorize and BaseURL are
// needed.
type Options struct {
	Manager *token.Manager

	// Authorize tells who sent a request to the page or the API, and for
	// which tenant, from the host's own session. [ErrUnauthenticated] is
	// 401, [ErrForbidden] and an Access that allows nothing are 403, any
	// other error is logged and 500. It gets the request as it came, with
	// the path values of the host's own mux. A host that sends people to
	// its login does so before the request comes here.
	Authorize func(r *http.Request) (Access, error)

	// BaseURL is what tenants enter in their identity providers:
	// [scim.Config.BaseURL], with {tenant} where the tenant's name goes.
	BaseURL string

	// Requests is the log of recent requests; nil leaves them out.
	Requests requestlog.Log

	// Path is where the handler is mounted, and a segment may be a wildcard:
	// "/settings/scim", "/t/{tenant}/scim". It stays empty behind
	// http.StripPrefix.
	Path string

	// Product is the name of the host's product as its customers know it.
	Product string

	// ResourceTypes are those of the server: [scim.Endpoint.Type]. With them
	// the set-up steps list the attributes that an identity provider sends
	// by default and the server does not have.
	ResourceTypes []*schema.ResourceType

	// Types are the names of the resource types that the server has, those
	// of ResourceTypes if nil, and User and Group without them. The scopes of tokens that are generated here are for
	// these, or for all with *. Without Group, the set-up steps are those
	// for a product without groups.
	Types []string

	// Clients are the identity providers that there are set-up steps for, in
	// the order in which they are shown; all if nil.
	Clients []Client

	// Texts are the texts by language tag and key: {"de": {"page.title":
	// …}}. They replace those of [Texts]; what is missing is English. An
	// empty guide.… leaves a step out.
	Texts map[string]map[string]string

	// Templates has *.html files in its root. What they define replaces our
	// templates of the same name; look at those for the data that they get,
	// which may grow.
	Templates fs.FS

	// CSS is served as a stylesheet of its own, after ours.
	CSS string

	// Now is the clock, time.Now if nil; the same as that of the Manager.
	Now func() time.Time

	// Logger gets the errors of which the page says only that there was
	// one, slog.Default() if nil.
	Logger *slog.Logger
}

// Access is what somebody may see and do.
type Access struct {
	Tenant string // whose settings
	Actor  string // who asks, as events name people: a name, an address, an id; needed

	Read  bool // look
	Write bool // look and change

	TenantName string // as people know it, "" for none
	Language   string // a language tag: "de", "pt-BR"; English if it has no texts
}

// Errors of Options.Authorize.
var (
	ErrUnauthenticated = errors.New("settings: nobody is signed in")
	ErrForbidden       = errors.New("settings: not allowed")
)

// A Client is an identity provider that the page has set-up steps for.
type Client string

// The clients with set-up steps. Other is what to know for any other one.
const (
	Okta      Client = "okta"
	EntraID   Client = "entra"
	OneLogin  Client = "onelogin"
	JumpCloud Client = "jumpcloud"
	Google    Client = "google"
	Other     Client = "other"
)

var allClients = []Client{Okta, EntraID, OneLogin, JumpCloud, Google, Other}

// complete fills in the defaults and tells all that is wrong.
func (o *Options) complete() error {
	if o.Product == "" {
		o.Product = "SCIM"
	}
	if o.Types == nil {
		o.Types = typeNames(o.ResourceTypes)
	}
	if o.Clients == nil {
		o.Clients = allClients
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.BaseURL, o.Path = strings.TrimRight(o.BaseURL, "/"), strings.TrimRight(o.Path, "/")
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.Manager != nil, "the Manager is missing")
	check(o.Authorize != nil, "Authorize is missing: the settings would be open to everyone")
	check(validBaseURL(o.BaseURL), "BaseURL %q: an absolute http or https URL without query is needed", o.BaseURL)
	check(o.Path == "" || o.Path[0] == '/', "Path %q does not begin with a slash", o.Path)
	check(len(o.Types) > 0, "Types is empty")
	for i, t := range o.ResourceTypes {
		if t == nil {
			check(false, "ResourceTypes[%d] is nil", i)
			continue
		}
		err := t.Validate()
		check(err == nil, "ResourceTypes: %w", err)
	}
	for _, t := range o.Types {
		check(!slices.ContainsFunc([]byte(t), func(b byte) bool { return !isWord(b) }) && t != "", "Types: %q is no name of a resource type", t)
	}
	for i, c := range o.Clients {
		check(slices.Contains(allClients, c), "Clients: there are no steps for %q", c)
		check(!slices.Contains(o.Clients[:i], c), "Clients: %q is there twice", c)
	}
	return errors.Join(errs...)
}

// typeNames are those of types, or of the usual ones.
func typeNames(types []*schema.ResourceType) []string {
	if types == nil {
		return []string{"User", "Group"}
	}
	names := make([]string, 0, len(types))
	for _, t := range types {
		if t != nil {
			names = append(names, t.Name)
		}
	}
	return names
}

func isWord(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_' || b == '-'
}

func validBaseURL(text string) bool {
	u, err := url.Parse(strings.ReplaceAll(text, "{tenant}", "tenant"))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && u.User == nil
}

// baseURL is that of a tenant.
func (o *Options) baseURL(tenant string) string {
	return strings.ReplaceAll(o.BaseURL, "{tenant}", url.PathEscape(tenant))
}

// groups tells whether the server has groups.
func (o *Options) groups() bool { return slices.Contains(o.Types, "Group") }
