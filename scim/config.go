package scim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"
)

// A Config describes a service provider. Endpoints and Authenticator are
// required; everything else has a default that is right for most.
type Config struct {
	// Endpoints are the resource types and who keeps their resources.
	// /ResourceTypes and /Schemas show them in this order.
	Endpoints []Endpoint

	// Authenticator finds out who sends a request.
	Authenticator Authenticator

	// BaseURL is the URL under which clients reach the server, such as
	// "https://api.example.com/scim/v2"; a path segment "{tenant}" stands
	// for the tenant: 1 to 63 letters, digits, dots, dashes and underscores,
	// of which the first is a letter or digit. A path that names none is 404
	// then. Without BaseURL, URLs in answers are made from the request: its
	// scheme, host (255 bytes at most; others are 400) and the path under
	// which the server is mounted (512 bytes at most; others are 404). A mount
	// path that ends in a version of the application's own, such as "/api/v1/",
	// needs a BaseURL: RFC 7644 section 3.13 gives that place to the version
	// of the protocol.
	BaseURL string

	// TrustedProxies are the peers whose X-Forwarded-Proto and
	// X-Forwarded-Host are believed where BaseURL is empty.
	TrustedProxies []netip.Prefix

	// Tolerance says where the server goes along with what identity
	// providers send beyond the RFCs; nil means [Tolerant].
	Tolerance *Tolerance

	// TenantTolerance overrides Tolerance for a tenant; nil, or a nil
	// result, leaves it.
	TenantTolerance func(ctx context.Context, tenant string) *Tolerance

	Limits Limits

	// Logger gets what went wrong at level Error and each applied quirk at
	// level Debug; never a body, a query or a secret. nil means
	// slog.Default().
	Logger *slog.Logger

	// OnQuirk is called for each quirk that a request had, once.
	OnQuirk func(ctx context.Context, q Quirk)

	// DocumentationURI and AuthenticationSchemes are shown in
	// /ServiceProviderConfig (RFC 7643 section 5). Without schemes, it
	// shows a bearer token.
	DocumentationURI      string
	AuthenticationSchemes []AuthenticationScheme

	// ChangePassword is shown in /ServiceProviderConfig: the handlers take
	// the attribute password and set it.
	ChangePassword bool

	// PublicDiscovery answers the three discovery endpoints without
	// authentication (RFC 7643 section 5 recommends it).
	PublicDiscovery bool

	// OnRequest is called once for each request, when it has been answered.
	// ctx has the values of the request and may be over.
	OnRequest func(ctx context.Context, info RequestInfo)

	// Challenge is the WWW-Authenticate header of a 401 (RFC 6750 section
	// 3), `Bearer realm="scim"` if empty.
	Challenge string

	// NewID makes the ids of new resources, random UUIDs (version 7) if nil.
	NewID func() string

	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

// An AuthenticationScheme is a way to authenticate (RFC 7643 section 5).
type AuthenticationScheme struct {
	Type             string // oauth, oauth2, oauthbearertoken, httpbasic or httpdigest
	Name             string
	Description      string
	SpecURI          string
	DocumentationURI string
	Primary          bool
}

// check tells what /ServiceProviderConfig must not show.
func (a *AuthenticationScheme) check() error {
	switch a.Type {
	case "oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest":
	default:
		return fmt.Errorf("the type %q is none of those of RFC 7643 section 5", a.Type)
	}
	if a.Name == "" || a.Description == "" {
		return errors.New("it needs Name and Description (RFC 7643 section 5)")
	}
	return nil
}
