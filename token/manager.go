package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Options are the options of a Manager. The zero value is a good choice.
type Options struct {
	// Prefix begins every token: 2 to 16 lower-case letters and digits, a
	// letter first, and perhaps _ and 1 to 15 more. "scim" if empty.
	// Tokens with another prefix go on working.
	Prefix string

	// Keys seal the tokens. The first is for new ones; all verify. Without
	// keys a digest is an HMAC with a key that everybody knows.
	Keys []Key

	// CacheTTL is for how long a Manager may believe what it has read: a
	// change takes effect at once where it was made, and everywhere else
	// within this time. 0 is 5 seconds, 60 seconds is the most, and a
	// negative value is none.
	CacheTTL time.Duration

	// MaxTokens is how many live tokens a tenant may have, 2 if 0.
	MaxTokens int

	// MaxLifetime is the longest lifetime of a token, and that of those
	// that are generated without one. 0 is no limit.
	MaxLifetime time.Duration

	// MaxOverlap is the longest overlap of a rotation: 7 days at most, and
	// if 0. It is never more than MaxLifetime, so that no successor expires
	// while its rotation is under way.
	MaxOverlap time.Duration

	// Rate is how many requests a second a tenant may send, and Burst how
	// many at once, twice the Rate if 0. A Rate of 0 is no limit; less than
	// 25 of either is refused: identity providers send that many. It counts
	// in this process, and only requests that have proved who they are.
	Rate  float64
	Burst int

	// Entitled tells whether a tenant may use SCIM, and if not, whom its
	// people ask: "sales@example.com". It is asked at most once per
	// CacheTTL and token. An error makes requests 503. A tenant that is not
	// entitled gets no new secrets either; what it has can be revoked, and
	// works again when it is entitled. nil entitles all.
	Entitled func(ctx context.Context, tenant string) (ok bool, ask string, err error)

	// OnEvent is called after each change, with the event as it was stored.
	OnEvent func(ctx context.Context, e Event)

	// Now is the clock, time.Now if nil.
	Now func() time.Time

	// Logger gets what went wrong in the background, slog.Default() if nil.
	Logger *slog.Logger
}

// A Manager makes, verifies and changes tokens. It is an [scim.Authenticator].
// It is safe for concurrent use, and so are several of them, in any number of
// processes, over one store.
type Manager struct {
	store   Store
	options Options
	keys    keyring
	log     *slog.Logger
	salt    [32]byte // of the keys of found, so that no one can aim at an entry
	found   cache[digest, *verdict]
	tenants cache[string, *gate]
	limit   *limiter
	usage   usage
	nobody  nobody

	macs atomic.Int64 // computed, for tests
}

const (
	week          = 7 * 24 * time.Hour
	defaultTTL    = 5 * time.Second
	maxTTL        = 60 * time.Second
	minRate       = 25
	defaultTokens = 2
)

// New makes a Manager. It refuses options that cannot work, and says all that
// is wrong with them.
func New(store Store, o Options) (*Manager, error) {
	if o.Prefix == "" {
		o.Prefix = "scim"
	}
	if o.CacheTTL == 0 {
		o.CacheTTL = defaultTTL
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = defaultTokens
	}
	if o.MaxOverlap == 0 {
		o.MaxOverlap = week
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	keys, err := newKeyring(o.Keys)
	errs := []error{err}
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(store != nil, "the store is missing")
	check(validPrefix(o.Prefix), "Prefix %q: 2 to 16 lower-case letters and digits are needed, and perhaps _ and 1 to 15 more", o.Prefix)
	check(o.CacheTTL <= maxTTL, "CacheTTL: %v is more than %v", o.CacheTTL, maxTTL)
	check(o.MaxTokens > 0, "MaxTokens: %d is not positive", o.MaxTokens)
	check(o.MaxLifetime >= 0, "MaxLifetime: %v is negative", o.MaxLifetime)
	check(o.MaxOverlap > 0 && o.MaxOverlap <= week, "MaxOverlap: %v is not between 0 and %v", o.MaxOverlap, week)
	check(o.Rate == 0 || o.Rate >= minRate, "Rate: identity providers need %d requests a second, not %v", minRate, o.Rate)
	check(o.Burst == 0 || o.Burst >= minRate, "Burst: identity providers need %d requests at once, not %d", minRate, o.Burst)
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("token: invalid Options: %w", err)
	}
	if o.MaxLifetime > 0 {
		o.MaxOverlap = min(o.MaxOverlap, o.MaxLifetime)
	}
	o.CacheTTL = max(o.CacheTTL, 0)
	m := &Manager{store: store, options: o, keys: keys, log: o.Logger, limit: newLimiter(o.Rate, o.Burst, o.Now)}
	m.found.ttl, m.tenants.ttl = o.CacheTTL, o.CacheTTL
	m.usage.m, m.nobody = m, newNobody(o.Prefix)
	rand.Read(m.salt[:]) // never fails
	return m, nil
}

// Close writes what is known of the last use of tokens and ends the work in the
// background.
func (m *Manager) Close(ctx context.Context) error {
	return m.usage.close(ctx)
}

// now is the time as it is stored: no database keeps more than microseconds.
func (m *Manager) now() time.Time {
	return m.options.Now().UTC().Truncate(time.Microsecond)
}
