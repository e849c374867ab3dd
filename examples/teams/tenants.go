package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"net/http"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// sales is whom tenants ask that do not have SCIM in their plan.
const sales = "sales@teams.example"

// demoTenant is the tenant that has.
const demoTenant = "acme"

// An admin of a tenant.
type admin struct{ Tenant, Name, Password string }

// seed makes the two tenants that are there from the start, and gives their
// administrators new passwords. SCIM is switched on once, where it is part of
// the plan, before the tenant is there: who switches it off finds it off after
// the next start, and a start that ends between the two leaves it to the next.
func (a *app) seed(ctx context.Context) ([]admin, error) {
	admins := []admin{
		{demoTenant, "mira@acme.example", rand.Text()},
		{"globex", "jonas@globex.example", rand.Text()},
	}
	_, err := a.tenant(ctx, demoTenant)
	if errors.Is(err, sql.ErrNoRows) {
		err = a.tokens.SetEnabled(ctx, demoTenant, true, host.System)
	}
	if err != nil {
		return nil, err
	}
	return admins, a.db.Write(ctx, func(tx *host.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO tenants (tenant, title, entitled)
			VALUES ($1, 'Acme', TRUE), ('globex', 'Globex', FALSE) ON CONFLICT DO NOTHING`, demoTenant)
		if err != nil {
			return err
		}
		for _, m := range admins {
			if err := setAdmin(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// setAdmin stores an administrator. Passwords are random and long; those that
// people choose need a slow hash.
func setAdmin(ctx context.Context, tx *host.Tx, m admin) error {
	digest := sha256.Sum256([]byte(m.Password))
	_, err := tx.ExecContext(ctx, `INSERT INTO admins (tenant, name, password) VALUES ($1, $2, $3)
		ON CONFLICT (tenant, name) DO UPDATE SET password = excluded.password`, m.Tenant, m.Name, digest[:])
	return err
}

// isAdmin tells whether this is the password of an administrator of the tenant.
func (a *app) isAdmin(ctx context.Context, tenant, name, password string) (bool, error) {
	got := sha256.Sum256([]byte(password))
	var want []byte
	err := a.db.Read(ctx, func(tx *host.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT password FROM admins WHERE tenant = $1 AND name = $2`, tenant, name).Scan(&want)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return subtle.ConstantTimeCompare(got[:], want) == 1, err
}

// forAdmins lets administrators of the tenant in the path through, by HTTP Basic
// (RFC 7617). A tenant that there is not has none, and answers like one that
// has others.
func (a *app) forAdmins(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		ok, err := a.isAdmin(r.Context(), r.PathValue("tenant"), name, password)
		switch {
		case err != nil:
			a.fail(w, r, err)
		case !ok:
			w.Header().Set("WWW-Authenticate", `Basic realm="Teams", charset="UTF-8"`)
			problem(w, r, http.StatusUnauthorized, "The name and the password of an administrator are needed.")
		default:
			next(w, r)
		}
	}
}

// actor names the administrator of a request in logs of what was done.
func actor(r *http.Request) string {
	name, _, _ := r.BasicAuth()
	return name
}

// tenant is what is known of a tenant.
type tenant struct {
	Name, Title string
	Entitled    bool
}

func (a *app) tenant(ctx context.Context, name string) (t tenant, err error) {
	err = a.db.Read(ctx, func(tx *host.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT tenant, title, entitled FROM tenants WHERE tenant = $1`, name).Scan(&t.Name, &t.Title, &t.Entitled)
	})
	return t, err
}

// entitled is token.Options.Entitled.
func (a *app) entitled(ctx context.Context, name string) (ok bool, ask string, err error) {
	t, err := a.tenant(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return t.Entitled, sales, err
}

// fail answers an error that is nobody's fault who sent the request.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if errors.Is(err, scim.ErrUnavailable) || errors.Is(err, context.Canceled) {
		status = http.StatusServiceUnavailable
	}
	a.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	problem(w, r, status, "The request could not be served.")
}
