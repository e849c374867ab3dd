package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/internal/idptest"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestIdentityProviders replays what identity providers send: without a single
// option, but for the cases that say they need one.
func TestIdentityProviders(t *testing.T) {
	stores := map[string]func(t *testing.T) store{
		"sqlstore": func(t *testing.T) store {
			db, err := host.Open(t.Context(), exampletest.DB(t, "memory"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			s, err := sqlstore.Open(t.Context(), db.DB, db.Dialect, sqlstore.Options{Types: []*schema.ResourceType{users, groups}})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		"memstore": func(*testing.T) store { return memstore.New(memstore.Options{}) },
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			idptest.Run(t, nil, func(t *testing.T, tolerance *scim.Tolerance) (string, string) {
				h, err := newHandler(open(t), scim.StaticToken("idp-token"), "", tolerance, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				srv := httptest.NewServer(h)
				t.Cleanup(srv.Close)
				return srv.URL + "/scim/v2", "idp-token"
			})
		})
	}
}

// call sends a request and gives the status and the body of the answer.
func call(t *testing.T, method, url, token, body string) (int, string) {
	t.Helper()
	resp, text := exampletest.Send(t, method, url, body, exampletest.Bearer(token), exampletest.SCIM)
	return resp.StatusCode, text
}

// TestRun starts the server as a user does, again and again: it prints what a
// client needs, serves, ends when it is told to, and what was stored is there
// after that, and the tokens that were printed before.
func TestRun(t *testing.T) {
	binary, db := exampletest.Build(t, "quickstart"), exampletest.DB(t, filepath.Join(t.TempDir(), "q.db"))
	var tokens []string
	for i, args := range [][]string{nil, nil, {"-token", "fixed"}} {
		p := exampletest.Start(t, binary, append(args, "-db", db)...)
		base := p.Values["base_url"]
		if !strings.HasPrefix(base, "http://127.0.0.1:") || len(p.Values) != 2 {
			t.Fatalf("output = %v", p.Values)
		}
		tokens = append(tokens, p.Values["token"])
		if i == 0 {
			status, body := call(t, "POST", base+"/Users", tokens[0], `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira@example.test"}`)
			if status != http.StatusCreated {
				t.Fatalf("POST /Users = %d %s", status, body)
			}
		}
		for _, token := range tokens {
			status, body := call(t, "GET", base+"/Users?filter=userName+eq+%22MIRA@example.test%22", token, "")
			if status != http.StatusOK || !strings.Contains(body, `"totalResults":1`) {
				t.Errorf("start %d: GET /Users = %d %s", i+1, status, body)
			}
		}
		p.Stop()
	}
	if tokens[0] == tokens[1] || tokens[2] != "fixed" {
		t.Errorf("the tokens are %q", tokens)
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-db", "postgres://127.0.0.1:1/x"}, {"-db", "memory", "-addr", "no such address"}, {"-nonsense"}, {"-db", t.TempDir()}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
}
