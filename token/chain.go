package token

import (
	"errors"
	"maps"
	"net/http"

	"github.com/scimkit/scimkit/scim"
)

// attempter is an Authenticator that can be asked for less: attempt leaves with
// ErrOtherKind at once; decoy then does the work that hides this, and gives
// ErrOtherKind or why the work failed, or nil if there is none to do.
type attempter interface {
	attempt(r *http.Request, tenant string) (scim.Principal, error)
	decoy(r *http.Request, tenant string) error
}

// plain makes an attempter of any Authenticator.
type plain struct{ scim.Authenticator }

func (p plain) attempt(r *http.Request, tenant string) (scim.Principal, error) {
	return p.Authenticate(r, tenant)
}

func (plain) decoy(*http.Request, string) error { return nil }

func attempterOf(a scim.Authenticator) attempter {
	if a, ok := a.(attempter); ok {
		return a
	}
	return plain{a}
}

// authenticator is an attempter as an Authenticator.
type authenticator struct{ attempter }

func (a authenticator) Authenticate(r *http.Request, tenant string) (scim.Principal, error) {
	p, err := a.attempt(r, tenant)
	if errors.Is(err, ErrOtherKind) {
		p, err = scim.Principal{}, ErrOtherKind
		if failed := a.decoy(r, tenant); failed != nil {
			err = failed
		}
	}
	return p, err
}

// Chain asks Authenticators in turn. Only [ErrOtherKind] makes it ask the next:
// credentials that one of them knows and refuses are refused, and what it
// cannot decide (503) no other decides for it.
func Chain(all ...scim.Authenticator) scim.Authenticator {
	var c chain
	for _, a := range all {
		c = append(c, attempterOf(a))
	}
	return authenticator{c}
}

type chain []attempter

func (c chain) attempt(r *http.Request, tenant string) (scim.Principal, error) {
	for _, a := range c {
		if p, err := a.attempt(r, tenant); !errors.Is(err, ErrOtherKind) {
			return p, err
		}
	}
	return scim.Principal{}, ErrOtherKind
}

// decoy is that of the first that has one.
func (c chain) decoy(r *http.Request, tenant string) error {
	for _, a := range c {
		if err := a.decoy(r, tenant); err != nil {
			return err
		}
	}
	return nil
}

// Guard applies the Manager's switches and rate limit to the tenants of another
// Authenticator: enabled, entitled, paused.
func (m *Manager) Guard(a scim.Authenticator) scim.Authenticator {
	return authenticator{guard{m, attempterOf(a)}}
}

type guard struct {
	m    *Manager
	next attempter
}

func (g guard) attempt(r *http.Request, tenant string) (scim.Principal, error) {
	p, err := g.next.attempt(r, tenant)
	if err != nil {
		return p, err
	}
	if tenant != "" && p.Tenant != tenant {
		return scim.Principal{}, scim.ErrUnauthorized
	}
	gate, err := g.m.gate(r.Context(), p.Tenant)
	if err == nil {
		err = g.m.admit(gate)
	}
	return p, err
}

func (g guard) decoy(r *http.Request, tenant string) error { return g.next.decoy(r, tenant) }

// Basic is for clients that only know HTTP Basic (RFC 7617): the password is
// handed to next as a bearer token, the user name does not count.
func Basic(next scim.Authenticator) scim.Authenticator {
	return authenticator{adapter{attempterOf(next), func(r *http.Request) (string, bool) {
		if len(r.Header["Authorization"]) != 1 {
			return "", false
		}
		_, password, ok := r.BasicAuth()
		return password, ok
	}}}
}

// HeaderKey is for clients that send their token as the value of a header, such
// as X-Api-Key: it is handed to next as a bearer token. A request that has an
// Authorization header as well is of another kind, unless that is the header
// itself, for clients that leave out the word Bearer.
func HeaderKey(header string, next scim.Authenticator) scim.Authenticator {
	header = http.CanonicalHeaderKey(header)
	return authenticator{adapter{attempterOf(next), func(r *http.Request) (string, bool) {
		v := r.Header[header]
		if len(v) != 1 || header != "Authorization" && r.Header["Authorization"] != nil {
			return "", false
		}
		return v[0], true
	}}}
}

// adapter turns other credentials into a bearer token.
type adapter struct {
	next  attempter
	token func(r *http.Request) (string, bool)
}

func (a adapter) attempt(r *http.Request, tenant string) (scim.Principal, error) {
	token, ok := a.token(r)
	if !ok {
		return scim.Principal{}, ErrOtherKind
	}
	r2 := r.WithContext(r.Context())
	r2.Header = maps.Clone(r.Header)
	r2.Header["Authorization"] = []string{"Bearer " + token}
	return a.next.attempt(r2, tenant)
}

func (a adapter) decoy(r *http.Request, tenant string) error { return a.next.decoy(r, tenant) }
