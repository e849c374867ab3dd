package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// routes are those of the pages: for administrators, but for what a user sees
// who has signed in. Nothing takes a change from the page of another site.
func (a *app) routes(settings http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.forAdmins(a.showUsers))
	mux.HandleFunc("POST /users", a.forAdmins(a.addUser))
	mux.HandleFunc("POST /users/{id}/session", a.forAdmins(a.openSession))
	mux.HandleFunc("GET /me", a.showMe)
	mux.HandleFunc("POST /me/sign-out", a.endSession)
	mux.HandleFunc("GET /style.css", host.ServeStyle)
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusForbidden, "The request came from another site and was refused.")
	}))
	all := http.NewServeMux()
	all.Handle("/", cross.Handler(mux))
	all.Handle(settingsPath, a.forAdmins(settings.ServeHTTP)) // sees to that itself
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		all.ServeHTTP(w, r)
	})
}

// forAdmins lets administrators through, by HTTP Basic (RFC 7617).
func (a *app) forAdmins(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		ok, err := a.isAdmin(r.Context(), name, password)
		switch {
		case err != nil:
			a.fail(w, r, err)
		case !ok:
			w.Header().Set("WWW-Authenticate", `Basic realm="Usersonly", charset="UTF-8"`)
			problem(w, http.StatusUnauthorized, "The name and the password of an administrator are needed.")
		default:
			next(w, r)
		}
	}
}

// fail answers an error that is nobody's fault who sent the request.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if errors.Is(err, scim.ErrUnavailable) || errors.Is(err, context.Canceled) {
		status = http.StatusServiceUnavailable
	}
	a.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	problem(w, status, "The request could not be served.")
}

// problem answers with a page that says what is wrong.
func problem(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	pages.ExecuteTemplate(w, "problem", text) // the client may have gone
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

// overview is what the page of users shows.
type overview struct {
	Settings       string
	Users          []row
	Email, Name    string // as they were entered
	Field, Problem string // what is wrong with them
}

// row is a user on the page.
type row struct {
	user
	Sessions int
}

// shown is how many users the page has; a real product turns pages.
const shown = 200

func (a *app) showUsers(w http.ResponseWriter, r *http.Request) {
	a.showUsersWith(w, r, http.StatusOK, overview{})
}

// showUsersWith shows the users and the form as o has it.
func (a *app) showUsersWith(w http.ResponseWriter, r *http.Request, status int, o overview) {
	o.Settings = settingsPath
	err := a.db.Read(r.Context(), func(tx *host.Tx) error {
		all, err := load(r.Context(), tx, `ORDER BY login_key LIMIT $1`, shown)
		for _, u := range all {
			x := row{user: u}
			err = errors.Join(err, tx.QueryRowContext(r.Context(), `SELECT count(*) FROM sessions WHERE user_id = $1`, u.ID).Scan(&x.Sessions))
			o.Users = append(o.Users, x)
		}
		return err
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.show(w, r, status, "users", o)
}

// addUser is how users come in without an identity provider, which then imports
// them.
func (a *app) addUser(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	o := overview{Email: r.PostFormValue("email"), Name: r.PostFormValue("name")}
	refuse := func(status int, field, text string) {
		o.Field, o.Problem = field, text
		a.showUsersWith(w, r, status, o)
	}
	switch {
	case !isEmail(o.Email):
		refuse(http.StatusBadRequest, "email", "An e-mail address is needed.")
		return
	case !isName(o.Name):
		refuse(http.StatusBadRequest, "name", "A name has up to 100 characters, and no control characters.")
		return
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	u := user{ID: rand.Text(), Login: o.Email, DisplayName: o.Name, Active: true,
		meta: scim.Meta{Created: now, LastModified: now, Version: rand.Text()}}
	err := a.db.Write(r.Context(), func(tx *host.Tx) error { return insert(r.Context(), tx, &u) })
	switch {
	case errors.Is(err, scim.ErrConflict):
		refuse(http.StatusConflict, "email", "There is a user with this e-mail address.")
	case err != nil:
		a.fail(w, r, err)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// isName tells whether s may be somebody's name, which may be missing.
func isName(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= 100 && !strings.ContainsFunc(s, unicode.IsControl)
}

const cookieName = "session"

// openSession signs an administrator in as a user. It stands for the product's
// own sign-in, so that one can see what deactivation does to it.
func (a *app) openSession(w http.ResponseWriter, r *http.Request) {
	cookie, err := a.signIn(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, scim.ErrNotFound):
		problem(w, http.StatusNotFound, "There is no active user of this id.")
	case err != nil:
		a.fail(w, r, err)
	default:
		a.setCookie(w, cookie)
		http.Redirect(w, r, "/me", http.StatusSeeOther)
	}
}

// setCookie sets the cookie of a session, or takes it back.
func (a *app) setCookie(w http.ResponseWriter, value string) {
	c := &http.Cookie{Name: cookieName, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(a.URL, "https:")}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// endSession signs a user out.
func (a *app) endSession(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		digest := sha256.Sum256([]byte(c.Value))
		err := a.db.Write(r.Context(), func(tx *host.Tx) error {
			_, err := tx.ExecContext(r.Context(), `DELETE FROM sessions WHERE cookie = $1`, digest[:])
			return err
		})
		if err != nil {
			a.fail(w, r, err)
			return
		}
	}
	a.setCookie(w, "")
	http.Redirect(w, r, "/me", http.StatusSeeOther)
}

// signIn opens a session for a user who is active, and gives the value of its
// cookie, of which only a digest is stored.
func (a *app) signIn(ctx context.Context, id string) (cookie string, err error) {
	cookie = rand.Text()
	digest := sha256.Sum256([]byte(cookie))
	err = a.db.Write(ctx, func(tx *host.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO sessions (cookie, user_id, created_at) SELECT $1, id, $2 FROM users WHERE id = $3 AND active`,
			digest[:], host.Micro(time.Now()), id)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(scim.ErrNotFound, err)
		}
		return nil
	})
	return cookie, err
}

// endSessions ends all sessions of a user.
func endSessions(ctx context.Context, tx *host.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1`, id)
	return err
}

// showMe shows a user who is signed in that this is so.
func (a *app) showMe(w http.ResponseWriter, r *http.Request) {
	var found []user
	if c, err := r.Cookie(cookieName); err == nil {
		digest := sha256.Sum256([]byte(c.Value))
		err := a.db.Read(r.Context(), func(tx *host.Tx) error {
			found, err = load(r.Context(), tx, `WHERE id = (SELECT user_id FROM sessions WHERE cookie = $1)`, digest[:])
			return err
		})
		if err != nil {
			a.fail(w, r, err)
			return
		}
	}
	if len(found) == 0 {
		// Not 401, at which browsers forget an administrator's password.
		a.show(w, r, http.StatusForbidden, "signed-out", nil)
		return
	}
	a.show(w, r, http.StatusOK, "me", &found[0])
}
