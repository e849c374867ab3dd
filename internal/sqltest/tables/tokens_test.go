package tables

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/tokentest"
)

func TestTokens(t *testing.T) {
	for _, e := range append([]engine{memory, serializable}, engines...) {
		t.Run(e.name, func(t *testing.T) {
			tokentest.Run(t, func(t *testing.T) token.Store {
				_, s := e.opened(t, e.source(t))
				return s.Tokens()
			})
		})
	}
}

// TestSerializable: the engine of that name is what it is called.
func TestSerializable(t *testing.T) {
	db, _ := serializable.opened(t, serializable.source(t))
	var level string
	if err := db.QueryRow(`SHOW transaction_isolation`).Scan(&level); err != nil || level != "serializable" {
		t.Errorf("%q, %v", level, err)
	}
}

// turns is a store whose calls go to one node after the other.
type turns struct {
	nodes []token.Store
	n     atomic.Int64
}

func (s *turns) next() token.Store { return s.nodes[int(s.n.Add(1))%len(s.nodes)] }

func (s *turns) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	return s.next().Find(ctx, id)
}
func (s *turns) Tenant(ctx context.Context, tenant string) (token.Tenant, error) {
	return s.next().Tenant(ctx, tenant)
}
func (s *turns) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	return s.next().Update(ctx, tenant, edit)
}
func (s *turns) Touch(ctx context.Context, id string, at time.Time) error {
	return s.next().Touch(ctx, id, at)
}
func (s *turns) Events(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
	return s.next().Events(ctx, tenant, before, limit)
}

// TestTokensOfTwoNodes: two pools on one database are one store.
func TestTokensOfTwoNodes(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		tokentest.Run(t, func(t *testing.T) token.Store {
			source := e.source(t)
			_, a := e.opened(t, source)
			_, b := e.opened(t, source)
			return &turns{nodes: []token.Store{a.Tokens(), b.Tokens()}}
		})
	})
}

func add(ctx context.Context, s token.Store, tenant, id string) error {
	return s.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) {
		t.Tokens = append(t.Tokens, token.Token{ID: id, Digest: []byte{1}})
		return []token.Event{{Time: time.Unix(1, 0), Actor: "mira", Action: "token.generated", Token: id}}, nil
	})
}

func init() {
	nodes["add tokens"] = func(args []string) error {
		ctx := context.Background()
		_, s, err := engineOf(args[0]).open(ctx, args[1], sqlstore.Options{})
		for i := 0; i < 25 && err == nil; i++ {
			id := fmt.Sprintf("%s%010d", args[2], i)
			err = errors.Join(add(ctx, s.Tokens(), "acme", id), s.Tokens().Touch(ctx, id, time.Unix(2, 0)))
		}
		return err
	}
}

// TestTokensOfFourProcesses: nodes that start at once on an empty database lose
// no change of one tenant.
func TestTokensOfFourProcesses(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		source := e.source(t)
		var running []*exec.Cmd
		outputs := make([]strings.Builder, 4)
		for i := range outputs {
			cmd := node("add tokens", e.name, source, fmt.Sprintf("N%d", i))
			cmd.Stderr = &outputs[i]
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			running = append(running, cmd)
		}
		for i, cmd := range running {
			if err := cmd.Wait(); err != nil {
				t.Errorf("node %d: %v: %s", i, err, outputs[i].String())
			}
		}
		_, s := e.opened(t, source)
		acme, err := s.Tokens().Tenant(t.Context(), "acme")
		if err != nil || len(acme.Tokens) != 100 {
			t.Errorf("%d tokens, %v; want 100", len(acme.Tokens), err)
		}
		for _, tok := range acme.Tokens {
			if !tok.LastUsedAt.Equal(time.Unix(2, 0)) {
				t.Errorf("%s was last used at %v", tok.ID, tok.LastUsedAt)
			}
		}
		events, err := s.Tokens().Events(t.Context(), "acme", 0, 1000)
		if err != nil || len(events) != 100 || events[0].Seq != 100 {
			t.Errorf("%d events, %v; want 100", len(events), err)
		}
	})
}

