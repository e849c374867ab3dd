package token

import (
	"errors"
	"strings"
	"testing"
)

// TestNames: names are counted in characters, in any script; what hides or turns
// the direction is refused.
func TestNames(t *testing.T) {
	f := newFixture(t, Options{MaxTokens: 100})
	for _, tt := range []struct {
		name string
		ok   bool
	}{
		{"", true},
		{"Okta", true},
		{"Mira\u00a0Holt", true},
		{"श्री\u200dमती", true},
		{"می\u200cخواهم", true},
		{"👩\u200d💻 laptop ❤\ufe0f", true},
		{"full\u3000width", true},
		{"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", true},
		{strings.Repeat("ü", 100), true},
		{strings.Repeat("👩", 100), true},
		{strings.Repeat("ü", 101), false},
		{strings.Repeat("x", 101), false},
		{"a\nb", false},
		{"a\u2028b", false},
		{"\u202egnp.exe", false},
		{"a\u200bb", false},
		{"a\x00b", false},
		{"\xff", false},
	} {
		_, tok, err := f.Generate(t.Context(), "acme", GenerateOptions{Name: tt.name, Actor: "mira"})
		switch {
		case tt.ok && (err != nil || tok.Name != tt.name):
			t.Errorf("%+q: %+q, %v", tt.name, tok.Name, err)
		case !tt.ok && !errors.Is(err, ErrInvalid):
			t.Errorf("%+q: %v", tt.name, err)
		}
		if ValidName(tt.name) != tt.ok {
			t.Errorf("ValidName(%+q) = %v", tt.name, !tt.ok)
		}
	}
}

// TestActors: nobody is locked out by how the host's directory calls them, and
// what is stored can be shown.
func TestActors(t *testing.T) {
	for _, tt := range []struct{ actor, want string }{
		{"mira@acme.example", ""},
		{"Mira\u00a0Holt", ""},
		{"श्री\u200dमती 👩\u200d💻", ""},
		{strings.Repeat("ü", 255), ""},
		{strings.Repeat("ü", 256), strings.Repeat("ü", 254) + "…"},
		{"a\nb\x00\u202e\xff", "a\ufffdb\ufffd\ufffd\ufffd"},
	} {
		if tt.want == "" {
			tt.want = tt.actor
		}
		f := newFixture(t, Options{})
		ctx := t.Context()
		_, first, err := f.Generate(ctx, "acme", GenerateOptions{Actor: tt.actor})
		ok(t, err)
		_, _, err = f.StartRotation(ctx, "acme", first.ID, RotateOptions{Actor: tt.actor})
		ok(t, err)
		ok(t, f.CancelRotation(ctx, "acme", first.ID, tt.actor))
		_, next, err := f.Rotate(ctx, "acme", first.ID, tt.actor)
		ok(t, err)
		_, _, err = f.StartRotation(ctx, "acme", next.ID, RotateOptions{Actor: tt.actor})
		ok(t, err)
		ok(t, f.CompleteRotation(ctx, "acme", next.ID, tt.actor))
		last := must(f.Status(ctx, "acme")).Tokens[0]
		ok(t, f.Revoke(ctx, "acme", last.ID, tt.actor))
		for _, tok := range must(f.Status(ctx, "acme")).Tokens {
			if tok.CreatedBy != tt.want || tok.RevokedBy != tt.want {
				t.Errorf("%+q: created by %+q, revoked by %+q", tt.actor, tok.CreatedBy, tok.RevokedBy)
			}
		}
		events := must(f.Events(ctx, "acme", 0, 0))
		for _, e := range events {
			if e.Actor != tt.want {
				t.Errorf("%+q: %s by %+q", tt.actor, e.Action, e.Actor)
			}
		}
		if len(events) != 7 {
			t.Errorf("%d events", len(events))
		}
	}
}
