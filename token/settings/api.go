package settings

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token"
)

type tokenJSON struct {
	ID           string       `json:"token_id"`
	Name         string       `json:"name"`
	LastFour     string       `json:"last_four"`
	Scopes       token.Scopes `json:"scopes"`
	State        token.State  `json:"state"`
	CreatedAt    time.Time    `json:"created_at"`
	CreatedBy    string       `json:"created_by"`
	ExpiresAt    time.Time    `json:"expires_at,omitzero"`
	RevokedAt    time.Time    `json:"revoked_at,omitzero"`
	RevokedBy    string       `json:"revoked_by,omitempty"`
	ReplacedBy   string       `json:"replaced_by,omitempty"`
	RotationEnds time.Time    `json:"rotation_ends,omitzero"`
	LastUsedAt   time.Time    `json:"last_used_at,omitzero"`
}

func toJSON(t token.Token, now time.Time) tokenJSON {
	return tokenJSON{t.ID, t.Name, t.LastFour, t.Scopes, t.State(now), t.CreatedAt, t.CreatedBy, t.ExpiresAt,
		t.RevokedAt, t.RevokedBy, t.ReplacedBy, t.RotationEnds, t.LastUsedAt}
}

type statusJSON struct {
	Enabled    bool        `json:"enabled"`
	Paused     bool        `json:"paused"`
	Entitled   bool        `json:"entitled"`
	Ask        string      `json:"ask,omitempty"`
	State      string      `json:"state"`
	BaseURL    string      `json:"base_url"`
	LastUsedAt time.Time   `json:"last_used_at,omitzero"`
	Tokens     []tokenJSON `json:"tokens"`
	Version    string      `json:"version"` // of all that the page shows
}

func (c *call) getStatus() error {
	s, err := c.snapshot()
	if err != nil {
		return err
	}
	version, err := s.version()
	if err != nil {
		return err
	}
	answer := statusJSON{s.Enabled, s.Paused, s.Entitled, s.Ask, s.state(), c.baseURL(c.access.Tenant), s.LastUsedAt, []tokenJSON{}, version}
	for _, t := range s.Tokens {
		answer.Tokens = append(answer.Tokens, toJSON(t, s.now))
	}
	return c.sendJSON(http.StatusOK, answer)
}

func (c *call) patchStatus() error {
	var enabled *bool
	if err := c.readJSON(map[string]any{"enabled": &enabled}); err != nil {
		return err
	}
	if enabled == nil {
		return &problem{status: http.StatusBadRequest, code: "body", field: "enabled", detail: "enabled is missing."}
	}
	if err := c.setEnabled(*enabled); err != nil {
		return err
	}
	return c.getStatus()
}

type secretJSON struct {
	Secret string `json:"token"`
	tokenJSON
}

// sendSecret is the only place of the API that gives a secret away.
func (c *call) sendSecret(secret token.Secret, t token.Token, err error) error {
	if err != nil {
		return err
	}
	return c.sendJSON(http.StatusCreated, secretJSON{secret.Reveal(), toJSON(t, c.Now())})
}

func (c *call) postToken() error {
	var o token.GenerateOptions
	var lifetime *int64
	if err := c.readJSON(map[string]any{"name": &o.Name, "scopes": &o.Scopes, "expires_in": &lifetime}); err != nil {
		return err
	}
	err := errors.Join(checkName(o.Name), c.checkScopes(o.Scopes))
	if err != nil {
		return err
	}
	if o.ExpiresIn, err = seconds("expires_in", lifetime, 1); err != nil {
		return err
	}
	return c.sendSecret(c.generate(o, unchecked))
}

func (c *call) postRotation() error {
	var overlap *int64
	if err := c.readJSON(map[string]any{"overlap": &overlap}); err != nil {
		return err
	}
	d, err := seconds("overlap", overlap, 0)
	if err != nil {
		return err
	}
	if overlap == nil {
		o := token.RotateOptions{Actor: c.access.Actor} // the Manager's own overlap
		return c.sendSecret(c.Manager.StartRotation(c.r.Context(), c.access.Tenant, c.id, o))
	}
	return c.sendSecret(c.rotate(d, unchecked))
}

