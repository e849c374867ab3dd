package settings

import (
	"fmt"
	"io"
	"time"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// rehearse renders pages that have everything in them, in each language, so that
// a template that fails does so before the first customer sees it.
func (h *handler) rehearse() error {
	for _, l := range h.languages {
		c := &call{handler: h, lang: l, root: "./", access: Access{Tenant: "tenant", TenantName: "Tenant", Actor: "actor"}}
		for _, v := range c.samples() {
			if err := l.templates.ExecuteTemplate(io.Discard, "layout", v); err != nil {
				return fmt.Errorf("%s: %w", l.tag, err)
			}
		}
	}
	return nil
}

func (c *call) samples() []*view {
	now := time.Unix(1e9, 0)
	old := token.Token{ID: "old", Name: "Name", Scopes: token.Scopes{"User:read"}, CreatedAt: now, RotationEnds: now.Add(time.Hour), ReplacedBy: "new"}
	made := token.Token{ID: "new", CreatedAt: now, LastUsedAt: now}
	ended := token.Token{ID: "ended", CreatedAt: now, RevokedAt: now, RevokedBy: "actor"}
	s := &snapshot{
		now:    now,
		Status: token.Status{Settings: token.Settings{Enabled: true}, Entitled: true, Tokens: []token.Token{made, old, ended}},
		recent: []requestlog.Entry{{Time: now, Method: "GET", Path: "/Users", Status: 401, Detail: "Detail", Quirks: []string{"quirk"}}},
		events: []token.Event{{Seq: 1, Time: now, Actor: "actor", Action: "token.generated", Token: "old"}},
	}
	nobody := &snapshot{now: now, Status: token.Status{Ask: "sales@example.com"}}
	all := []*view{c.emptyView(), c.viewOf(nobody), c.viewOf(s), c.viewOf(s)}
	all[0].Alone, all[0].Problem = true, c.lang.problem(problemInternal)
	all[3].Secret = &secretView{Value: "secret", Token: made, Old: "old", Until: now}
	all[3].Problem, all[3].Notice = c.lang.problem(problemForm), "notice"
	for _, name := range []string{"rotate", "revoke", "complete", "cancel"} {
		v := c.viewOf(s)
		v.Action = &actionView{Name: name, Path: "path", Token: v.token(old)}
		v.Action.offer(c.overlaps(0))
		if name == "complete" || name == "cancel" {
			next := v.token(made)
			v.Action.Successor = &next
		}
		all = append(all, v)
	}
	for _, v := range []*view{c.viewOf(nobody), c.viewOf(s)} {
		v.Write = true
		all = append(all, v)
	}
	return all
}
