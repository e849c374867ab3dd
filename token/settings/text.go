package settings

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed assets/en.json assets/guides.en.json
var textFiles embed.FS

var english = readTexts()

func readTexts() texts {
	all := texts{}
	for _, name := range []string{"assets/en.json", "assets/guides.en.json"} {
		data, err := textFiles.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, &all)
		}
		if err != nil {
			panic(err) // a test reads them as well
		}
	}
	return all
}

// Texts gives the texts of the page, English, by key: what a translator starts
// from. {name} stands for a value; in the texts of guides, **x** is bold.
func Texts() map[string]string { return maps.Clone(english) }

// texts are those of one language.
type texts map[string]string

// plain fills in pairs of names and values.
func (t texts) plain(key string, pairs ...any) string {
	return fill(t[key], pairs, func(v any) string { return fmt.Sprint(v) })
}

// rich gives HTML: the text and the values are escaped, but for values that are
// HTML already, and **x** is bold.
func (t texts) rich(key string, pairs ...any) template.HTML {
	text := fill(template.HTMLEscapeString(t[key]), pairs, func(v any) string {
		if html, ok := v.(template.HTML); ok {
			return string(html)
		}
		return template.HTMLEscapeString(fmt.Sprint(v))
	})
	return template.HTML(bold.ReplaceAllString(text, "<strong>$1</strong>"))
}

var (
	placeholder = regexp.MustCompile(`\{[a-z_]+\}`)
	bold        = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// fill puts values in the places of their names, in one pass: what looks like a
// name in a value stays.
func fill(text string, pairs []any, show func(any) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if name == fmt.Sprintf("{%s}", pairs[i]) {
				return show(pairs[i+1])
			}
		}
		return name
	})
}

// steps are the keys of the set-up steps of a client. What ends in .users is for
// servers without groups, in .any for those of which the attributes are not known.
func (t texts) steps(c Client, o *Options) []string {
	var keys []string
	for i := 1; ; i++ {
		key := "guide." + string(c) + "." + strconv.Itoa(i)
		if english[key] == "" {
			return keys
		}
		if _, ok := english[key+".users"]; ok && !o.groups() {
			key += ".users"
		}
		nothing := strings.Contains(english[key], "{missing}") && o.missing(entraMappings) == nil
		if _, ok := english[key+".any"]; ok && o.ResourceTypes == nil {
			key, nothing = key+".any", false
		}
		if t[key] != "" && !nothing {
			keys = append(keys, key)
		}
	}
}

// newTexts are the English texts and, over them, those of the host.
func newTexts(tag string, own map[string]string) (texts, error) {
	t := texts(Texts())
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(own)) {
		original, ok := english[key]
		if !ok {
			errs = append(errs, fmt.Errorf("in Texts[%q] no text is called %q", tag, key))
		}
		for _, name := range placeholder.FindAllString(own[key], -1) {
			if ok && !strings.Contains(original, name) {
				errs = append(errs, fmt.Errorf("in Texts[%q][%q] there is no %s here", tag, key, name))
			}
		}
		t[key] = own[key]
	}
	return t, errors.Join(errs...)
}
