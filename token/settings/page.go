package settings

import (
	"bytes"
	"net/http"
	"net/url"
	"time"

	"github.com/scimkit/scimkit/token"
)

// showPage is the page itself.
func (c *call) showPage() error {
	v, err := c.view()
	if err != nil {
		return err
	}
	if c.r.URL.Query().Has("done") {
		v.Notice = c.done(v.snapshot)
	}
	return c.render(http.StatusOK, v)
}

// done says what was done, from the log of events: the address could say
// anything.
func (c *call) done(s *snapshot) string {
	if len(s.events) == 0 {
		return ""
	}
	e := s.events[0]
	if e.Actor != c.access.Actor || s.now.Sub(e.Time) > time.Minute {
		return ""
	}
	return c.lang.event(e)
}

// pageWith is the page with what went wrong, and the form as it was filled in.
func (c *call) pageWith(err error, form url.Values) error {
	v, failed := c.view()
	if failed != nil {
		return failed
	}
	p := c.problemOf(err)
	v.Problem = c.lang.problem(p)
	if form != nil {
		v.Generate.fill(form)
		v.Generate.Open = true
	}
	return c.render(p.status, v)
}

// showSecret is the page with a secret, the only one that has it.
func (c *call) showSecret(secret token.Secret, made, old token.Token) error {
	v, err := c.view()
	if err != nil {
		// The secret would be lost: show it without what is around it.
		c.logError(err)
		v = c.emptyView()
		v.Alone = true
	}
	v.Secret = &secretView{Value: secret.Reveal(), Token: made, Old: old.ID, Until: old.RotationEnds}
	v.Generate.Open = false
	return c.render(http.StatusOK, v)
}

// showAction is the page that asks before something is done with a token.
func (c *call) showAction() error {
	v, err := c.actionView()
	if err != nil {
		return err
	}
	return c.render(http.StatusOK, v)
}

// actionWith is that page with what went wrong.
func (c *call) actionWith(err error) error {
	p := c.problemOf(err)
	v, failed := c.actionView()
	if failed != nil { // it is no longer possible
		v, failed = c.view()
	}
	if failed != nil {
		return failed
	}
	v.Problem = c.lang.problem(p)
	return c.render(p.status, v)
}

// actionView refuses what is not possible now, as the Manager would.
func (c *call) actionView() (*view, error) {
	v, err := c.view()
	if err != nil {
		return nil, err
	}
	if v.Action, err = v.action(c.action(), c.id); err != nil {
		return nil, err
	}
	v.Action.offer(c.overlaps(len(v.Live)))
	return v, nil
}

func (v *view) action(name, id string) (*actionView, error) {
	t, ok := v.find(id)
	if !ok {
		return nil, problemNotFound
	}
	a := &actionView{Name: name, Path: "tokens/" + t.ID + "/" + name, Token: v.token(t)}
	live := a.Token.State == token.Active || a.Token.State == token.Rotating
	successor, replaced := v.find(t.ReplacedBy)
	possible := live
	switch name {
	case "complete":
		possible = a.Token.Completes
	case "cancel":
		possible = a.Token.State == token.Rotating && replaced
	case "rotate":
		possible = live && !a.Token.Rotates
	}
	if !possible {
		return nil, problemState
	}
	if replaced {
		next := v.token(successor)
		a.Successor = &next
	}
	a.Last = len(v.Live) == 1
	return a, nil
}

// render writes a page, all of it or nothing.
func (c *call) render(status int, v *view) error {
	var b bytes.Buffer
	if err := c.lang.templates.ExecuteTemplate(&b, "layout", v); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		c.w.Write(b.Bytes()) // the client went away: nothing is left to be done
	}
	return nil
}
