package token_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/tokentest"
)

// remoteStore is a token.Store over HTTP: Update compares and swaps, so edit may
// run again.
type remoteStore struct{ url string }

// message is what goes both ways.
type message struct {
	Tenant    string
	ID        string
	At        time.Time
	Before    int64
	Limit     int
	Version   int64
	Aggregate token.Tenant
	Token     token.Token
	Settings  token.Settings
	Events    []token.Event
	Error     string // "not found", "again" or a text
}

func (s remoteStore) call(ctx context.Context, method string, in message) (message, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return message{}, err
	}
	r, err := http.NewRequestWithContext(ctx, "POST", s.url+"/"+method, bytes.NewReader(body))
	if err != nil {
		return message{}, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return message{}, err
	}
	defer resp.Body.Close()
	var out message
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return message{}, err
	}
	switch out.Error {
	case "":
		return out, nil
	case "not found":
		return out, token.ErrNotFound
	case "again":
		return out, errAgain
	}
	return out, errors.New(out.Error)
}

var errAgain = errors.New("the tenant has changed")

func (s remoteStore) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	m, err := s.call(ctx, "find", message{ID: id})
	return m.Token, m.Settings, err
}

func (s remoteStore) Tenant(ctx context.Context, tenant string) (token.Tenant, error) {
	m, err := s.call(ctx, "tenant", message{Tenant: tenant})
	return m.Aggregate, err
}

func (s remoteStore) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	for {
		m, err := s.call(ctx, "tenant", message{Tenant: tenant})
		if err != nil {
			return err
		}
		events, err := edit(&m.Aggregate)
		if err != nil {
			return err
		}
		m.Tenant, m.Events = tenant, events
		out, err := s.call(ctx, "swap", m)
		if err == nil {
			copy(events, out.Events)
		}
		if !errors.Is(err, errAgain) {
			return err
		}
	}
}

func (s remoteStore) Touch(ctx context.Context, id string, at time.Time) error {
	_, err := s.call(ctx, "touch", message{ID: id, At: at})
	return err
}

func (s remoteStore) Events(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
	m, err := s.call(ctx, "events", message{Tenant: tenant, Before: before, Limit: limit})
	return m.Events, err
}

// storeServer is the other end, over a memory store.
func storeServer(t *testing.T) string {
	store := token.NewMemoryStore()
	var mu sync.Mutex
	versions := map[string]int64{}
	handle := func(ctx context.Context, method string, in message) (out message, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch method {
		case "find":
			out.Token, out.Settings, err = store.Find(ctx, in.ID)
		case "tenant":
			out.Aggregate, err = store.Tenant(ctx, in.Tenant)
			out.Version = versions[in.Tenant]
		case "swap":
			if versions[in.Tenant] != in.Version {
				return out, errAgain
			}
			err = store.Update(ctx, in.Tenant, func(t *token.Tenant) ([]token.Event, error) {
				*t = in.Aggregate
				return in.Events, nil
			})
			if out.Events = in.Events; err == nil {
				versions[in.Tenant]++
			}
		case "touch":
			err = store.Touch(ctx, in.ID, in.At)
		case "events":
			out.Events, err = store.Events(ctx, in.Tenant, in.Before, in.Limit)
		}
		return out, err
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in message
		json.NewDecoder(r.Body).Decode(&in)
		out, err := handle(r.Context(), strings.TrimPrefix(r.URL.Path, "/"), in)
		switch {
		case errors.Is(err, token.ErrNotFound):
			out.Error = "not found"
		case errors.Is(err, errAgain):
			out.Error = "again"
		case err != nil:
			out.Error = err.Error()
		}
		json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestRemoteStore: a store that compares and swaps keeps the contract, too.
func TestRemoteStore(t *testing.T) {
	tokentest.Run(t, func(t *testing.T) token.Store { return remoteStore{storeServer(t)} })
}
