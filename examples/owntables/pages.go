package main

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"strconv"

	"github.com/scimkit/scimkit/examples/internal/host"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// shown is how many rows a page has.
const shown = 100

// person and team are rows of the pages.
type (
	person struct {
		ID                               int64
		Email, FirstName, LastName, Plan string
		Disabled                         bool
		Teams                            int
	}
	team struct {
		ID      int64
		Name    string
		Members int
	}
	list struct {
		People          []person
		Teams           []team
		Total, From, To int
		Earlier, Later  int // numbers of pages, 0 for none
	}
)

func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.forAdmins(a.page("people", a.people)))
	mux.HandleFunc("GET /teams", a.forAdmins(a.page("teams", a.teams)))
	mux.HandleFunc("GET /style.css", host.ServeStyle)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// page shows what load gives from the row number from on.
func (a *app) page(name string, load func(ctx context.Context, tx *host.Tx, from int, l *list) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("page"))
		n = min(max(n, 1), 1_000_000)
		l := list{From: (n-1)*shown + 1}
		err := a.db.Read(r.Context(), func(tx *host.Tx) error { return load(r.Context(), tx, l.From-1, &l) })
		var b bytes.Buffer
		if err == nil {
			l.To = l.From + len(l.People) + len(l.Teams) - 1
			if n > 1 {
				l.Earlier = n - 1
			}
			if l.To < l.Total {
				l.Later = n + 1
			}
			err = pages.ExecuteTemplate(&b, name, l)
		}
		if err != nil {
			a.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
			http.Error(w, "The request could not be served.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		b.WriteTo(w) // the client may have gone
	}
}

func (a *app) people(ctx context.Context, tx *host.Tx, from int, l *list) error {
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&l.Total); err != nil {
		return err
	}
	return tx.Rows(ctx, func(scan func(...any) error) error {
		var p person
		err := scan(&p.ID, &p.Email, &p.FirstName, &p.LastName, &p.Plan, &p.Disabled, &p.Teams)
		l.People = append(l.People, p)
		return err
	}, `SELECT id, email, first_name, last_name, plan, disabled_at IS NOT NULL, (SELECT count(*) FROM team_members WHERE user_id = id)
		FROM users ORDER BY id LIMIT $1 OFFSET $2`, shown, from)
}

func (a *app) teams(ctx context.Context, tx *host.Tx, from int, l *list) error {
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM teams`).Scan(&l.Total); err != nil {
		return err
	}
	return tx.Rows(ctx, func(scan func(...any) error) error {
		var t team
		err := scan(&t.ID, &t.Name, &t.Members)
		l.Teams = append(l.Teams, t)
		return err
	}, `SELECT id, name, (SELECT count(*) FROM team_members WHERE team_id = id) FROM teams ORDER BY id LIMIT $1 OFFSET $2`, shown, from)
}
