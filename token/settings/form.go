package settings

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token"
)

func (c *call) postSwitch() error {
	form, err := c.readForm("enabled")
	if err != nil {
		return c.pageWith(err, nil)
	}
	on, err := strconv.ParseBool(form.Get("enabled"))
	if err != nil {
		return c.pageWith(problemForm, nil)
	}
	if err := c.setEnabled(on); err != nil {
		return c.pageWith(err, nil)
	}
	return c.redirect("?done")
}

// lifetimes are the days that the form offers, and that the Manager allows; 0 is
// never, or the longest lifetime if there is one.
func (c *call) lifetimes() []int {
	longest := c.Manager.Limits().MaxLifetime
	return slices.DeleteFunc([]int{0, 30, 90, 180, 365}, func(days int) bool {
		return longest > 0 && time.Duration(days)*24*time.Hour >= longest && days > 0
	})
}

// The operations that the form offers, and the scopes behind each. PUT and PATCH
// go together: nobody should have to know which of them their client sends.
var (
	operations = []string{"read", "create", "update", "delete"}
	verbs      = map[string][]string{"read": {"read"}, "create": {"create"}, "update": {"replace", "modify"}, "delete": {"delete"}}
)

func (c *call) postGenerate() error {
	form, err := c.readForm("name", "access", "*scope", "days", "seen")
	if err != nil {
		return c.pageWith(err, nil)
	}
	o, err := c.generateOptions(form)
	if err != nil {
		return c.pageWith(err, form)
	}
	seen, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil || seen < 0 {
		return c.pageWith(problemForm, form)
	}
	secret, made, err := c.generate(o, seen)
	if err != nil {
		return c.pageWith(err, form)
	}
	return c.showSecret(secret, made, token.Token{})
}

func badField(field, code string, args ...any) error {
	return &problem{status: http.StatusBadRequest, code: code, field: field, args: args}
}

func (c *call) generateOptions(form url.Values) (token.GenerateOptions, error) {
	o := token.GenerateOptions{Name: strings.TrimSpace(form.Get("name"))}
	if err := checkName(o.Name); err != nil {
		return o, err
	}
	days, err := strconv.Atoi(form.Get("days"))
	if err != nil || !slices.Contains(c.lifetimes(), days) {
		return o, badField("days", "expires")
	}
	o.ExpiresIn = time.Duration(days) * 24 * time.Hour
	switch form.Get("access") {
	case "full":
	case "read":
		o.Scopes = token.Scopes{token.ReadAll}
	case "custom":
		if o.Scopes, err = c.chosenScopes(form["scope"]); err != nil {
			return o, err
		}
	default:
		return o, badField("access", "access")
	}
	return o, nil
}

func (c *call) chosenScopes(chosen []string) (token.Scopes, error) {
	var scopes token.Scopes
	for _, s := range chosen {
		typ, op, _ := strings.Cut(s, ":")
		if !slices.Contains(c.Types, typ) || verbs[op] == nil {
			return nil, problemForm
		}
		for _, verb := range verbs[op] {
			scopes = append(scopes, token.Scope(typ+":"+verb))
		}
	}
	if scopes == nil {
		return nil, badField("scope", "scopes")
	}
	return scopes, nil
}

// overlaps are the hours that the form offers, and that the Manager allows; 0
// ends the old token at once, and is all there is if there is no room for two.
func (c *call) overlaps(live int) []int {
	limits := c.Manager.Limits()
	return slices.DeleteFunc([]int{0, 1, 24, 72, 168}, func(hours int) bool {
		return hours > 0 && (live >= limits.MaxTokens || time.Duration(hours)*time.Hour > limits.MaxOverlap)
	})
}

const usualOverlap = 24

func (c *call) postRotate() error {
	form, err := c.readForm("overlap", "seen")
	if err != nil {
		return c.actionWith(err)
	}
	seen, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil || seen < 0 {
		return c.actionWith(problemForm)
	}
	hours, err := strconv.Atoi(form.Get("overlap"))
	if err != nil || !slices.Contains(c.overlaps(0), hours) {
		return c.actionWith(badField("overlap", "overlap"))
	}
	secret, made, err := c.rotate(time.Duration(hours)*time.Hour, seen)
	if err != nil {
		return c.actionWith(err)
	}
	old := token.Token{ID: c.id}
	if hours > 0 {
		old.RotationEnds = c.Now().Add(time.Duration(hours) * time.Hour)
	}
	return c.showSecret(secret, made, old)
}

// postAction is what the confirmation pages send.
func (c *call) postAction() error {
	if _, err := c.readForm(); err != nil {
		return c.actionWith(err)
	}
	do := c.Manager.Revoke
	switch c.action() {
	case "complete":
		do = c.Manager.CompleteRotation
	case "cancel":
		do = c.Manager.CancelRotation
	}
	if err := do(c.r.Context(), c.access.Tenant, c.id, c.access.Actor); err != nil {
		return c.actionWith(err)
	}
	return c.redirect("?done")
}

// action is the last segment of the path.
func (c *call) action() string {
	return c.r.URL.Path[strings.LastIndexByte(c.r.URL.Path, '/')+1:]
}
