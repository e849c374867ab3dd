package tables

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqlschema"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// nextVersion is a migration such as there may be: nodes that do not know it go
// on working.
var nextVersion = sqlschema.Migration{Name: "next", SQL: `
ALTER TABLE {p}tokens ADD COLUMN note {text} NOT NULL DEFAULT '';
ALTER TABLE {p}resources ADD COLUMN note {text} NOT NULL DEFAULT '';
CREATE TABLE {p}notes (
	tenant {text} NOT NULL,
	id     {text} NOT NULL,
	PRIMARY KEY (tenant, id)
){strict};
CREATE INDEX {p}tokens_note ON {p}tokens (tenant, note);
`}

// badVersion is one such as there may not be.
var badVersion = sqlschema.Migration{Name: "bad", SQL: "ALTER TABLE {p}tokens RENAME COLUMN last_four TO ending;\n"}

func init() {
	nodes["serve"] = serve
	nodes["serve next"] = func(args []string) error {
		sqlschema.Migrations = append(sqlschema.Migrations, nextVersion)
		return serve(args)
	}
	nodes["serve bad"] = func(args []string) error {
		sqlschema.Migrations = append(sqlschema.Migrations, badVersion)
		return serve(args)
	}
}

// serve makes tokens and users until its input ends, and writes a line for each
// that was stored.
func serve(args []string) error {
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	ctx := context.Background()
	users := schema.UserType()
	db, s, err := engineOf(args[0]).open(ctx, args[1], sqlstore.Options{Types: []*schema.ResourceType{users}})
	if err != nil {
		return err
	}
	defer db.Close()
	handler, err := s.ForTenant(users)(ctx, "acme")
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		select {
		case <-ended:
			return nil
		default:
		}
		id := fmt.Sprintf("%s%09d", args[2], n)
		if err := write(ctx, s, handler, users, id); err != nil {
			return err
		}
		fmt.Println(id)
	}
}

// write makes a token and a user and reads them again.
func write(ctx context.Context, s *sqlstore.Store, h scim.ResourceHandler, users *schema.ResourceType, id string) error {
	// A tenant for each few, so that a change does not read a thousand tokens.
	tenant := id[:len(id)-1]
	if err := add(ctx, s.Tokens(), tenant, id); err != nil {
		return err
	}
	if err := s.Tokens().Touch(ctx, id, time.Unix(2, 0)); err != nil {
		return err
	}
	if _, _, err := s.Tokens().Find(ctx, id); err != nil {
		return err
	}
	r, err := scim.NewResource(users, scim.User{UserName: id})
	if err != nil {
		return err
	}
	if err := h.Create(ctx, r); err != nil {
		return err
	}
	_, err = h.Update(ctx, r.ID(), func(r *scim.Resource) error { return r.Set("displayName", id) })
	return err
}

// server is a process that serves.
type server struct {
	cmd    *exec.Cmd
	input  io.Closer
	stderr strings.Builder
	done   chan struct{}
	stored atomic.Int64
	grown  chan struct{} // has a value when there was more than one more
}

func started(t *testing.T, name string, args ...string) *server {
	t.Helper()
	s := &server{cmd: node(name, args...), done: make(chan struct{}), grown: make(chan struct{}, 1)}
	input, err := s.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.input, s.cmd.Stderr = input, &s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			s.stored.Add(1)
			select {
			case s.grown <- struct{}{}:
			default:
			}
		}
	}()
	return s
}

// more waits until the server has stored n more, or has ended.
func (s *server) more(n int64) {
	for goal := s.stored.Load() + n; s.stored.Load() < goal; {
		select {
		case <-s.grown:
		case <-s.done:
			return
		}
	}
}

// end ends the server, and gives what went wrong.
func (s *server) end() error {
	s.input.Close()
	<-s.done
	return errors.Join(s.cmd.Wait(), text([]byte(s.stderr.String())))
}

// TestRollingUpgrade: while nodes of one version serve, one of the next migrates
// and serves too. There is no error and nothing is lost.
func TestRollingUpgrade(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		for _, tt := range []struct {
			next string
			bad  bool // the control
		}{{"serve next", false}, {"serve bad", true}} {
			source := e.source(t)
			db, _ := e.opened(t, source)
			all := []*server{started(t, "serve", e.name, source, "O1_"), started(t, "serve", e.name, source, "O2_")}
			for _, s := range all {
				s.more(10)
			}
			all = append(all, started(t, tt.next, e.name, source, "N1_"))
			all[2].more(10)
			for _, s := range all[:2] {
				s.more(10)
			}
			var wg sync.WaitGroup
			errs := make([]error, len(all))
			for i, s := range all {
				wg.Go(func() { errs[i] = s.end() })
			}
			wg.Wait()
			if err := errors.Join(errs...); (err != nil) != tt.bad {
				t.Errorf("%s: %v", tt.next, err)
			}
			if tt.bad {
				continue
			}
			var stored int64
			for _, s := range all {
				stored += s.stored.Load()
			}
			var tokens, touched, events, users int64
			err := db.QueryRow(`SELECT (SELECT count(*) FROM scim_tokens), (SELECT count(*) FROM scim_tokens WHERE last_used_at = 2000000),
				(SELECT count(*) FROM scim_token_events), (SELECT count(*) FROM scim_resources)`).Scan(&tokens, &touched, &events, &users)
			if err != nil || tokens != stored || touched != stored || events != stored || users != stored {
				t.Errorf("%d tokens, %d touched, %d events, %d users, %v; want %d", tokens, touched, events, users, err, stored)
			}
			if got, want := versions(t, db, "scim_"), allVersions()+fmt.Sprintf(", %d next", len(sqlschema.Migrations)+1); got != want {
				t.Errorf("versions %s, want %s", got, want)
			}
		}
	})
}
