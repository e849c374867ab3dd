package exampletest

import (
	"net"
	"os/exec"
	"strings"
	"testing"
)

// freePort is a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestURL: behind a tunnel, all that an example prints and answers has the public
// URL; on all addresses, one that can be used; and no flag is left out silently.
func TestURL(t *testing.T) {
	for _, name := range []string{"quickstart", "owntables", "teams", "usersonly"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary := Build(t, name)
			port := freePort(t)
			for _, tt := range []struct{ public, root string }{
				{"https://abc.example/", "https://abc.example"}, {"", "http://localhost:" + port},
			} {
				p := Start(t, binary, "-db", "memory", "-addr", ":"+port, "-url", tt.public)
				path, ok := strings.CutPrefix(p.Values["base_url"], tt.root+"/")
				if !ok {
					t.Fatalf("-url %q: %v", tt.public, p.Values)
				}
				if settings, ok := p.Values["settings_url"]; ok && !strings.HasPrefix(settings, tt.root+"/") {
					t.Errorf("-url %q: settings_url %s", tt.public, settings)
				}
				local := "http://localhost:" + port + "/" + path + "/Users"
				_, body := Send(t, "POST", local, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x@example.test"}`, Bearer(p.Values["token"]))
				if !strings.Contains(body, `"location":"`+p.Values["base_url"]+`/Users/`) {
					t.Errorf("-url %q: %s", tt.public, body)
				}
				p.Stop()
			}
			for _, args := range [][]string{{"extra", "-db", "memory"}, {"-db", "memory", "extra"}, {"-db", "memory", "-url", "abc.example"}} {
				if out, err := exec.Command(binary, args...).CombinedOutput(); err == nil || !strings.Contains(string(out), name+": ") {
					t.Errorf("%q: %v %s", args, err, out)
				}
			}
		})
	}
}
