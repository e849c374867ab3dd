package token

import (
	"slices"
	"time"
)

// A Token is what is known of a token: everything but its secret.
type Token struct {
	ID       string // public: 12 letters and digits, unique among all tenants
	Tenant   string
	Name     string
	Scopes   Scopes
	LastFour string // the last four characters, to tell tokens apart

	// KeyID names the key of Digest. What a Manager returns has no Digest.
	KeyID  string
	Digest []byte

	CreatedAt time.Time
	CreatedBy string
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
	RevokedBy string

	// ReplacedBy is the token that takes over, while a rotation is under way
	// and after it; RotationEnds is when this one then stops working.
	ReplacedBy   string
	RotationEnds time.Time

	// ExpiryNotice is for how many days before ExpiresAt there has been an
	// event: 30, 7, 1, or 0 for none.
	ExpiryNotice int

	// LastUsedAt is when the token last proved itself, whatever became of
	// the request: also one that was refused by 403, 429 or 503 shows that
	// somebody has the token. It is written at most once a minute, by
	// Store.Touch alone, so that it may be that much too early.
	LastUsedAt time.Time
}

// A State is what a token is good for.
type State string

// The states of a token.
const (
	Active   State = "active"
	Rotating State = "rotating" // works until its rotation ends
	Expired  State = "expired"  // by its expiry, or by the end of its rotation
	Revoked  State = "revoked"
)

// State tells the token's state at a time.
func (t *Token) State(now time.Time) State {
	end := t.Ends()
	switch {
	case !t.RevokedAt.IsZero():
		return Revoked
	case !end.IsZero() && !now.Before(end):
		return Expired
	case !t.RotationEnds.IsZero():
		return Rotating
	}
	return Active
}

// Ends tells when the token stops working: revoked, expired or rotated,
// whichever comes first. The zero time is never.
func (t *Token) Ends() time.Time {
	var end time.Time
	for _, at := range []time.Time{t.RevokedAt, t.ExpiresAt, t.RotationEnds} {
		if !at.IsZero() && (end.IsZero() || at.Before(end)) {
			end = at
		}
	}
	return end
}

// live tells whether the token works at a time.
func (t *Token) live(now time.Time) bool {
	s := t.State(now)
	return s == Active || s == Rotating
}

// Settings are the switches of a tenant. Tokens stay, whatever they say.
type Settings struct {
	Enabled bool // otherwise requests are answered by 403
	Paused  bool // requests are answered by 503 with Retry-After
}

// A Tenant is what a [Store] keeps of a tenant.
type Tenant struct {
	Settings
	Tokens []Token // in the order in which they were made
}

// clone shares no memory with t.
func (t Tenant) clone() Tenant {
	t.Tokens = slices.Clone(t.Tokens)
	for i := range t.Tokens {
		t.Tokens[i] = t.Tokens[i].clone()
	}
	return t
}

func (t Token) clone() Token {
	t.Scopes, t.Digest = slices.Clone(t.Scopes), slices.Clone(t.Digest)
	return t
}

// sealed is the token without what only verification needs.
func (t Token) sealed() Token {
	t = t.clone()
	t.Digest = nil
	return t
}

func (t *Tenant) token(id string) *Token {
	for i := range t.Tokens {
		if t.Tokens[i].ID == id {
			return &t.Tokens[i]
		}
	}
	return nil
}

// live counts the tokens that work.
func (t *Tenant) live(now time.Time) int {
	n := 0
	for i := range t.Tokens {
		if t.Tokens[i].live(now) {
			n++
		}
	}
	return n
}

// keepEnded is how many tokens that have ended are kept for people to see. The
// log of events knows about all.
const keepEnded = 20

// prune forgets the tokens that ended first.
func (t *Tenant) prune(now time.Time) {
	for n := len(t.Tokens) - t.live(now); n > keepEnded; n-- {
		first := -1
		for i := range t.Tokens {
			if !t.Tokens[i].live(now) && (first < 0 || t.Tokens[i].Ends().Before(t.Tokens[first].Ends())) {
				first = i
			}
		}
		t.Tokens = slices.Delete(t.Tokens, first, first+1)
	}
}

// An Event is one entry of a tenant's log.
type Event struct {
	Seq    int64 // 1, 2, 3 … within the tenant
	Time   time.Time
	Tenant string

	// Actor is who did it, as the host names people, or "system" for what
	// happened by itself. What is not printable is stored as U+FFFD, and no
	// more than 255 characters are. The same is in CreatedBy and RevokedBy.
	Actor string

	// Action is one of token.generated, token.rotated, token.revoked,
	// token.rotation.started, token.rotation.completed,
	// token.rotation.cancelled, token.expiring, scim.enabled, scim.disabled,
	// scim.paused and scim.resumed.
	Action string

	Token     string // the id of the token, "" for scim.*
	TokenName string
	Successor string // the id of the new token of a rotation
}
