// Package tokentest is the contract of [token.Store] as a test suite:
//
//	func TestStore(t *testing.T) {
//		tokentest.Run(t, func(t *testing.T) token.Store {
//			return mystore.Open(t.TempDir())
//		})
//	}
//
// Each case states its rule, and says it when it fails. The suite is tested
// itself, with stores that each have one fault.
package tokentest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/scimkit/scimkit/token"
)

// Run runs the suite. open gives a store that is empty.
func Run(t *testing.T, open func(t *testing.T) token.Store) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := c.run(ctx, open(t)); err != nil {
				t.Errorf("%v\nThe rule: %s", err, c.rule)
			}
		})
	}
}

// A testCase is one rule of the contract.
type testCase struct {
	name string
	rule string
	run  func(ctx context.Context, s token.Store) error
}

var cases = []testCase{
	{"unknown", "Find of an unknown id is ErrNotFound; an unknown tenant is the zero Tenant without events; Touch of an unknown id does nothing.", unknown},
	{"round trip", "Every field of a token and of the settings comes back as it was stored: times to the microsecond, zero times as zero, digests to the byte.", roundTrip},
	{"letter case", "An id is found in its own letter case only.", letterCase},
	{"order", "Tenant gives tokens in the order in which they were made.", order},
	{"edit", "Update stores settings, new and changed tokens, and removes tokens that edit took out of the list; whoever reads afterwards sees it.", edit},
	{"edit fails", "If edit fails, nothing is stored and its error is returned, wrapped or as it is.", editFails},
	{"edit panics", "If edit panics, nothing is stored and the store goes on working.", editPanics},
	{"context", "Update with a context that is over fails and stores nothing.", contextOver},
	{"id of another tenant", "A token with the id of another tenant's token is refused, and nothing is stored.", foreignID},
	{"id twice", "Two tokens with one id are refused, and nothing is stored.", doubleID},
	{"tenants", "Tenants whose names differ in anything, letter case and blanks too, share nothing.", tenants},
	{"events", "Events are numbered from 1 within the tenant, without a gap, also in the slice that edit returned; Events gives the newest first, those below before, at most limit.", events},
	{"events fail", "Where edit fails, no number of an event is used up.", eventsOfFailure},
	{"touch", "Touch sets LastUsedAt and nothing else, and never to an earlier time.", touch},
	{"touch once a minute", "Touch writes nothing if LastUsedAt is less than a minute before the time it is given; a minute is enough. Of several at the same time one writes.", touchMinute},
	{"last used", "Update leaves LastUsedAt of a token that is there alone, whatever edit does to it.", lastUsed},
	{"memory", "What a store takes and gives shares no memory with what it keeps.", memory},
	{"parallel updates", "Updates of one tenant at the same time lose nothing: each edit sees what the one before stored.", parallel},
	{"parallel rotations", "Of 50 rotations at the same time as many begin as there is room for, with each a successor.", rotations},
	{"touch and update", "Touch and Update at the same time lose neither.", touchAndUpdate},
}

// base is a time with microseconds, which all stores keep.
var base = time.Date(2026, 3, 1, 12, 30, 15, 123456000, time.UTC)

// full is a token with a value in every field.
func full(tenant, id string) token.Token {
	digest := make([]byte, 32)
	for i := range digest {
		digest[i] = byte(i * 9)
	}
	return token.Token{
		ID: id, Tenant: tenant, Name: "Okta – Ünï 'x'; --", Scopes: token.Scopes{"User:read", "Group:modify"}, LastFour: "Zz09",
		KeyID: "2026", Digest: digest, CreatedAt: base, CreatedBy: "mira@acme.example",
		ExpiresAt: base.Add(time.Hour), RevokedAt: base.Add(2 * time.Hour), RevokedBy: "jo@acme.example",
		ReplacedBy: "zyxwvutsrqpo", RotationEnds: base.Add(3 * time.Hour), ExpiryNotice: 7,
	}
}

// bare is a token with no more than it needs.
func bare(tenant, id string) token.Token {
	return token.Token{ID: id, Tenant: tenant, Digest: []byte{1, 2, 3}, CreatedAt: base}
}

func id(n int) string { return fmt.Sprintf("Id%010d", n) }

// put adds tokens and one event for each.
func put(ctx context.Context, s token.Store, tenant string, tokens ...token.Token) error {
	return s.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) {
		var events []token.Event
		for _, tok := range tokens {
			t.Tokens = append(t.Tokens, tok)
			events = append(events, token.Event{Time: base, Tenant: tenant, Actor: "mira", Action: "token.generated", Token: tok.ID})
		}
		return events, nil
	})
}
