package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/examples/internal/host"
)

// tables are the application's, as it had them before SCIM.
const tables = `
CREATE TABLE IF NOT EXISTS users (
	id          {id},
	email       TEXT NOT NULL,
	first_name  TEXT NOT NULL,
	last_name   TEXT NOT NULL,
	disabled_at TIMESTAMP, -- NULL: may sign in
	plan        TEXT NOT NULL DEFAULT 'free'
);
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON users (lower(email));

CREATE TABLE IF NOT EXISTS teams (
	id   {id},
	name TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS teams_name ON teams (lower(name));

CREATE TABLE IF NOT EXISTS team_members (
	team_id BIGINT NOT NULL REFERENCES teams (id),
	user_id BIGINT NOT NULL REFERENCES users (id),
	PRIMARY KEY (team_id, user_id)
);
CREATE INDEX IF NOT EXISTS team_members_user ON team_members (user_id);
`

var (
	firstNames = []string{"Ada", "Bela", "Chidi", "Dana", "Emre", "Fadila", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lea", "Mira"}
	lastNames  = []string{"Abel", "Brandt", "Costa", "Diallo", "Ek", "Fischer", "García", "Holt", "Ito", "Jansen", "Keller", "Lund", "Moreau", "Novak", "Okafor", "Park", "Quist"}
	plans      = []string{"free", "free", "team", "free", "pro"}
	subjects   = []string{"Sales", "Support", "Design", "Billing", "Search", "Mobile"}
	cities     = []string{"Berlin", "Lagos", "Lima", "Oslo", "Pune", "Seoul", "Turin"}
)

// The companies whose people use the application.
const (
	company = "@acme.example"
	partner = "@partner.example"
)

// seed fills a new database: people, always the same, and teams with some of them.
func seed(ctx context.Context, db *host.DB, people int) error {
	return db.Write(ctx, func(tx *host.Tx) error {
		var there int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&there); err != nil || there > 0 {
			return err
		}
		var rows [][]any
		for i := range people {
			first, last := firstNames[i%len(firstNames)], lastNames[i/len(firstNames)%len(lastNames)]
			at, disabled := company, any(nil)
			if i%10 == 9 {
				at = partner
			}
			if i%25 == 24 {
				disabled = "2026-03-02 09:00:00"
			}
			email := strings.ToLower(fmt.Sprintf("%s.%s.%d", first, strings.ReplaceAll(last, "í", "i"), i+1)) + at
			rows = append(rows, []any{email, first, last, disabled, plans[i%len(plans)]})
		}
		if err := insert(ctx, tx, "users (email, first_name, last_name, disabled_at, plan)", rows); err != nil {
			return err
		}
		rows = nil
		for _, city := range cities {
			for _, subject := range subjects {
				rows = append(rows, []any{subject + " " + city})
			}
		}
		if err := insert(ctx, tx, "teams (name)", rows); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO team_members SELECT t.id, u.id FROM teams t JOIN users u ON (u.id + t.id * 7) % 97 = 0`)
		return err
	})
}

// insert makes rows, many with one statement.
func insert(ctx context.Context, tx *host.Tx, into string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), 500)
		var tuples []string
		var args []any
		for _, row := range rows[:n] {
			var marks []string
			for _, v := range row {
				args = append(args, v)
				marks = append(marks, fmt.Sprintf("$%d", len(args)))
			}
			tuples = append(tuples, "("+strings.Join(marks, ", ")+")")
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+into+" VALUES "+strings.Join(tuples, ", "), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