// checkScopes refuses what the server has nothing for. No scopes at all is nil,
// and everything; an empty list would be a token that may do nothing.
func (c *call) checkScopes(scopes token.Scopes) error {
	if scopes == nil {
		return nil
	}
	allowed := "Each scope is one of " + strings.Join(c.Types, ", ") + " or *, a colon, and one of " + strings.Join(scopeVerbs, ", ") + "."
	if len(scopes) == 0 {
		return badBody("scopes", "scopes is empty: such a token may do nothing. Without scopes it may do everything. "+allowed)
	}
	for _, s := range scopes {
		name, verb, _ := strings.Cut(string(s), ":")
		if name != "*" && !slices.Contains(c.Types, name) || !slices.Contains(scopeVerbs, verb) {
			return badBody("scopes", fmt.Sprintf("There is no scope %.100q. %s", s, allowed))
		}
	}
	return nil
}

// scopeVerbs are those of [token.Scope].
var scopeVerbs = []string{"read", "write", "create", "replace", "modify", "delete"}

// seconds makes a duration of what may be missing.
func seconds(field string, n *int64, least int64) (time.Duration, error) {
	if n == nil {
		return 0, nil
	}
	const century = 100 * 366 * 24 * 3600
	if *n < least || *n > century {
		return 0, &problem{status: http.StatusBadRequest, code: "body", field: field,
			detail: field + " is not between " + strconv.FormatInt(least, 10) + " and " + strconv.Itoa(century) + " seconds."}
	}
	return time.Duration(*n) * time.Second, nil
}

func (c *call) deleteToken() error {
	if err := c.readJSON(nil); err != nil {
		return err
	}
	return c.sendNothing(c.Manager.Revoke(c.r.Context(), c.access.Tenant, c.id, c.access.Actor))
}

func (c *call) postCompletion() error {
	if err := c.readJSON(nil); err != nil {
		return err
	}
	return c.sendNothing(c.Manager.CompleteRotation(c.r.Context(), c.access.Tenant, c.id, c.access.Actor))
}

func (c *call) deleteRotation() error {
	if err := c.readJSON(nil); err != nil {
		return err
	}
	return c.sendNothing(c.Manager.CancelRotation(c.r.Context(), c.access.Tenant, c.id, c.access.Actor))
}

func (c *call) sendNothing(err error) error {
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

type requestJSON struct {
	Time          time.Time `json:"time"`
	Method        string    `json:"method"`
	Path          string    `json:"path"`
	Status        int       `json:"status"`
	Type          string    `json:"scim_type,omitempty"`
	Detail        string    `json:"detail,omitempty"`
	Client        string    `json:"client,omitempty"`
	Subject       string    `json:"subject,omitempty"` // of the principal: token:<id>
	Authenticated bool      `json:"authenticated"`
	Quirks        []string  `json:"quirks,omitempty"`
}

func (c *call) getRequests() error {
	q, err := c.readQuery("limit")
	if err != nil {
		return err
	}
	all := []requestJSON{}
	if c.Requests != nil {
		recent, err := c.Requests.Recent(c.r.Context(), c.access.Tenant, int(limit(q["limit"])))
		if err != nil {
			return err
		}
		for _, e := range recent {
			all = append(all, requestJSON{e.Time, e.Method, e.Path, e.Status, e.ScimType, e.Detail, e.Client, e.Subject, e.Authenticated, e.Quirks})
		}
	}
	return c.sendJSON(http.StatusOK, map[string]any{"requests": all})
}

type eventJSON struct {
	Seq       int64     `json:"seq"`
	Time      time.Time `json:"time"`
	Actor     string    `json:"actor"`
	Action    string    `json:"action"`
	TokenID   string    `json:"token_id,omitempty"`
	TokenName string    `json:"token_name,omitempty"`
	Successor string    `json:"successor,omitempty"`
}

func (c *call) getEvents() error {
	q, err := c.readQuery("before", "limit")
	if err != nil {
		return err
	}
	events, err := c.Manager.Events(c.r.Context(), c.access.Tenant, q["before"], int(limit(q["limit"])))
	if err != nil {
		return err
	}
	all := []eventJSON{}
	for _, e := range events {
		all = append(all, eventJSON{e.Seq, e.Time, e.Actor, e.Action, e.Token, e.TokenName, e.Successor})
	}
	return c.sendJSON(http.StatusOK, map[string]any{"events": all})
}

func limit(asked int64) int64 {
	if asked == 0 {
		return 100
	}
	return min(asked, 100)
}
