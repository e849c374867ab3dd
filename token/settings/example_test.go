package settings_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
	"github.com/scimkit/scimkit/token/settings"
)

// session is what a host knows of who is signed in.
type session struct {
	Tenant, Email string
	Admin         bool
}

type sessionStore struct{}

func (sessionStore) From(r *http.Request) (session, bool) {
	_, err := r.Cookie("session")
	return session{"acme", "mira@acme.example", true}, err == nil
}

func Example() {
	var sessions sessionStore
	mux := http.NewServeMux()
	tokens, err := token.New(token.NewMemoryStore(), token.Options{Prefix: "acmescim"})
	if err != nil {
		panic(err)
	}

	requests := requestlog.NewMemory(requestlog.Options{}) // Hook(requests) is scim.Config.OnRequest
	page, err := settings.New(settings.Options{
		Manager:  tokens,
		Requests: requests,
		BaseURL:  "https://api.example.com/scim/v2/{tenant}",
		Product:  "Lumen",
		Authorize: func(r *http.Request) (settings.Access, error) {
			s, ok := sessions.From(r) // the host's own
			if !ok {
				return settings.Access{}, settings.ErrUnauthenticated
			}
			return settings.Access{Tenant: s.Tenant, Actor: s.Email, Read: true, Write: s.Admin}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	mux.Handle("/settings/scim/", http.StripPrefix("/settings/scim", page))

	for _, cookie := range []string{"", "session=1"} {
		r := httptest.NewRequest("GET", "/settings/scim/", nil)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 401 text/html; charset=utf-8
	// 200 text/html; charset=utf-8
}
