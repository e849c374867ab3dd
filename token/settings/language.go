package settings

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token"
)

//go:embed templates/*.html
var templateFiles embed.FS

// A language has the texts and the templates that show them.
type language struct {
	tag, dir  string
	texts     texts
	templates *template.Template
}

func newLanguages(o *Options) (map[string]*language, error) {
	languages := map[string]*language{}
	var errs []error
	for _, tag := range append([]string{"en"}, slices.Sorted(maps.Keys(o.Texts))...) {
		t, err := newTexts(tag, o.Texts[tag])
		errs = append(errs, err)
		l := &language{tag: tag, dir: direction(tag), texts: t}
		if l.templates, err = l.parse(o); err != nil {
			return nil, errors.Join(append(errs, fmt.Errorf("in Templates: %w", err))...)
		}
		languages[strings.ToLower(tag)] = l
	}
	return languages, errors.Join(errs...)
}

func (l *language) parse(o *Options) (*template.Template, error) {
	t, err := template.New("").Funcs(l.functions(o)).ParseFS(templateFiles, "templates/*.html")
	if err != nil || o.Templates == nil {
		return t, err
	}
	return t.ParseFS(o.Templates, "*.html")
}

// language finds the texts for a tag: those of pt-BR, or of pt, or English.
func (h *handler) language(tag string) *language {
	tag = strings.ToLower(tag)
	for tag != "" {
		if l := h.languages[tag]; l != nil {
			return l
		}
		tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
	}
	return h.languages["en"]
}

func direction(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if slices.Contains([]string{"ar", "dv", "fa", "he", "ku", "ps", "ur", "yi"}, base) {
		return "rtl"
	}
	return "ltr"
}

func (l *language) functions(o *Options) template.FuncMap {
	return template.FuncMap{
		"t":      l.texts.plain,
		"rich":   l.texts.rich,
		"time":   l.time,
		"ago":    l.ago,
		"event":  l.event,
		"steps":  func(c Client) []string { return l.texts.steps(c, o) },
		"step":   func(key, baseURL string) template.HTML { return l.step(o, key, baseURL) },
		"code":   func(s string) template.HTML { return code(s) },
		"days":   func(hours int) int { return hours / 24 },
		"access": func() []string { return []string{"full", "read", "custom"} },

		// What a template hands on, where it is more than one value.
		"tokenOf":  func(v *view, t tokenView) any { return tokenPart{v, t} },
		"progress": func(key string, done bool) any { return progressPart{key, done} },
		"facts":    func(label string, t any, show bool) any { return factsPart{label, t, show} },
		"join":     func(s token.Scopes) string { return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(s), "["), "]") },
	}
}

type (
	tokenPart struct {
		View  *view
		Token tokenView
	}
	progressPart struct {
		Key  string
		Done bool
	}
	factsPart struct {
		Label string
		Token any // a tokenView
		Show  bool
	}
)

// time is a time as UTC; the script makes it local.
func (l *language) time(t time.Time) template.HTML { return l.timeElement(t, "") }

// ago is a time of which the script makes how long ago it was.
func (l *language) ago(t time.Time) template.HTML { return l.timeElement(t, " data-ago") }

func (l *language) timeElement(t time.Time, attribute string) template.HTML {
	if t.IsZero() {
		return template.HTML(template.HTMLEscapeString(l.texts["page.never"]))
	}
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `"` + attribute + `>` + t.Format("2006-01-02 15:04") + ` UTC</time>`)
}

func code(s string) template.HTML {
	return template.HTML("<code>" + template.HTMLEscapeString(s) + "</code>")
}

// copyable is a value with a button, which the stylesheet hides until the script
// is there.
func (l *language) copyable(s string) template.HTML {
	return template.HTML(`<span class="copyable">`) + code(s) +
		template.HTML(`<button type="button" class="button small" data-copy>`+template.HTMLEscapeString(l.texts["page.copy"])+`</button></span>`)
}

// step is a set-up step with the values of the tenant.
func (l *language) step(o *Options, key, baseURL string) template.HTML {
	header, config := "Authorization: Bearer ", baseURL+"/ServiceProviderConfig"
	var missing []string
	for _, path := range o.missing(entraMappings) {
		missing = append(missing, string(code(path)))
	}
	return l.texts.rich(key,
		"product", o.Product, "base_url", l.copyable(baseURL), "unique", code("userName"), "display_name", code("displayName"),
		"active", code("active"), "config", code(config), "schemas", code(baseURL+"/Schemas"),
		"missing", template.HTML(strings.Join(missing, ", ")), "header", code(header+"…"),
		"curl", l.copyable(`curl -H "`+header+`$SCIM_TOKEN" "`+config+`"`))
}

// event says what was done.
func (l *language) event(e token.Event) string {
	name := e.Token
	if e.TokenName != "" {
		name = e.TokenName + " (" + e.Token + ")"
	}
	return l.texts.plain("event."+e.Action, "token", name, "successor", e.Successor)
}

func (l *language) problem(p *problem) *problemView {
	return &problemView{Text: l.texts.plain("error."+p.code, p.args...), Field: p.field, Nothing: p != problemInternal}
}
