// Package settings is what a tenant's administrator sees of SCIM: one
// http.Handler with a page and a JSON API, for the host's own settings.
//
//	requests := requestlog.NewMemory(requestlog.Options{}) // Hook(requests) is scim.Config.OnRequest
//	page, err := settings.New(settings.Options{
//		Manager:  tokens,
//		Requests: requests,
//		BaseURL:  "https://api.example.com/scim/v2/{tenant}",
//		Product:  "Lumen",
//		Authorize: func(r *http.Request) (settings.Access, error) {
//			s, ok := sessions.From(r) // the host's own
//			if !ok {
//				return settings.Access{}, settings.ErrUnauthenticated
//			}
//			return settings.Access{Tenant: s.Tenant, Actor: s.Email, Read: true, Write: s.Admin}, nil
//		},
//	})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/settings/scim/", http.StripPrefix("/settings/scim", page))
//
// # Page
//
// The page switches SCIM on and off, shows the base URL, generates, rotates and
// revokes tokens, shows the last requests and what to do in an identity
// provider. It is rendered on the server, and all of it works without
// JavaScript. A small script adds copy buttons, local times, and that the page
// keeps itself up to date.
//
// The secret of a new token is in the answer to the form that asked for it, and
// nowhere else: not in a URL, a cookie or a later page. Whoever reloads that
// answer sends the form again. So each form that makes a secret carries the
// number of the tenant's last event; where a secret was made after it, the form
// is refused. Two processes that get the same form in the same moment may both
// make one: the second shows in the list.
//
// The page says that a client is connected after the first request that SCIM has
// served, to one of the tokens that work or to the credentials of another
// [scim.Authenticator] of the host; requests that were refused are none. Without
// Options.Requests, or where they begin later, it goes by the last use of tokens.
//
// # API
//
// Below api/, for the host's own front end. Bodies are JSON with
// Content-Type application/json; unknown, doubled and misspelt names are
// refused, and then nothing is changed. Times are RFC 3339, durations are
// seconds.
//
//	GET    api/status                            switches, base URL, tokens
//	PATCH  api/status                            {"enabled": true}
//	POST   api/tokens                            {"name", "scopes", "expires_in"}, all optional; 201 with "token", the secret
//	DELETE api/tokens/{id}                       revokes
//	POST   api/tokens/{id}/rotation              {"overlap"}, optional, 0 ends the old token at once; 201 with "token"
//	POST   api/tokens/{id}/rotation/complete
//	DELETE api/tokens/{id}/rotation              cancels
//	GET    api/requests?limit=                   the newest first, 100 at most
//	GET    api/events?before=&limit=             the newest first, 100 at most; before is a seq
//
// Scopes are "User:read" and the like, see [token.Scope], for the resource types
// of Options.Types. Without them a token may do everything; an empty list is
// refused.
//
// Errors are {"error": {"code", "field", "message"}}: the code is for programs
// and stays, the message is English and for developers.
//
// # Security
//
// Every answer is preceded by a call of Options.Authorize, but for the assets and
// the redirection of …/scim to …/scim/; without one there is no handler. What changes something needs Access.Write, a
// method that is not safe, and a request that comes from the same origin
// ([http.CrossOriginProtection]). The Content-Security-Policy allows nothing
// inline and nothing from elsewhere.
//
// # Appearance
//
// Options.CSS comes after the stylesheet. It may set these variables on :root,
// and again inside @media (prefers-color-scheme: dark):
//
//	--scim-accent     buttons, links, the switch
//	--scim-on-accent  text on it
//	--scim-bg         the page
//	--scim-surface    cards
//	--scim-sunken     fields and code
//	--scim-text --scim-muted --scim-border
//	--scim-good --scim-warn --scim-bad           text of states
//	--scim-good-bg --scim-warn-bg --scim-bad-bg  what is behind it
//	--scim-font --scim-mono --scim-radius --scim-width
//
// Options.Templates replaces templates by name. Three of ours are empty and
// there to be replaced: head, header and footer. An empty template replaces
// nothing (see text/template); one with a comment does. Options.Texts replaces and
// translates texts; [Texts] gives the English ones.
package settings
