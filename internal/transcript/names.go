package transcript

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What changes from run to run, wherever it appears in an answer.
var (
	uuidPattern = regexp.MustCompile(`(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	timePattern = regexp.MustCompile(`"(?:created|lastModified)": "([^"]+)"`)
	etagPattern = regexp.MustCompile(`(?m)^ETag: (?:W/)?"([^"]+)"$`)
	jsonVersion = regexp.MustCompile(`"version": "(?:W/)?\\"([^"\\]+)\\""`)

	namePattern = regexp.MustCompile(`\{(?:id|time|version)[0-9]+\}`)
)

// A volatile is a value that has a name. forms are the surroundings in which
// the value is replaced, "%s" in its place: a version as short as "1" must not
// take part in other numbers.
type volatile struct {
	name, value string
	forms       []string
}

var (
	idForms      = []string{`%s`}
	timeForms    = []string{`"%s"`}
	versionForms = []string{`ETag: W/"%s"`, `ETag: "%s"`, `\"%s\"`}
)

// names maps between values and the names that transcripts show.
type names struct {
	spelled string // all requests: what they spell out is not volatile
	known   []volatile
	count   map[string]int
}

func newNames(s Script) *names {
	n := &names{count: map[string]int{}}
	for _, step := range s.Steps {
		n.spelled += step.Request
	}
	return n
}

// show puts values in the place of their names.
func (n *names) show(text string) (string, error) {
	var err error
	text = namePattern.ReplaceAllStringFunc(text, func(name string) string {
		for _, v := range n.known {
			if v.name == name {
				return v.value
			}
		}
		err = fmt.Errorf("no earlier answer has %s", name)
		return name
	})
	return text, err
}

// hide puts names in the place of values, old ones and those that are new.
func (n *names) hide(text string) string {
	for _, id := range uuidPattern.FindAllString(text, -1) {
		n.add("id", id, idForms)
	}
	for _, m := range timePattern.FindAllStringSubmatch(text, -1) {
		n.add("time", m[1], timeForms)
	}
	for _, p := range []*regexp.Regexp{etagPattern, jsonVersion} {
		for _, m := range p.FindAllStringSubmatch(text, -1) {
			n.add("version", m[1], versionForms)
		}
	}
	// Longest first: a version may contain an id.
	longest := slices.SortedStableFunc(slices.Values(n.known), func(a, b volatile) int {
		return cmp.Compare(len(b.value), len(a.value))
	})
	for _, v := range longest {
		for _, form := range v.forms {
			text = strings.ReplaceAll(text, fmt.Sprintf(form, v.value), fmt.Sprintf(form, v.name))
		}
	}
	return text
}

func (n *names) add(kind, value string, forms []string) {
	if strings.Contains(n.spelled, value) && kind != "version" {
		return
	}
	for _, v := range n.known {
		if v.value == value && strings.HasPrefix(v.name, "{"+kind) {
			return
		}
	}
	n.count[kind]++
	n.known = append(n.known, volatile{fmt.Sprintf("{%s%d}", kind, n.count[kind]), value, forms})
}
