package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// shown is how many people and teams a page has; a real product turns pages.
const shown = 200

// overview is what the page of a tenant shows.
type overview struct {
	Tenant                  tenant
	Settings                string
	People                  []personRow
	Teams                   []team
	PeopleTotal, TeamsTotal int
}

type personRow struct {
	person
	Teams    string // their names
	Sessions int
}

func (a *app) overview(ctx context.Context, name string) (o overview, err error) {
	if o.Tenant, err = a.tenant(ctx, name); err != nil {
		return o, err
	}
	o.Settings = settingsPath(name)
	err = a.db.Read(ctx, func(tx *host.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM people WHERE tenant = $1), (SELECT count(*) FROM teams WHERE tenant = $1)`, name).
			Scan(&o.PeopleTotal, &o.TeamsTotal)
		if err != nil {
			return err
		}
		all, err := people{a.db, name}.load(ctx, tx, "tenant = $1 ORDER BY email_key LIMIT $2", name, shown)
		if err != nil {
			return err
		}
		for _, p := range all {
			row := personRow{person: p}
			err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM sessions WHERE tenant = $1 AND person_id = $2),
				(SELECT coalesce(string_agg(name, ', '), '') FROM teams JOIN team_members m USING (tenant) WHERE tenant = $1 AND id = m.team_id AND person_id = $2)`,
				name, p.ID).Scan(&row.Sessions, &row.Teams)
			if err != nil {
				return err
			}
			o.People = append(o.People, row)
		}
		o.Teams, err = loadTeams(ctx, tx, name, true, "tenant = $1 ORDER BY name_key LIMIT $2", name, shown)
		return err
	})
	return o, err
}

// showTenant shows the people and teams of a tenant.
func (a *app) showTenant(w http.ResponseWriter, r *http.Request) {
	o, err := a.overview(r.Context(), r.PathValue("tenant"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.show(w, r, http.StatusOK, "tenant", o)
}

// show writes a page, or nothing of it.
func (a *app) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	b.WriteTo(w) // the client may have gone
}

// problem answers with an error: the API in JSON, pages with a page.
func problem(w http.ResponseWriter, r *http.Request, status int, text string) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		answer(w, status, map[string]string{"error": text})
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	pages.ExecuteTemplate(w, "problem", text) // the client may have gone
}

// cookieName names the cookie of a session.
const cookieName = "session"

// setCookie sets the cookie of a tenant's sessions, or takes it back.
func (a *app) setCookie(w http.ResponseWriter, r *http.Request, value string) {
	c := &http.Cookie{Name: cookieName, Value: value, Path: "/app/" + r.PathValue("tenant") + "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(a.URL, "https:")}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// openSession signs an administrator in as a person. It stands for the product's
// own sign-in, so that one can see what deactivation does to it.
func (a *app) openSession(w http.ResponseWriter, r *http.Request) {
	cookie, err := a.signIn(r.Context(), r.PathValue("tenant"), r.PathValue("id"))
	switch {
	case errors.Is(err, scim.ErrNotFound):
		problem(w, r, http.StatusNotFound, "There is no active person of this id.")
	case err != nil:
		a.fail(w, r, err)
	default:
		a.setCookie(w, r, cookie)
		http.Redirect(w, r, "../../me", http.StatusSeeOther)
	}
}

// showMe shows a person who is signed in that this is so.
func (a *app) showMe(w http.ResponseWriter, r *http.Request) {
	var p *person
	if c, err := r.Cookie(cookieName); err == nil {
		if p, err = a.signedIn(r.Context(), r.PathValue("tenant"), c.Value); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	if p == nil {
		// Not 401, at which browsers forget an administrator's password.
		a.show(w, r, http.StatusForbidden, "signed-out", nil)
		return
	}
	a.show(w, r, http.StatusOK, "me", p)
}

func (a *app) endSession(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		if err := a.signOut(r.Context(), r.PathValue("tenant"), c.Value); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	a.setCookie(w, r, "")
	http.Redirect(w, r, "../me", http.StatusSeeOther)
}
