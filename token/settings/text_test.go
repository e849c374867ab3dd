package settings_test

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/token/settings"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTextKeys: hosts translate by key. One that goes or changes shows here.
func TestTextKeys(t *testing.T) {
	const file = "testdata/texts.txt"
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(settings.Texts())) {
		b.WriteString(key + "\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("the keys have changed; if that is meant, run with -update:\n%s", d)
	}
}

// TestEveryTextIsUsed: no key of the templates and the code is missing, and none
// is there for nothing.
func TestEveryTextIsUsed(t *testing.T) {
	var source strings.Builder
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
			return err
		}
		data, err := os.ReadFile(path)
		source.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	texts := settings.Texts()
	for _, m := range regexp.MustCompile(`(?:\bt|\brich|progress) "([a-z_.]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if texts[m[1]] == "" {
			t.Errorf("there is no text %q", m[1])
		}
	}
	// These are put together of parts.
	parts := regexp.MustCompile(`^(guide|event|error|state|tokens|scopes|generate|rotate|revoke|complete|cancel)\.(.+)$`)
	for key := range texts {
		m := parts.FindStringSubmatch(key)
		if !strings.Contains(source.String(), `"`+key+`"`) && m == nil {
			t.Errorf("nothing shows %q", key)
		}
		if m != nil && m[1] == "error" && !strings.Contains(source.String(), `"`+m[2]+`"`) && !strings.Contains(source.String(), `"`+key+`"`) {
			t.Errorf("nothing shows %q", key)
		}
	}
}

// TestSecondLanguage: a translation of everything leaves nothing English.
func TestSecondLanguage(t *testing.T) {
	german := map[string]string{}
	for key, text := range settings.Texts() {
		german[key] = "⟦" + text + "⟧"
	}
	german["page.title"] = "SCIM-Bereitstellung"
	german["guide.okta.2"] = "" // leaves the step out
	o := options(t)
	o.Texts = map[string]map[string]string{"de": german, "pt-BR": {"page.title": "Provisionamento"}, "he": {}}
	h := must(t, o)
	ask := func(language string) string {
		return getIn(h, "/", language)
	}
	body := ask("de-AT")
	if !strings.Contains(body, `<html lang="de" dir="ltr">`) || !strings.Contains(body, "<h1>SCIM-Bereitstellung</h1>") {
		t.Error(body)
	}
	text := regexp.MustCompile(`<(?:title|code|time)[^>]*>[^<]*</\w+>|<[^>]*>`).ReplaceAllString(body, "\n")
	for inner := regexp.MustCompile(`⟦[^⟦⟧]*⟧`); inner.MatchString(text); { // a step holds the text of a button
		text = inner.ReplaceAllString(text, "")
	}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.ContainsAny(line, "abcdefghijklmnopqrstuvwxyz") && !slices.Contains([]string{"SCIM-Bereitstellung", "User", "Group"}, line) && !strings.ContainsAny(line, "⟦⟧") {
			t.Errorf("not translated: %q", line)
		}
	}
	okta := body[strings.Index(body, `id="guide-okta"`):strings.Index(body, `id="guide-entra"`)]
	if n := strings.Count(okta, "<li>"); n != 8 {
		t.Errorf("%d steps", n)
	}
	for language, want := range map[string]string{
		"": `lang="en"`, "en-GB": `lang="en"`, "fr": `lang="en"`, "PT-br": "Provisionamento", "pt": `lang="en"`, "he-IL": `dir="rtl"`,
	} {
		if body := ask(language); !strings.Contains(body, want) {
			t.Errorf("%q: no %s", language, want)
		}
	}
}
