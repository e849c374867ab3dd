package exampletest_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// TestSecretsStay is the last part of S2: whatever is done to an example, no token, password or session
// is in its database, its log, or what it answers after the one answer that shows
// it. What is public must be found there, so that looking is known to work.
func TestSecretsStay(t *testing.T) {
	for _, p := range products {
		t.Run(p.name, func(t *testing.T) {
			w := &walk{product: p, t: t, db: filepath.Join(t.TempDir(), "x.db"), answers: &strings.Builder{}, secrets: map[string]string{}}
			binary := exampletest.Build(t, p.name)
			w.begin(binary)
			w.tokens()
			w.clients()
			w.sessions()
			w.failures()
			w.pages()
			places := w.files("running, ")
			early := len(w.ids)
			w.end()
			w.begin(binary)
			w.pages()
			w.end()
			w.begin(binary, "-token", w.keep("the fixed token", "Fixed-"+rand.Text()))
			w.pages()
			w.end()
			for name, text := range w.files("ended, ") {
				places[name] = text
			}
			places["answers"], places["stdout"], places["stderr"] = w.answers.String(), w.stdout, w.stderr
			for what, secret := range w.secrets {
				for place, text := range places {
					if at := find(text, secret); at != "" {
						t.Errorf("%s (%.8s…) is in %s: …%s…", what, secret, place, at)
					}
				}
			}
			w.controls(places, early)
		})
	}
}

// controls looks for what must be there; early are the ids that were there when
// the database was first read.
func (w *walk) controls(places map[string]string, early int) {
	w.t.Helper()
	for _, p := range []struct {
		what, text string
		ids        []string
	}{
		{"the database while it was open", places["running, x.db"] + places["running, x.db-wal"], w.ids[:early]},
		{"the database", places["ended, x.db"], w.ids},
		{"the answers", places["answers"], w.ids},
	} {
		for _, public := range append([]string{"mira@example.com"}, p.ids...) {
			if find(p.text, public) == "" {
				w.t.Errorf("%s is not in %s", public, p.what)
			}
		}
	}
	if n := strings.Count(places["stderr"], "stuck"); n < 3 {
		w.t.Errorf("%d failures are in the log:\n%s", n, places["stderr"])
	}
	if find(places["stdout"], "settings_url=") == "" || len(places["running, x.db-shm"]) == 0 || len(w.ids) < 6 || len(w.secrets) < 15 {
		w.t.Errorf("%d ids, %d secrets, %d bytes of shared memory, and on stdout\n%s", len(w.ids), len(w.secrets), len(places["running, x.db-shm"]), places["stdout"])
	}
}

// find finds a secret, a third of it, or an encoding, and gives what is around
// it.
func find(text, secret string) string {
	forms := []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)), url.QueryEscape(secret)}
	if n := len(secret) / 3; n >= 8 {
		forms = append(forms, secret[:n], secret[n:2*n], secret[2*n:])
	}
	for _, f := range forms {
		if i := strings.Index(text, f); i >= 0 {
			return strings.ToValidUTF8(text[max(0, i-60):min(len(text), i+len(f)+60)], "?")
		}
	}
	return ""
}

func TestFind(t *testing.T) {
	const secret = "WX7Kq20pzM4tR9vB3nL8cD5fG1hJ"
	for _, text := range []string{"x" + secret + "y", secret[:10], secret[9:18] + "…", "…" + secret[18:], base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret))} {
		if find(text, secret) == "" {
			t.Errorf("%q is not found", text)
		}
	}
	for _, text := range []string{"", secret[:8], strings.ToLower(secret), secret[4:12]} {
		if got := find(text, secret); got != "" {
			t.Errorf("in %q %q is found", text, got)
		}
	}
}

// walk is what is done to an example.
type walk struct {
	product
	t       *testing.T
	db      string
	process *exampletest.Process
	values  map[string]string
	bearer  string // a token that works
	user    string // the id of a user

	secrets        map[string]string
	ids            []string // of tokens: public
	answers        *strings.Builder
	stdout, stderr string
}

// begin starts the example. What it announces is the one answer that shows.
func (w *walk) begin(binary string, args ...string) {
	w.t.Helper()
	w.process = exampletest.Start(w.t, binary, append(args, "-db", w.db)...)
	w.values = w.process.Values
	n := len(w.secrets)
	for _, key := range []string{"admin_password", "admin_password2"} {
		if v := w.values[key]; v != "" {
			w.keep(fmt.Sprintf("%s %d", key, n), v)
			name := w.values[strings.Replace(key, "password", "user", 1)]
			w.keep(fmt.Sprintf("%s %d, encoded", key, n), base64.StdEncoding.EncodeToString([]byte(name+":"+v)))
		}
	}
	w.bearer = w.values["token"]
	if len(args) == 0 {
		w.keepToken("the printed token", w.bearer)
	}
}

// end stops the example and keeps what it has written, but for the secrets that it
// is documented to print.
func (w *walk) end() {
	w.t.Helper()
	w.process.Stop()
	w.stderr += w.process.Stderr()
	for line := range strings.Lines(w.process.Stdout()) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		switch key {
		case "token", "admin_password", "admin_password2":
			if value != w.values[key] || value == "" {
				w.t.Errorf("%s is announced twice, or empty", key)
			}
		default:
			w.stdout += line
		}
	}
}

// keep notes a secret.
func (w *walk) keep(what, secret string) string {
	w.t.Helper()
	if len(secret) < 16 {
		w.t.Fatalf("%s is %q: no secret", what, secret)
	}
	w.secrets[what] = secret
	return secret
}

// keepToken notes a token: its id and the last characters are public.
func (w *walk) keepToken(what, text string) string {
	w.t.Helper()
	parts := strings.Split(text, "_")
	if len(parts) != 3 || len(parts[2]) != 49 {
		w.t.Fatalf("%s is %q: no token", what, text)
	}
	w.ids = append(w.ids, parts[1])
	w.keep(fmt.Sprintf("%s %d", what, len(w.ids)), parts[2][:43])
	return text
}

// files reads the database.
func (w *walk) files(when string) map[string]string {
	w.t.Helper()
	all := map[string]string{}
	names, err := filepath.Glob(w.db + "*")
	if err != nil || len(names) == 0 {
		w.t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			w.t.Fatal(err)
		}
		all[when+filepath.Base(name)] = string(data)
	}
	return all
}

// ask sends a request. Redirects are not followed.
func (w *walk) ask(method, address, body string, change ...func(*http.Request)) (*http.Response, string) {
	w.t.Helper()
	return exampletest.Send(w.t, method, address, body, change...)
}

// says sends a request whose answer shows no secret, and gives the status.
func (w *walk) says(method, address, body string, change ...func(*http.Request)) int {
	w.t.Helper()
	resp, text := w.ask(method, address, body, change...)
	fmt.Fprintln(w.answers, method, resp.Status, resp.Header, text)
	return resp.StatusCode
}

// must is says, where the status is known.
func (w *walk) must(status int, method, address, body string, change ...func(*http.Request)) {
	w.t.Helper()
	if got := w.says(method, address, body, change...); got != status {
		w.t.Errorf("%s %s = %d, want %d\n%s", method, address, got, status, w.answers.String()[max(0, w.answers.Len()-500):])
	}
}

// admin is the administrator.
func (w *walk) admin(r *http.Request) {
	r.SetBasicAuth(w.values["admin_user"], w.values["admin_password"])
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}
