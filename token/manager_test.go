package token

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewRefuses(t *testing.T) {
	key := NewKey("a", make([]byte, 32))
	for _, tt := range []struct {
		name string
		o    Options
		want string // "" is fine
	}{
		{"zero", Options{}, ""},
		{"all", Options{Prefix: "acme_scim", Keys: []Key{key, {}}, CacheTTL: time.Minute, MaxTokens: 5, MaxLifetime: time.Hour, MaxOverlap: week, Rate: 25, Burst: 25}, ""},
		{"no cache", Options{CacheTTL: -1}, ""},
		{"prefix", Options{Prefix: "Acme"}, "Prefix"},
		{"prefix, long", Options{Prefix: strings.Repeat("a", 17)}, "Prefix"},
		{"cache", Options{CacheTTL: 61 * time.Second}, "CacheTTL"},
		{"tokens", Options{MaxTokens: -1}, "MaxTokens"},
		{"lifetime", Options{MaxLifetime: -1}, "MaxLifetime"},
		{"overlap", Options{MaxOverlap: week + 1}, "MaxOverlap"},
		{"overlap, negative", Options{MaxOverlap: -1}, "MaxOverlap"},
		{"rate", Options{Rate: 24.9}, "Rate"},
		{"rate, negative", Options{Rate: -1}, "Rate"},
		{"rate, no number", Options{Rate: math.NaN()}, "Rate"},
		{"burst", Options{Rate: 25, Burst: 1}, "Burst"},
		{"key, short", Options{Keys: []Key{NewKey("a", make([]byte, 31))}}, "key 0"},
		{"key, twice", Options{Keys: []Key{key, key}}, "key 1"},
		{"key, no id", Options{Keys: []Key{NewKey("", make([]byte, 32))}}, "key 0"},
		{"key, odd id", Options{Keys: []Key{NewKey("a\n", make([]byte, 32))}}, "key 0"},
	} {
		_, err := New(NewMemoryStore(), tt.o)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := New(nil, Options{}); err == nil {
		t.Error("no store is fine")
	}
}

// TestLife is S2: the life of a token, with a clock that stands still.
func TestLife(t *testing.T) {
	f := newFixture(t, Options{})
	ctx := t.Context()
	old, tok := f.enabled("acme")
	f.want(200, old)

	s, successor, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
	ok(t, err)
	f.want(200, old, s.Reveal())
	f.clock.advance(24*time.Hour - time.Microsecond)
	f.want(200, old, s.Reveal())
	f.clock.advance(time.Microsecond)
	f.want(401, old)
	f.want(200, s.Reveal())

	ok(t, f.SetEnabled(ctx, "acme", false, "jo"))
	f.want(403, s.Reveal())
	f.want(401, old) // says nothing of the tenant
	ok(t, f.SetEnabled(ctx, "acme", true, "jo"))
	f.want(200, s.Reveal())
	ok(t, f.SetPaused(ctx, "acme", true, "jo"))
	f.want(503, s.Reveal())
	ok(t, f.SetPaused(ctx, "acme", false, "jo"))

	ok(t, f.Revoke(ctx, "acme", successor.ID, "jo"))
	f.want(401, s.Reveal())

	s3, third, err := f.Generate(ctx, "acme", GenerateOptions{Name: "Entra", ExpiresIn: time.Hour, Actor: "jo"})
	ok(t, err)
	f.clock.advance(time.Hour - time.Microsecond)
	f.want(200, s3.Reveal())
	f.clock.advance(time.Microsecond)
	f.want(401, s3.Reveal())

	events, err := f.Events(ctx, "acme", 0, 0)
	ok(t, err)
	var got []string
	for _, e := range events {
		if e.Time.IsZero() || e.Tenant != "acme" || e.Actor != "mira" && e.Actor != "jo" {
			t.Errorf("%+v", e)
		}
		got = append(got, e.Action)
	}
	want := []string{"token.generated", "token.revoked", "scim.resumed", "scim.paused", "scim.enabled", "scim.disabled", "token.rotation.started", "token.generated", "scim.enabled"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if e := events[6]; e.Token != tok.ID || e.Successor != successor.ID || e.TokenName != "Okta" {
		t.Errorf("%+v", e)
	}
	status, err := f.Status(ctx, "acme")
	ok(t, err)
	var states []State
	for _, x := range status.Tokens {
		states = append(states, x.State(f.clock.now()))
		if x.Digest != nil {
			t.Error("Status has a digest")
		}
	}
	if d := cmp.Diff([]State{Expired, Revoked, Expired}, states); d != "" {
		t.Error(d)
	}
	if status.Tokens[0].ID != third.ID || status.Tokens[1].RevokedBy != "jo" || !strings.HasSuffix(s3.Reveal(), status.Tokens[0].LastFour) {
		t.Errorf("%+v", status.Tokens)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestRefusesArguments(t *testing.T) {
	f := newFixture(t, Options{MaxLifetime: time.Hour})
	ctx := t.Context()
	_, tok := f.enabled("acme")
	before := must(f.Status(ctx, "acme"))
	gen := func(tenant string, o GenerateOptions) error {
		_, _, err := f.Generate(ctx, tenant, o)
		return err
	}
	long := strings.Repeat("x", 300)
	for name, tt := range map[string]struct{ err, want error }{
		"no actor":       {gen("acme", GenerateOptions{}), ErrInvalid},
		"tenant":         {gen("acme\x00", GenerateOptions{Actor: "mira"}), ErrInvalid},
		"long tenant":    {gen(long, GenerateOptions{Actor: "mira"}), ErrInvalid},
		"bytes":          {gen("\xff", GenerateOptions{Actor: "mira"}), ErrInvalid},
		"name":           {gen("acme", GenerateOptions{Actor: "mira", Name: "\u202e"}), ErrInvalid},
		"long name":      {gen("acme", GenerateOptions{Actor: "mira", Name: long}), ErrInvalid},
		"lifetime":       {gen("acme", GenerateOptions{Actor: "mira", ExpiresIn: -1}), ErrInvalid},
		"long lifetime":  {gen("acme", GenerateOptions{Actor: "mira", ExpiresIn: 2 * time.Hour}), ErrInvalid},
		"scope":          {gen("acme", GenerateOptions{Actor: "mira", Scopes: Scopes{"admin"}}), ErrInvalid},
		"scope, no type": {gen("acme", GenerateOptions{Actor: "mira", Scopes: Scopes{":read"}}), ErrInvalid},
		"scope, verb":    {gen("acme", GenerateOptions{Actor: "mira", Scopes: Scopes{"User:*"}}), ErrInvalid},
		"many scopes":    {gen("acme", GenerateOptions{Actor: "mira", Scopes: make(Scopes, 51)}), ErrInvalid},
		"revoke":         {f.Revoke(ctx, "acme", "unknown", "mira"), ErrNotFound},
		"revoke foreign": {f.Revoke(ctx, "other", tok.ID, "mira"), ErrNotFound},
		"complete":       {f.CompleteRotation(ctx, "other", tok.ID, "mira"), ErrNotFound},
		"no rotation":    {f.CompleteRotation(ctx, "acme", tok.ID, "mira"), ErrState},
		"cancel":         {f.CancelRotation(ctx, "acme", tok.ID, ""), ErrInvalid},
		"enable":         {f.SetEnabled(ctx, "acme", false, ""), ErrInvalid},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", name, tt.err, tt.want)
		}
	}
	if _, _, err := f.Rotate(ctx, "other", tok.ID, "mira"); !errors.Is(err, ErrNotFound) {
		t.Errorf("rotate foreign: %v", err)
	}
	if d := cmp.Diff(before, must(f.Status(ctx, "acme"))); d != "" {
		t.Errorf("something changed: %s", d)
	}
	if n := len(must(f.Events(ctx, "acme", 0, 0))); n != 2 {
		t.Errorf("%d events", n)
	}
}

// TestNothingChanges: what is so already makes no event.
func TestNothingChanges(t *testing.T) {
	var told []Event
	f := newFixture(t, Options{OnEvent: func(_ context.Context, e Event) { told = append(told, e) }})
	ctx := t.Context()
	_, tok := f.enabled("acme")
	ok(t, f.Revoke(ctx, "acme", tok.ID, "mira"))
	for range 3 {
		ok(t, f.SetEnabled(ctx, "acme", true, "mira"))
		ok(t, f.SetPaused(ctx, "acme", false, "mira"))
		ok(t, f.Revoke(ctx, "acme", tok.ID, "jo"))
	}
	events := must(f.Events(ctx, "acme", 0, 0))
	if len(events) != 3 || len(told) != 3 || told[2] != events[0] || told[2].Seq != 3 {
		t.Errorf("%+v\n%+v", events, told)
	}
	if got := must(f.Status(ctx, "acme")).Tokens[0].RevokedBy; got != "mira" {
		t.Errorf("revoked by %s", got)
	}
}

func TestFailedChangeTellsNobody(t *testing.T) {
	f := newFixture(t, Options{OnEvent: func(_ context.Context, e Event) { t.Errorf("%+v", e) }})
	failure := errors.New("disk full")
	f.store.set(failure)
	s, tok, err := f.Generate(t.Context(), "acme", GenerateOptions{Actor: "mira"})
	if !errors.Is(err, failure) || s.Reveal() != "" || tok.ID != "" {
		t.Errorf("%v %+v", err, tok)
	}
}

func TestEventsPage(t *testing.T) {
	f := newFixture(t, Options{})
	for i := range 12 {
		ok(t, f.SetEnabled(t.Context(), "acme", i%2 == 0, "mira"))
	}
	page := must(f.Events(t.Context(), "acme", 0, 5))
	next := must(f.Events(t.Context(), "acme", page[4].Seq, 5))
	if len(page) != 5 || page[0].Seq != 12 || len(next) != 5 || next[0].Seq != 7 {
		t.Errorf("%+v\n%+v", page, next)
	}
}
