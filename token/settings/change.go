package settings

import (
	"slices"
	"time"

	"github.com/scimkit/scimkit/token"
)

// What the forms and the API have in common: each change that needs more than a
// call of the Manager.

// minted are the actions that made a secret.
var minted = []string{"token.generated", "token.rotated", "token.rotation.started"}

// unchecked is for callers that do not say what they have seen.
const unchecked = -1

func (c *call) setEnabled(on bool) error {
	if on {
		if err := c.entitled(); err != nil {
			return err
		}
	}
	return c.Manager.SetEnabled(c.r.Context(), c.access.Tenant, on, c.access.Actor)
}

// entitled refuses what would be of no use.
func (c *call) entitled() error {
	s, err := c.Manager.Status(c.r.Context(), c.access.Tenant)
	if err != nil {
		return err
	}
	if !s.Entitled {
		return problemUnentitled
	}
	return nil
}

func (c *call) generate(o token.GenerateOptions, seen int64) (token.Secret, token.Token, error) {
	o.Actor = c.access.Actor
	return c.mint(seen, func() (token.Secret, token.Token, error) {
		return c.Manager.Generate(c.r.Context(), c.access.Tenant, o)
	})
}

// rotate ends the old token at once if there is no overlap.
func (c *call) rotate(overlap time.Duration, seen int64) (token.Secret, token.Token, error) {
	return c.mint(seen, func() (token.Secret, token.Token, error) {
		if overlap == 0 {
			return c.Manager.Rotate(c.r.Context(), c.access.Tenant, c.id, c.access.Actor)
		}
		return c.Manager.StartRotation(c.r.Context(), c.access.Tenant, c.id, token.RotateOptions{Overlap: overlap, Actor: c.access.Actor})
	})
}

// mint makes a secret, unless one was made after the event that the form had
// seen: then it is a form that was sent twice, or another administrator was
// quicker. Two processes at the same moment may both go on; the second token
// shows in the list.
func (c *call) mint(seen int64, issue func() (token.Secret, token.Token, error)) (token.Secret, token.Token, error) {
	release, err := c.minting.take(c.r.Context(), c.access.Tenant)
	if err != nil {
		return token.Secret{}, token.Token{}, err
	}
	defer release()
	if seen != unchecked {
		events, err := c.Manager.Events(c.r.Context(), c.access.Tenant, 0, 100)
		if err != nil {
			return token.Secret{}, token.Token{}, err
		}
		for _, e := range events {
			if e.Seq > seen && slices.Contains(minted, e.Action) {
				return token.Secret{}, token.Token{}, problemStale
			}
		}
		if len(events) == 100 && events[99].Seq > seen+1 {
			return token.Secret{}, token.Token{}, problemStale // a page that is that old
		}
	}
	return issue()
}
