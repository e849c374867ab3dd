// Package blocks counts what PostgreSQL touches to answer statements: the pages of
// tables and indexes. Unlike a plan, and unlike time, that shows how the work grows.
package blocks

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// A Meter sees all statements on the connections of a source.
type Meter struct {
	mu         sync.Mutex
	statements []Statement
}

// A Statement is one that was executed, with the pages that it touched and how
// PostgreSQL went about it. Those that foreign keys make are statements, too.
type Statement struct {
	Text  string
	Pages int
	Plan  string
}

// Source gives the name by which the driver "pgx" opens a database so that the
// meter sees what it executes. The user of the URL is a superuser.
func Source(t testing.TB, url string) (name string, m *Meter) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	for setting, value := range map[string]string{"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
		"auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on", "auto_explain.log_timing": "off", "auto_explain.log_format": "json",
		"auto_explain.log_level": "notice", "auto_explain.log_nested_statements": "on"} {
		config.RuntimeParams[setting] = value
	}
	m = &Meter{}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { m.note(n.Message) }
	name = stdlib.RegisterConnConfig(config)
	t.Cleanup(func() { stdlib.UnregisterConnConfig(name) })
	return name, m
}

func (m *Meter) note(message string) {
	_, text, ok := strings.Cut(message, "plan:\n")
	if !ok {
		return
	}
	var found struct {
		Text string `json:"Query Text"`
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		found.Text = err.Error() + ": " + message
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.statements = append(m.statements, Statement{found.Text, found.Plan.Hit + found.Plan.Read, text})
}

// Take gives the statements since the last call.
func (m *Meter) Take() []Statement {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.statements
	m.statements = nil
	return list
}

// Pages is how many all of them touch.
func Pages(list []Statement) (n int) {
	for _, s := range list {
		n += s.Pages
	}
	return n
}
