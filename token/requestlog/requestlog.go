// Package requestlog keeps the last requests of each tenant, for the people who
// set up an identity provider and want to see what arrives.
//
//	log := requestlog.NewMemory(requestlog.Options{})
//	server, err := scim.NewServer(scim.Config{
//		Endpoints:     endpoints,
//		Authenticator: tokens,
//		OnRequest:     requestlog.Hook(log),
//	})
//
//	recent, err := log.Recent(ctx, "acme", 50)
//
// An entry has no query, no body, no header but the name of the client, and no
// credentials. What an error message quotes of the request is left out.
package requestlog

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/scimkit/scimkit/scim"
)

// An Entry is one request.
type Entry struct {
	Time     time.Time
	Tenant   string
	Method   string
	Path     string // decoded, without the query and what may be a secret, cut after 200 characters
	Status   int
	ScimType string // of the error (RFC 7644 table 9)
	Detail   string // of the error, without what it quoted
	Client   string // "Okta", "Microsoft Entra ID", … or what the client calls itself
	Subject  string // of the principal, "" if the credentials were refused
	Quirks   []string
	Duration time.Duration

	// Authenticated tells whether the credentials were right. Otherwise
	// anyone may have sent the request.
	Authenticated bool
}

// A Log keeps entries. It is safe for concurrent use.
type Log interface {
	// Add adds an entry. It must be quick, and neither fails nor delays
	// the request: a log that writes to a database does so later.
	Add(ctx context.Context, e Entry)

	// Recent gives the last entries of a tenant, the newest first. Asking
	// for a tenant makes it known, so that refused requests are kept.
	Recent(ctx context.Context, tenant string, limit int) ([]Entry, error)
}

// Hook gives a function for [scim.Config.OnRequest] that adds to log.
func Hook(log Log) func(ctx context.Context, info scim.RequestInfo) {
	return func(ctx context.Context, info scim.RequestInfo) {
		e := Entry{
			Time: time.Now(), Tenant: strings.Clone(info.Tenant), Method: clean(info.Method, 20), Path: clean(withoutSecrets(info.Path), 200),
			Status: info.Status, ScimType: info.ScimType, Detail: clean(withoutSecrets(unquoted(info.ScimType, info.Detail)), 300),
			Client: Client(info.UserAgent), Subject: info.Subject, Duration: info.Duration, Authenticated: info.Authenticated,
		}
		for _, q := range info.Quirks {
			e.Quirks = append(e.Quirks, q.String())
		}
		log.Add(ctx, e)
	}
}

// long is what may be a secret: a token or a JSON Web Token, whole or in part.
// The ids of resources are shorter.
var long = regexp.MustCompile(`[A-Za-z0-9_.~+=-]{40,}`)

// withoutSecrets leaves out of text what may be a secret, which people paste
// into the wrong field and which then comes back in a path or a name. Escapes
// are undone first, so that they hide none.
func withoutSecrets(text string) string {
	for range 4 {
		plain, err := url.PathUnescape(text)
		if err != nil || plain == text {
			break
		}
		text = plain
	}
	return long.ReplaceAllLiteralString(text, "[secret]")
}

// unquoted leaves out what stands in double quotes, and what stands in brackets: it
// may be a value of a filter, which a client that errs has not put in quotes.
// Errors without a scimType quote no values.
func unquoted(scimType, detail string) string {
	if scimType == "" || scimType == "uniqueness" {
		return detail
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(detail, `"`)
		b.WriteString(before)
		if !found {
			return withoutBrackets(b.String())
		}
		b.WriteString(`"…"`)
		detail = afterQuote(rest)
	}
}

var (
	operation = regexp.MustCompile(`^Operations\[[0-9]+\]`)
	position  = regexp.MustCompile(`(?s)^.*(: at byte [0-9]+: )`)
)

// withoutBrackets cuts from the first bracket, but for the number of an operation,
// to the last one. If text says where a path is wrong, all of the path behind the
// bracket goes: its brackets may not be what they seem.
func withoutBrackets(text string) string {
	start := len(operation.FindString(text))
	open := strings.IndexByte(text[start:], '[')
	if open < 0 {
		return text
	}
	before, rest := text[:start+open], text[start+open:]
	if at := position.FindStringSubmatchIndex(rest); at != nil {
		return before + "[…]" + rest[at[2]:]
	}
	end := strings.LastIndexByte(rest, ']')
	if end < 0 {
		return before + "[…]"
	}
	return before + "[…]" + rest[end+1:]
}

// afterQuote is what follows the closing quote.
func afterQuote(s string) string {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[i+1:]
		}
	}
	return ""
}

// clean cuts text after so many characters, takes out control characters, and
// shares no memory with it.
func clean(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == most {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = '�'
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// clients are what User-Agents say of identity providers, in lower case.
var clients = []struct{ part, name string }{
	{"okta", "Okta"},
	{"onelogin", "OneLogin"},
	{"jumpcloud", "JumpCloud"},
	{"google", "Google Workspace"},
	{"azure", "Microsoft Entra ID"},
	{"entra", "Microsoft Entra ID"},
	{"microsoft", "Microsoft Entra ID"},
	{"aad", "Microsoft Entra ID"},
	{"pingone", "Ping Identity"},
	{"pingfederate", "Ping Identity"},
	{"pingidentity", "Ping Identity"},
	{"sailpoint", "SailPoint"},
	{"cyberark", "CyberArk"},
	{"idaptive", "CyberArk"},
	{"rippling", "Rippling"},
	{"workday", "Workday"},
	{"keycloak", "Keycloak"},
	{"authentik", "authentik"},
	{"auth0", "Auth0"},
}

// Client tells which product a User-Agent is of. It is a hint for people:
// anyone can write anything there, and some identity providers send nothing,
// which is "".
func Client(userAgent string) string {
	lower := strings.ToLower(userAgent[:min(len(userAgent), 300)])
	for _, c := range clients {
		if strings.Contains(lower, c.part) {
			return c.name
		}
	}
	name, _, _ := strings.Cut(userAgent, "/")
	return clean(withoutSecrets(strings.TrimSpace(name)), 40)
}
