package token_test

import (
	"bytes"
	"context"
	"encoding/json"

	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// leaky fails and panics with all that it was given.
type leaky struct {
	token.Store
	mode func() string
}

func (l *leaky) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	switch l.mode() {
	case "error":
		return token.Token{}, token.Settings{}, fmt.Errorf("SELECT failed for %q", id)
	case "panic":
		panic(fmt.Sprintf("Find(%q)", id))
	}
	return l.Store.Find(ctx, id)
}

func (l *leaky) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	return l.Store.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) {
		events, err := edit(t)
		if l.mode() == "error" {
			err = fmt.Errorf("INSERT failed: %+v %+v", t, events)
		}
		return events, err
	})
}

// TestTaint is S8: secrets go through the whole server in every way there is,
// and never come out: not in answers, logs, errors, events, panics, the request
// log, nor in what is stored.
func TestTaint(t *testing.T) {
	const password, literal, pepper = "Hunter2-password", "Ivory-filter-literal", "Pepper-of-the-key-0123456789abcdef"
	var out lockedBuffer
	mode := ""
	store := &leaky{Store: token.NewMemoryStore(), mode: func() string { return mode }}
	recent := requestlog.NewMemory(requestlog.Options{})
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := newService(t, store, token.Options{
		Keys: []token.Key{token.NewKey("k1", []byte(pepper))}, CacheTTL: -1, Logger: logger, MaxTokens: 3,
		OnEvent: func(_ context.Context, e token.Event) { fmt.Fprintf(&out, "%+v %#v", e, e) },
	}, func(c *scim.Config) {
		c.Logger, c.OnRequest = logger, requestlog.Hook(recent)
		c.OnQuirk = func(_ context.Context, q scim.Quirk) { fmt.Fprintln(&out, q) }
		get := c.Endpoints[1].ForTenant
		c.Endpoints[1].ForTenant = func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
			if mode == "panic" {
				panic(fmt.Sprintf("handler of %v", ctx))
			}
			return get(ctx, tenant)
		}
	})
	ctx := t.Context()
	good := s.generate("acme")
	_, _ = recent.Recent(ctx, "acme", 1)
	status, err := s.Status(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	first := status.Tokens[0]
	secrets := []string{good}
	note := func(secret token.Secret, tok token.Token, err error) {
		fmt.Fprintf(&out, "%v %+v %#v %s %v", secret, tok, tok, err, token.Options{Keys: []token.Key{token.NewKey("k", []byte(pepper))}})
		logger.Info("made", "secret", secret, "token", tok, "err", err)
		if text := secret.Reveal(); text != "" {
			secrets = append(secrets, text)
		}
	}
	cut := good[:len(good)-1] // almost all of a secret
	bodies := []struct{ method, path, body string }{
		{"GET", "/acme/Users", ""}, {"GET", "/acme/Groups", ""}, {"GET", "/other/Users", ""}, {"GET", "/acme/nothing/" + good, ""}, {"GET", "/" + good + "/Users", ""},
		{"GET", "/acme/Users?filter=userName+eq+%22" + literal + "%22", ""}, {"GET", "/acme/Users?filter=userName+eq+" + literal, ""},
		{"GET", "/acme/Users?filter=userName+eq+%22" + literal, ""}, {"GET", "/acme/Users?filter=" + literal + "+%22x%22", ""}, {"GET", "/acme/Users?token=" + good, ""},
		{"GET", "/acme/Users?filter=active+gt+%22" + literal + "%22", ""}, {"GET", "/acme/Users?filter=meta.created+gt+%22" + literal + "%22", ""},
		{"POST", "/acme/Users", strings.Replace(mira, `"mira"`, `"mira","password":"`+password+`"`, 1)},
		{"POST", "/acme/Users", strings.Replace(mira, `"mira"`, `"mira","password":"`+password+`"`, 1)}, // conflict
		{"POST", "/acme/Users", strings.Replace(mira, `"mira"`, `"jo","password":["`+password+`","`+password+`"]`, 1)},
		{"POST", "/acme/Users", strings.Replace(mira, `"mira"`, `"jo","password":{"value":"`+password+`"}`, 1)},
		{"POST", "/acme/Users", strings.Replace(mira, `"mira"`, `"jo","password":"`+password, 1)},
		{"POST", "/acme/Users", strings.Replace(mira, `"mira"`, `"jo","active":"`+password+`"`, 1)},
		{"PATCH", "/acme/Users/x", strings.Replace(rename, `"externalId"`, `"password"`, 1)},
	}
	for _, mode = range []string{"", "error", "panic", ""} {
		for _, b := range bodies {
			for _, bearer := range []string{good, cut, good + "x", "x" + good, good + " " + good} {
				w := s.send(b.method, b.path, b.body, bearer)
				fmt.Fprintln(&out, w.Code, w.Header())
				// A filter may be quoted to the one who sent it; a secret may not.
				out.Write([]byte(strings.ReplaceAll(w.Body.String(), literal, "")))
			}
		}
		if mode != "panic" {
			note(s.StartRotation(ctx, "acme", first.ID, token.RotateOptions{Actor: "jo"}))
			fmt.Fprintln(&out, s.CancelRotation(ctx, "acme", first.ID, "jo"))
			secret, made, err := s.Generate(ctx, "acme", token.GenerateOptions{Actor: "jo"})
			note(secret, made, err)
			note(s.Rotate(ctx, "acme", made.ID, "jo"))
		}
	}
	tenant, err := store.Tenant(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	events, _ := s.Events(ctx, "acme", 0, 1000)
	entries, _ := recent.Recent(ctx, "acme", 1000)
	others, _ := recent.Recent(ctx, good, 1000)
	status, _ = s.Status(ctx, "acme")
	for _, v := range []any{tenant, events, entries, others, status, s.Manager, store} {
		fmt.Fprintf(&out, "%v %+v %#v\n", v, v, v)
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
	}
	if len(entries) < 40 || len(events) < 8 || len(secrets) < 4 {
		t.Errorf("%d entries, %d events, %d secrets: too little happened", len(entries), len(events), len(secrets))
	}
	for _, secret := range append(secrets, password, literal, pepper, cut) {
		for _, form := range []string{secret, secret[len(secret)/3 : len(secret)-len(secret)/4]} {
			if i := strings.Index(out.String(), form); i >= 0 {
				t.Errorf("%q got out: …%s…", form, out.String()[max(0, i-200):min(out.Len(), i+100)])
			}
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
