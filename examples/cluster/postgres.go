package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
)

// postgres is a PostgreSQL that runs for this process, on a socket of its own.
type postgres struct {
	bin, dir string
	socket   string // its folder; the whole path has 107 bytes at most
	cmd      *exec.Cmd
	ended    chan error
}

// startPostgres starts the PostgreSQL of this machine with its data in a folder,
// which it makes if there is none.
func startPostgres(ctx context.Context, dir string) (p *postgres, err error) {
	p = &postgres{ended: make(chan error, 1)}
	if p.bin, err = findPostgres(); err != nil {
		return nil, err
	}
	if p.dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if p.socket, err = os.MkdirTemp("", "pg"); err != nil {
		return nil, err
	}
	if err := errors.Join(os.MkdirAll(p.dir, 0o700), p.own(p.dir), p.own(p.socket)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.socket))
	}
	if err := p.begin(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.socket))
	}
	go func() { p.ended <- p.cmd.Wait() }()
	if err := p.ready(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// begin makes the data folder, if there is none, and starts the server.
func (p *postgres) begin() error {
	if _, err := os.Stat(filepath.Join(p.dir, "PG_VERSION")); err != nil {
		out, err := p.command("initdb", "-D", p.dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C").CombinedOutput()
		if err != nil {
			return fmt.Errorf("initdb: %w\n%s", err, out)
		}
	}
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = p.command("postgres", "-D", p.dir, "-k", p.socket, "-c", "listen_addresses=", "-c", "logging_collector=off")
	p.cmd.Stdout, p.cmd.Stderr = log, log
	return p.cmd.Start()
}

// findPostgres gives the folder of the programs: that of PATH, or where Debian
// has them.
func findPostgres() (string, error) {
	if name, err := exec.LookPath("postgres"); err == nil {
		if name, err = filepath.EvalSymlinks(name); err == nil {
			return filepath.Dir(name), nil
		}
	}
	names, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is right
	if len(names) == 0 {
		return "", errNoPostgres
	}
	return filepath.Dir(names[len(names)-1]), nil
}

var errNoPostgres = errors.New("there is no PostgreSQL on this machine (Debian: apt install postgresql); -db postgres://… names one elsewhere")

// command is a program of PostgreSQL, which does not run as root: then it is the
// user postgres, who comes with it. Signals of the terminal are for this process,
// which ends the nodes first.
func (p *postgres) command(name string, args ...string) *exec.Cmd {
	name = filepath.Join(p.bin, name)
	if os.Geteuid() == 0 {
		args = append([]string{"--reuid=postgres", "--regid=postgres", "--init-groups", "--", name}, args...)
		name = "setpriv"
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = p.socket
	ownGroup(cmd)
	return cmd
}

// own gives a folder to who runs PostgreSQL.
func (p *postgres) own(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("root needs a user postgres to run it: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return os.Chown(dir, uid, gid)
}

// URL is that of the database.
func (p *postgres) URL() string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {p.socket}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

// ready waits until it takes connections.
func (p *postgres) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		db, err := host.Open(ctx, p.URL())
		if err == nil {
			return db.Close()
		}
		select {
		case end := <-p.ended:
			p.ended <- end
			return fmt.Errorf("PostgreSQL does not start, see %s: %w", filepath.Join(p.dir, "log"), end)
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL is not ready: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Close stops it; the data stays.
func (p *postgres) Close() error {
	err := p.cmd.Process.Signal(syscall.SIGINT)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	end := <-p.ended
	return errors.Join(err, end, os.RemoveAll(p.socket))
}
