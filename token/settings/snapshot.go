package settings

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// A snapshot is what is known of a tenant at one time.
type snapshot struct {
	token.Status
	now    time.Time
	recent []requestlog.Entry // the newest first
	events []token.Event      // the newest first
}

const (
	shownRequests = 25
	knownRequests = 100 // also those that tell what has become of the others
	shownEvents   = 10
)

func (c *call) snapshot() (*snapshot, error) {
	s := &snapshot{now: c.Now()}
	ctx, tenant := c.r.Context(), c.access.Tenant
	var err error
	if s.Status, err = c.Manager.Status(ctx, tenant); err != nil {
		return nil, err
	}
	if s.events, err = c.Manager.Events(ctx, tenant, 0, shownEvents); err != nil {
		return nil, err
	}
	if c.Requests != nil {
		s.recent, err = c.Requests.Recent(ctx, tenant, knownRequests)
	}
	return s, err
}

// seen is the number of the last event.
func (s *snapshot) seen() int64 {
	if len(s.events) == 0 {
		return 0
	}
	return s.events[0].Seq
}

// live are the tokens that work.
func (s *snapshot) live() []token.Token {
	return slices.DeleteFunc(slices.Clone(s.Tokens), func(t token.Token) bool {
		state := t.State(s.now)
		return state != token.Active && state != token.Rotating
	})
}

// find finds a token.
func (s *snapshot) find(id string) (token.Token, bool) {
	i := slices.IndexFunc(s.Tokens, func(t token.Token) bool { return t.ID == id })
	if id == "" || i < 0 {
		return token.Token{}, false
	}
	return s.Tokens[i], true
}

// admitted is the last request that SCIM has served, for a token that works or
// for other credentials. What a switch, the rate limit or a scope refused, or
// what failed, is no connection yet.
func (s *snapshot) admitted() (requestlog.Entry, bool) {
	i := slices.IndexFunc(s.recent, func(e requestlog.Entry) bool { return served(e) && s.counts(e) })
	if i < 0 {
		return requestlog.Entry{}, false
	}
	return s.recent[i], true
}

func served(e requestlog.Entry) bool {
	return e.Authenticated && e.Status >= 200 && e.Status < 500 && e.Status != 401 && e.Status != 403 && e.Status != 429
}

// counts leaves out what tokens sent that no longer work.
func (s *snapshot) counts(e requestlog.Entry) bool {
	id, ours := strings.CutPrefix(e.Subject, "token:")
	return !ours || slices.ContainsFunc(s.live(), func(t token.Token) bool { return t.ID == id })
}

// connected tells when SCIM was last used, as far as is known. The log may begin
// later than the use of a token, but not know of refusals alone: those set
// LastUsedAt as well.
func (s *snapshot) connected() (last time.Time, ok bool) {
	e, ok := s.admitted()
	last = e.Time
	for _, t := range s.live() {
		known := func(e requestlog.Entry) bool { return e.Subject == "token:"+t.ID && e.Authenticated }
		if t.LastUsedAt.IsZero() || !ok && slices.ContainsFunc(s.recent, known) {
			continue
		}
		ok = true
		if t.LastUsedAt.After(last) {
			last = t.LastUsedAt
		}
	}
	return last, ok
}

// refused tells whether wrong credentials have come since the last right ones.
func (s *snapshot) refused() bool {
	return len(s.recent) > 0 && !s.recent[0].Authenticated && s.recent[0].Status == 401
}

// state sums up how SCIM stands. Each one has its texts: state.<state>.title
// and .text.
func (s *snapshot) state() string {
	_, connected := s.connected()
	switch {
	case !s.Entitled:
		return "unentitled"
	case !s.Enabled:
		return "off"
	case s.Paused:
		return "paused"
	case connected:
		return "connected"
	case len(s.live()) == 0:
		return "no_token"
	}
	return "waiting"
}

// version changes with all that the page shows.
func (s *snapshot) version() (string, error) {
	// The states change with time alone.
	var states []token.State
	for _, t := range s.Tokens {
		states = append(states, t.State(s.now))
	}
	data, err := json.Marshal(struct {
		Status token.Status
		States []token.State
		Recent []requestlog.Entry
		Seen   int64
	}{s.Status, states, s.recent, s.seen()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:9]), nil
}
