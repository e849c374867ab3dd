package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/token"
)

// tenantInfo is the answer to GET and PATCH tenant_info.
type tenantInfo struct {
	Tenant              string      `json:"tenant"`
	Title               string      `json:"title"`
	SCIMEntitled        bool        `json:"scim_entitled"`
	SCIMBaseURL         string      `json:"scim_base_url"`
	SCIMEnabled         bool        `json:"scim_enabled"`
	SCIMTokenActive     bool        `json:"scim_token_active"`       // a token that a client may use now
	SCIMTokenLastUsedAt *time.Time  `json:"scim_token_last_used_at"` // null: never
	SCIMTokens          []tokenInfo `json:"scim_tokens"`
}

// tokenInfo is a token without its secret.
type tokenInfo struct {
	TokenID    string      `json:"token_id"`
	Name       string      `json:"name"`
	LastFour   string      `json:"last_four"`
	State      token.State `json:"state"`
	CreatedAt  time.Time   `json:"created_at"`
	CreatedBy  string      `json:"created_by"`
	ExpiresAt  *time.Time  `json:"expires_at"` // null: never
	LastUsedAt *time.Time  `json:"last_used_at"`
}

// newToken is the answer to POST scim_token, the only one with a secret.
type newToken struct {
	Token     string     `json:"token"`
	TokenID   string     `json:"token_id"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"` // null: never
}

// orNull makes JSON's null of the zero time.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *app) getTenantInfo(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	t, err := a.tenant(ctx, r.PathValue("tenant"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s, err := a.tokens.Status(ctx, t.Name)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	info := tenantInfo{
		Tenant: t.Name, Title: t.Title, SCIMEntitled: s.Entitled, SCIMBaseURL: a.baseURL(t.Name),
		SCIMEnabled: s.Enabled, SCIMTokenLastUsedAt: orNull(s.LastUsedAt), SCIMTokens: []tokenInfo{},
	}
	now := time.Now()
	for i := range s.Tokens {
		t := &s.Tokens[i]
		info.SCIMTokenActive = info.SCIMTokenActive || host.Works(t) && s.Enabled && s.Entitled
		info.SCIMTokens = append(info.SCIMTokens, tokenInfo{t.ID, t.Name, t.LastFour, t.State(now), t.CreatedAt, t.CreatedBy, orNull(t.Ends()), orNull(t.LastUsedAt)})
	}
	answer(w, http.StatusOK, info)
}

func (a *app) patchTenantInfo(w http.ResponseWriter, r *http.Request) {
	var on *bool
	if err := readFields(w, r, map[string]any{"scim_enabled": &on}); err != nil || on == nil {
		problem(w, r, http.StatusBadRequest, `The body must be {"scim_enabled": true} or {"scim_enabled": false}, and nothing else.`)
		return
	}
	name := r.PathValue("tenant")
	if *on && !a.mayUseSCIM(w, r, name) {
		return
	}
	if err := a.tokens.SetEnabled(r.Context(), name, *on, actor(r)); err != nil {
		a.fail(w, r, err)
		return
	}
	a.getTenantInfo(w, r)
}

// postToken makes the tenant's token, or if it has one, a new one in its place:
// the old one ends at once. An overlap is for the settings page.
func (a *app) postToken(w http.ResponseWriter, r *http.Request) {
	ctx, name := r.Context(), r.PathValue("tenant")
	if err := readFields(w, r, nil); err != nil {
		problem(w, r, http.StatusBadRequest, "The body must be empty, or {}.")
		return
	}
	if !a.mayUseSCIM(w, r, name) {
		return
	}
	secret, made, err := a.replaceToken(ctx, name, actor(r))
	switch {
	case errors.Is(err, token.ErrLimit):
		problem(w, r, http.StatusConflict, "There are as many tokens as there may be: revoke one on the settings page first.")
	case errors.Is(err, token.ErrState), errors.Is(err, token.ErrNotFound):
		problem(w, r, http.StatusConflict, "A rotation is under way: complete or cancel it on the settings page first.")
	case err != nil:
		a.fail(w, r, err)
	default:
		answer(w, http.StatusCreated, newToken{secret.Reveal(), made.ID, made.CreatedAt, orNull(made.ExpiresAt)})
	}
}

// notThere answers for a path that the API does not have, or has for the methods
// that are allowed.
func notThere(allowed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if allowed == "" {
			problem(w, r, http.StatusNotFound, "There is nothing at this path.")
			return
		}
		w.Header().Set("Allow", allowed)
		problem(w, r, http.StatusMethodNotAllowed, "The methods of this path are "+allowed+".")
	}
}

// mayUseSCIM answers by itself if SCIM is not part of the tenant's plan.
func (a *app) mayUseSCIM(w http.ResponseWriter, r *http.Request, name string) bool {
	ok, ask, err := a.entitled(r.Context(), name)
	if err != nil {
		a.fail(w, r, err)
		return false
	}
	if !ok {
		problem(w, r, http.StatusForbidden, fmt.Sprintf("SCIM provisioning is not part of your plan. Ask %s.", ask))
	}
	return ok
}

// readFields reads a JSON object that has no other members than fields, in this
// spelling and each at most once. An empty body is an empty object.
func readFields(w http.ResponseWriter, r *http.Request, fields map[string]any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10))
	t, err := d.Token()
	if err == io.EOF {
		return nil
	}
	if err != nil || t != json.Delim('{') {
		return errors.Join(errors.New("no object"), err)
	}
	seen := make(map[any]bool)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		field, ok := fields[fmt.Sprint(name)]
		if !ok || seen[name] {
			return fmt.Errorf("%v is unknown, or there twice", name)
		}
		seen[name] = true
		if err := d.Decode(field); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more than an object")
	}
	return nil
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the client may have gone
}
