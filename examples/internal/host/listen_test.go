package host

import (
	"flag"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		args []string
		ok   bool
	}{
		{nil, true}, {[]string{"-a", "x"}, true}, {[]string{"-a", "x", "--"}, true},
		{[]string{"extra"}, false}, {[]string{"extra", "-a", "x"}, false}, {[]string{"-a", "x", "extra"}, false}, {[]string{"-b"}, false},
	} {
		flags := flag.NewFlagSet("x", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.String("a", "", "")
		if err := Parse(flags, tt.args); (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.args, err)
		}
	}
}

// TestListen: what is printed can be reached, or is what the user has said.
func TestListen(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", ":0", "0.0.0.0:0", "[::]:0"} {
		l, root, err := Listen(addr, "")
		if err != nil {
			t.Fatal(err)
		}
		go http.Serve(l, http.NotFoundHandler())
		if resp, err := http.Get(root); err != nil {
			t.Errorf("%s: %v", addr, err)
		} else {
			resp.Body.Close()
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		if all := !strings.Contains(addr, "127") && addr != "localhost:0"; all && root != "http://localhost:"+port {
			t.Errorf("%s: %s", addr, root)
		}
		l.Close()
	}
	for public, want := range map[string]string{
		"https://abc.example": "https://abc.example", "https://abc.example/": "https://abc.example", "http://abc.example:8443": "http://abc.example:8443",
		"abc.example": "", "https://": "", "https:///x": "", "https://abc.example/x": "", "https://abc.example?x": "", "https://abc.example?": "",
		"https://abc.example#x": "", "https://u@abc.example": "", "ftp://abc.example": "", "https://:443": "", "/": "", "https://abc.example//": "",
	} {
		l, root, err := Listen("127.0.0.1:0", public)
		if root != want || (err == nil) != (want != "") {
			t.Errorf("-url %q: %q, %v", public, root, err)
		}
		if l != nil {
			l.Close()
		}
	}
}