// TestTokenStatements: what every request costs, whatever there is.
func TestTokenStatements(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db, seen := spy.Open(t, e.driver, e.source(t))
		store, err := sqlstore.Open(ctx, db, e.dialect, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := store.Tokens()
		for i := range 20 {
			if err := add(ctx, s, "acme", fmt.Sprintf("Id%010d", i)); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			name string
			most int
			run  func() error
		}{
			{"Find", 1, func() error { _, _, err := s.Find(ctx, "Id0000000003"); return err }},
			{"Touch", 1, func() error { return s.Touch(ctx, "Id0000000003", time.Unix(5, 0)) }},
			{"Tenant", 1, func() error { _, err := s.Tenant(ctx, "acme"); return err }},
			{"Events", 1, func() error { _, err := s.Events(ctx, "acme", 0, 10); return err }},
			{"Update, one token more", 5, func() error { return add(ctx, s, "acme", "IdOneMore0000") }},
			{"Update, settings", 3, func() error {
				return s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) { t.Paused = true; return nil, nil })
			}},
		} {
			seen.Statements()
			if err := tt.run(); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			list := seen.Statements()
			n := 0
			for _, text := range list {
				if word, _, _ := strings.Cut(text, " "); word != "BEGIN" && word != "COMMIT" && word != "PRAGMA" && !strings.HasSuffix(text, "BEGIN IMMEDIATE") {
					n++
				}
			}
			if n != tt.most {
				t.Errorf("%s: %d statements, want %d: %q", tt.name, n, tt.most, list)
			}
			if e.name == "PostgreSQL" && strings.HasPrefix(tt.name, "T") && len(list) != 1 {
				t.Errorf("%s: %q, want one statement and no transaction", tt.name, list)
			}
		}
	})
}

// errLost is what a driver says of a connection that is gone.
var errLost = fmt.Errorf("test: %w", driver.ErrBadConn)

// loseCommit has the first COMMIT lose its connection, and runs meanwhile before the
// node looks what became of it.
func loseCommit(seen *spy.Spy, meanwhile func() error) func(statement string) error {
	return func(statement string) error {
		if statement != "COMMIT" {
			return nil
		}
		seen.Fail(func(statement string) error {
			if statement != "BEGIN" {
				return nil
			}
			seen.Fail(nil, nil)
			return meanwhile()
		}, nil)
		return errLost
	}
}

// TestTokensLostCommit: where a COMMIT has no answer, the change is stored once,
// or the answer is 503.
func TestTokensLostCommit(t *testing.T) {
	ctx, e := t.Context(), engineOf("PostgreSQL")
	for _, tt := range []struct {
		name  string
		after bool // it was stored
		more  int  // changes of another node before this one looks
		want  string
		err   bool
	}{
		{"stored", true, 0, "[Mine00000000]", false},
		{"not stored", false, 0, "[Mine00000000]", false},
		{"stored, and another change", true, 1, "[Mine00000000 Other0000000]", true},
		{"not stored, and another change", false, 1, "[Other0000000]", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source := e.source(t)
			_, other := e.opened(t, source)
			db, seen := spy.Open(t, e.driver, source)
			s, err := sqlstore.Open(ctx, db, e.dialect, sqlstore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			lose := loseCommit(seen, func() error {
				if tt.more == 0 {
					return nil
				}
				return add(ctx, other.Tokens(), "acme", "Other0000000")
			})
			if tt.after {
				seen.Fail(nil, lose)
			} else {
				seen.Fail(lose, nil)
			}
			err = add(ctx, s.Tokens(), "acme", "Mine00000000")
			if (err != nil) != tt.err || tt.err && !errors.Is(err, scim.ErrUnavailable) {
				t.Errorf("Update = %v", err)
			}
			acme, err := other.Tokens().Tenant(ctx, "acme")
			var got []string
			for _, tok := range acme.Tokens {
				got = append(got, tok.ID)
			}
			if fmt.Sprint(got) != tt.want || err != nil {
				t.Errorf("tokens %v, %v; want %s", got, err, tt.want)
			}
		})
	}
}
