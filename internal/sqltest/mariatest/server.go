package mariatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/go-sql-driver/mysql"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// server is a MariaDB with a data folder and a socket of its own, and no TCP
// port. It keeps nothing when the machine stops.
type server struct{ *daemon.Daemon }

// program is mariadbd, and where Debian and its kind have it, in nobody's PATH
// but root's.
var program = []string{"mariadbd", "/usr/sbin/mariadbd"}

// findTools gives the server and the program that makes its data folder.
func findTools() (mariadbd, install string, err error) {
	for _, name := range program {
		if mariadbd, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err == nil {
		mariadbd, err = filepath.EvalSymlinks(mariadbd)
	}
	install = filepath.Join(filepath.Dir(mariadbd), "../bin/mariadb-install-db")
	if err == nil {
		_, err = os.Stat(install)
	}
	if err != nil {
		err = fmt.Errorf("%w: MariaDB (Debian: apt install mariadb-server); "+elsewhere, daemon.ErrAbsent)
	}
	return mariadbd, install, err
}

const elsewhere = "SCIMKIT_MARIADB=<dsn> names one elsewhere"

// newServer makes a data folder and starts a server in it.
func newServer() (*server, error) {
	mariadbd, install, err := findTools()
	if err != nil {
		return nil, err
	}
	account, err := daemon.AccountOf("mysql", "nobody")
	if err != nil {
		return nil, fmt.Errorf("%w; "+elsewhere, err)
	}
	d, err := daemon.New("MariaDB", account)
	if err != nil {
		return nil, err
	}
	s := &server{d}
	data := "--datadir=" + filepath.Join(s.Dir, "data")
	err = s.Run(install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db")
	if err == nil {
		err = s.begin(mariadbd, data)
	}
	if err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

func (s *server) socket() string { return filepath.Join(s.Dir, "socket") }

func (s *server) dsn() string { return "root@unix(" + s.socket() + ")/" }

// begin starts the server and waits until it takes connections.
func (s *server) begin(mariadbd, data string) error {
	config, err := mysql.ParseDSN(s.dsn())
	if err != nil {
		return err
	}
	config.Logger = &mysql.NopLogger{} // it says that there is no socket yet
	db, err := connect(config)
	if err != nil {
		return err
	}
	defer db.Close()
	return s.Start(db.PingContext, mariadbd, "--no-defaults", data, "--socket="+s.socket(),
		"--pid-file="+filepath.Join(s.Dir, "pid"), "--skip-networking", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0")
}
