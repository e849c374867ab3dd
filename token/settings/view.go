package settings

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// A view is what the templates get.
type view struct {
	*snapshot

	Lang, Dir   string
	Root        string // the page, relative to the request
	Assets      string // changes with the assets
	CSS         bool   // there is assets/theme.css
	Product     string
	TenantName  string
	Write       bool
	BaseURL     string
	HasRequests bool
	Groups      bool
	Types, Ops  []string
	Clients     []Client

	State   string
	Version string
	Seen    int64
	Live    []tokenView
	Ended   []tokenView
	AskLink string
	Client  string    // that sent the last request
	Used    time.Time // when that was, or a token was last used
	Last    []requestView
	Log     []token.Event

	RefusedLast bool // the last request had wrong credentials

	Full     bool // no other token may be generated
	Generate generateView
	Secret   *secretView
	Action   *actionView
	Problem  *problemView
	Notice   string // what was done
	Alone    bool   // only the Problem or the Secret
}

type tokenView struct {
	token.Token
	State   token.State
	Access  string // the end of a key: full, read, custom
	Rotates bool   // has a successor, or is one

	Completes bool // its rotation can be completed: the successor works
}

// End is when a token that has ended did so.
func (t tokenView) End() time.Time { return t.Ends() }

type requestView struct {
	requestlog.Entry
	Class string // good, warn or bad
}

type generateView struct {
	Open         bool
	Name, Access string
	Days         int
	Lifetimes    []int
	Longest      bool // there is a longest lifetime
	Scopes       []string
}

// Chosen tells whether a box was ticked.
func (g generateView) Chosen(typ, op string) bool { return slices.Contains(g.Scopes, typ+":"+op) }

// fill takes what somebody entered before.
func (g *generateView) fill(form url.Values) {
	g.Name, g.Access, g.Scopes = form.Get("name"), form.Get("access"), form["scope"]
	g.Days, _ = strconv.Atoi(form.Get("days"))
}

type secretView struct {
	Value string
	Token token.Token
	Old   string // the id of the one that it replaces
	Until time.Time
}

type actionView struct {
	Name      string // rotate, revoke, complete or cancel
	Path      string
	Token     tokenView
	Successor *tokenView
	Last      bool // the only one that works
	Overlaps  []int
	Overlap   int
}

// offer sets the choices of a rotation, and which of them is made already.
func (a *actionView) offer(overlaps []int) {
	a.Overlaps = overlaps
	for _, hours := range overlaps {
		if hours <= usualOverlap {
			a.Overlap = hours
		}
	}
}

type problemView struct {
	Text, Field string
	Nothing     bool // was changed, surely
}

// emptyView is a view that knows no tenant.
func (c *call) emptyView() *view {
	return &view{snapshot: &snapshot{}, Lang: c.lang.tag, Dir: c.lang.dir, Root: c.root, Assets: c.assets.version, CSS: c.CSS != "",
		Product: c.Product, Generate: generateView{Access: "full", Lifetimes: c.lifetimes()}}
}

// view is all of the page.
func (c *call) view() (*view, error) {
	s, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	v := c.viewOf(s)
	v.Version, err = s.version()
	return v, err
}

func (c *call) viewOf(s *snapshot) *view {
	v := c.emptyView()
	v.snapshot, v.State, v.Seen = s, s.state(), s.seen()
	v.TenantName, v.Write, v.BaseURL = c.access.TenantName, c.access.Write, c.baseURL(c.access.Tenant)
	v.HasRequests, v.Groups, v.Types, v.Ops, v.Clients = c.Requests != nil, c.groups(), c.Types, operations, c.Clients
	v.AskLink = askLink(s.Ask)
	for _, t := range s.Tokens {
		if tv := v.token(t); tv.State == token.Active || tv.State == token.Rotating {
			v.Live = append(v.Live, tv)
		} else {
			v.Ended = append(v.Ended, tv)
		}
	}
	e, _ := s.admitted()
	v.Client = e.Client
	v.Used, _ = s.connected()
	v.Last, v.Log, v.RefusedLast = c.requests(s.recent[:min(len(s.recent), shownRequests)]), s.events, s.refused()
	limits := c.Manager.Limits()
	v.Full, v.Generate.Longest = len(v.Live) >= limits.MaxTokens, limits.MaxLifetime > 0
	v.Generate.Open = len(v.Live) == 0
	return v
}

// requests shortens paths by what all of them have in common.
func (c *call) requests(recent []requestlog.Entry) []requestView {
	base := ""
	if u, err := url.Parse(c.baseURL(c.access.Tenant)); err == nil {
		base = u.EscapedPath()
	}
	var all []requestView
	for _, e := range recent {
		if rest, ok := strings.CutPrefix(e.Path, base); ok && strings.HasPrefix(rest, "/") {
			e.Path = rest
		}
		all = append(all, requestView{e, class(e.Status)})
	}
	return all
}

func (v *view) token(t token.Token) tokenView {
	tv := tokenView{Token: t, State: t.State(v.now), Access: "custom", Rotates: t.ReplacedBy != "" || v.successorOf(t.ID)}
	next, _ := v.find(t.ReplacedBy)
	tv.Completes = tv.State == token.Rotating && next.ID != "" && next.State(v.now) == token.Active
	switch has := func(s token.Scope) bool { return slices.Contains(t.Scopes, s) }; {
	case has(token.ReadAll) && has(token.WriteAll):
		tv.Access = "full"
	case len(t.Scopes) == 1 && has(token.ReadAll):
		tv.Access = "read"
	case len(t.Scopes) == 0:
		tv.Access = "none"
	}
	return tv
}

// successorOf tells whether a rotation to a token is under way.
func (v *view) successorOf(id string) bool {
	return slices.ContainsFunc(v.Tokens, func(t token.Token) bool {
		return t.ReplacedBy == id && t.State(v.now) == token.Rotating
	})
}

func class(status int) string {
	switch {
	case status == 0 || status >= 500:
		return "bad"
	case status >= 400:
		return "warn"
	}
	return "good"
}

// askLink makes a link of an address or a URL.
func askLink(ask string) string {
	switch {
	case strings.HasPrefix(ask, "https://"), strings.HasPrefix(ask, "http://"):
		return ask
	case strings.Contains(ask, "@") && !strings.ContainsAny(ask, " ,;<>?&"):
		return "mailto:" + ask
	}
	return ""
}
