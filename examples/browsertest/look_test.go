package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// axeSource is axe-core, "" if there is none.
func axeSource(t *testing.T) string {
	t.Helper()
	path := os.Getenv("AXE_CORE")
	if path == "" {
		return ""
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAxeIsThere(t *testing.T) {
	if axeSource(t) == "" {
		missing(t, "axe-core: AXE_CORE must be the path of axe.min.js")
	}
}

// look checks the page as it is, for people with good eyes, bad eyes and narrow
// screens, and takes pictures.
func (p *page) look(name string) {
	p.t.Helper()
	for _, mode := range []struct {
		name, scheme string
		width        int64
	}{{"light", "light", 1180}, {"dark", "dark", 1180}, {"narrow", "light", 320}, {"narrow-dark", "dark", 360}} {
		p.scheme(mode.scheme)
		p.size(mode.width)
		p.accessible(name + " " + mode.name)
		if width := eval[int64](p, `document.documentElement.scrollWidth`); width > mode.width {
			p.t.Errorf("%s: the page is %d pixels wide in a window of %d", name, width, mode.width)
		}
		p.shot(name + "-" + mode.name)
	}
	p.scheme("light")
	p.size(760) // a tablet
	if width := eval[int64](p, `document.documentElement.scrollWidth`); width > 760 {
		p.t.Errorf("%s: the page is %d pixels wide in a window of 760", name, width)
	}
	p.size(1180)
}

// accessible runs axe-core.
func (p *page) accessible(name string) {
	p.t.Helper()
	source := axeSource(p.t)
	if source == "" {
		return
	}
	p.allowScript(true) // the page was loaded without, if it was
	defer p.allowScript(p.script)
	if !eval[bool](p, `!!window.axe`) {
		eval[bool](p, source+`;true`)
	}
	result := eval[string](p, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`)
	var violations []struct {
		ID, Help string
		Nodes    []struct {
			HTML           string
			FailureSummary string
		}
	}
	if err := json.Unmarshal([]byte(result), &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		text := fmt.Sprintf("%s: axe: %s: %s", name, v.ID, v.Help)
		for _, n := range v.Nodes {
			text += "\n\t" + n.HTML + "\n\t" + n.FailureSummary
		}
		p.t.Error(text)
	}
}
