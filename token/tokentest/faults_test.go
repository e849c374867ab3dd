package tokentest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimkit/scimkit/token"
)

var faults = []struct {
	name   string
	caught string // by this case, perhaps by others too
	make   func(*faulty)
}{
	{"an unknown id is another error", "unknown", func(f *faulty) {
		f.find = func(ctx context.Context, id string) (token.Token, token.Settings, error) {
			t, s, err := f.Store.Find(ctx, id)
			if err != nil {
				err = errors.New("no rows")
			}
			return t, s, err
		}
	}},
	{"an unknown id is the zero token", "unknown", func(f *faulty) {
		f.find = func(ctx context.Context, id string) (token.Token, token.Settings, error) {
			t, s, _ := f.Store.Find(ctx, id)
			return t, s, nil
		}
	}},
	{"an unknown tenant is an error", "unknown", func(f *faulty) {
		f.tenant = func(ctx context.Context, tenant string) (token.Tenant, error) {
			t, _ := f.Store.Tenant(ctx, tenant)
			if len(t.Tokens) == 0 {
				return t, token.ErrNotFound
			}
			return t, nil
		}
	}},
	{"touching an unknown token is an error", "unknown", func(f *faulty) {
		f.touch = func(ctx context.Context, id string, at time.Time) error {
			if _, _, err := f.Store.Find(ctx, id); err != nil {
				return err
			}
			return f.Store.Touch(ctx, id, at)
		}
	}},
	{"times in seconds", "round trip", reading(func(t *token.Token) { t.CreatedAt = t.CreatedAt.Truncate(time.Second) })},
	{"no time is 1970", "round trip", reading(func(t *token.Token) {
		if t.ExpiresAt.IsZero() {
			t.ExpiresAt = time.Unix(0, 0)
		}
	})},
	{"times lose their zone", "round trip", reading(func(t *token.Token) { t.RevokedAt = t.RevokedAt.Add(-time.Hour) })},
	{"scopes are lost", "round trip", reading(func(t *token.Token) { t.Scopes = nil })},
	{"no scopes are one empty scope", "round trip", reading(func(t *token.Token) {
		if len(t.Scopes) == 0 {
			t.Scopes = token.Scopes{""}
		}
	})},
	{"a digest is cut", "round trip", reading(func(t *token.Token) { t.Digest = t.Digest[:min(len(t.Digest), 20)] })},
	{"a digest ends at a zero byte", "round trip", reading(func(t *token.Token) {
		if i := slices.Index(t.Digest, 0); i >= 0 {
			t.Digest = t.Digest[:i]
		}
	})},
	{"names are trimmed to ASCII", "round trip", reading(func(t *token.Token) {
		t.Name = strings.Map(func(r rune) rune { return min(r, 127) }, t.Name)
	})},
	{"the key id is lost", "round trip", reading(func(t *token.Token) { t.KeyID = "" })},
	{"the notice is lost", "round trip", reading(func(t *token.Token) { t.ExpiryNotice = 0 })},
	{"paused is lost", "round trip", writing(func(_ token.Tenant, t *token.Tenant, _ *[]token.Event) { t.Paused = false })},
	{"Find gives old settings", "round trip", func(f *faulty) {
		f.find = func(ctx context.Context, id string) (token.Token, token.Settings, error) {
			t, _, err := f.Store.Find(ctx, id)
			return t, token.Settings{}, err
		}
	}},
	{"ids in any letter case", "letter case", func(f *faulty) {
		f.find = func(ctx context.Context, id string) (token.Token, token.Settings, error) {
			for _, id := range []string{id, "AbCdEfGhIjKl"} {
				if t, s, err := f.Store.Find(ctx, id); err == nil {
					return t, s, nil
				}
			}
			return token.Token{}, token.Settings{}, token.ErrNotFound
		}
	}},
	{"order by time", "order", func(f *faulty) {
		f.tenant = func(ctx context.Context, tenant string) (token.Tenant, error) {
			t, err := f.Store.Tenant(ctx, tenant)
			slices.SortStableFunc(t.Tokens, func(a, b token.Token) int { return a.CreatedAt.Compare(b.CreatedAt) })
			return t, err
		}
	}},
	{"order by id", "order", func(f *faulty) {
		f.tenant = func(ctx context.Context, tenant string) (token.Tenant, error) {
			t, err := f.Store.Tenant(ctx, tenant)
			slices.SortStableFunc(t.Tokens, func(a, b token.Token) int { return strings.Compare(a.ID, b.ID) })
			return t, err
		}
	}},
	{"tokens are only added", "edit", writing(func(old token.Tenant, t *token.Tenant, _ *[]token.Event) {
		for _, tok := range old.Tokens {
			if !slices.ContainsFunc(t.Tokens, func(x token.Token) bool { return x.ID == tok.ID }) {
				t.Tokens = append(t.Tokens, tok)
			}
		}
	})},
	{"tokens never change", "edit", writing(func(old token.Tenant, t *token.Tenant, _ *[]token.Event) {
		for i, tok := range t.Tokens {
			if j := slices.IndexFunc(old.Tokens, func(x token.Token) bool { return x.ID == tok.ID }); j >= 0 {
				t.Tokens[i] = old.Tokens[j]
			}
		}
	})},
	{"settings are not stored", "edit", writing(func(old token.Tenant, t *token.Tenant, _ *[]token.Event) { t.Settings = old.Settings })},
	{"the error of edit is swallowed", "edit fails", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			f.Store.Update(ctx, tenant, edit)
			return nil
		}
	}},
	{"the error of edit is another", "edit fails", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			if err := f.Store.Update(ctx, tenant, edit); err != nil {
				return errors.New(err.Error())
			}
			return nil
		}
	}},
	{"settings are stored although edit fails", "edit fails", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			var s token.Settings
			err := f.Store.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) {
				events, err := edit(t)
				s = t.Settings
				return events, err
			})
			if err != nil {
				f.Store.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) { t.Settings = s; return nil, nil })
			}
			return err
		}
	}},
	{"what a panic left is stored", "edit panics", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			return f.Store.Update(ctx, tenant, func(t *token.Tenant) (_ []token.Event, err error) {
				defer func() { recover() }()
				return edit(t)
			})
		}
	}},
	{"the context is ignored", "context", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			return f.Store.Update(context.WithoutCancel(ctx), tenant, edit)
		}
	}},
	{"an upsert takes another tenant's token", "id of another tenant", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			err := f.Store.Update(ctx, tenant, edit)
			if err != nil && tenant == "evil" {
				f.Store.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
					t.Tokens = nil
					return nil, nil
				})
				return f.Store.Update(ctx, tenant, edit)
			}
			return err
		}
	}},
	{"a token that is there twice is stored once", "id twice", writing(func(_ token.Tenant, t *token.Tenant, _ *[]token.Event) {
		t.Tokens = slices.CompactFunc(t.Tokens, func(a, b token.Token) bool { return a.ID == b.ID })
	})},
	{"tenants in any letter case", "tenants", renaming(strings.ToLower)},
	{"tenants without blanks", "tenants", renaming(strings.TrimSpace)},
	{"the tenant without a name is another", "tenants", renaming(func(s string) string {
		if s == "" {
			return "acme"
		}
		return s
	})},
	{"events are not stored", "events", writing(func(_ token.Tenant, _ *token.Tenant, events *[]token.Event) { *events = nil })},
	{"one event of several is stored", "events", writing(func(_ token.Tenant, _ *token.Tenant, events *[]token.Event) {
		*events = (*events)[:min(1, len(*events))]
	})},
	{"events are numbered in a copy", "events", writing(func(_ token.Tenant, _ *token.Tenant, events *[]token.Event) {
		*events = slices.Clone(*events)
	})},
	{"events lose their actor", "events", writing(func(_ token.Tenant, _ *token.Tenant, events *[]token.Event) {
		for i := range *events {
			(*events)[i].Actor = ""
		}
	})},
	{"events of all tenants", "events", func(f *faulty) {
		f.events = func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
			a, err := f.Store.Events(ctx, tenant, before, limit)
			b, _ := f.Store.Events(ctx, "other", before, limit)
			return append(a, b...), err
		}
	}},
	{"the oldest event first", "events", func(f *faulty) {
		f.events = func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
			events, err := f.Store.Events(ctx, tenant, before, limit)
			slices.Reverse(events)
			return events, err
		}
	}},
	{"before is included", "events", func(f *faulty) {
		f.events = func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
			if before > 0 {
				before++
			}
			return f.Store.Events(ctx, tenant, before, limit)
		}
	}},
	{"no limit", "events", func(f *faulty) {
		f.events = func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
			return f.Store.Events(ctx, tenant, before, 1000)
		}
	}},
	{"a failure uses up a number", "events fail", func(f *faulty) {
		var mu sync.Mutex
		gap := map[string]int64{}
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			err := f.Store.Update(ctx, tenant, edit)
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				gap[tenant]++
			}
			return err
		}
		f.events = func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
			events, err := f.Store.Events(ctx, tenant, before, limit)
			mu.Lock()
			defer mu.Unlock()
			for i := range events {
				events[i].Seq += gap[tenant]
			}
			return events, err
		}
	}},
	{"touch goes back", "touch", func(f *faulty) {
		last := map[string]time.Time{}
		f.touch = func(ctx context.Context, id string, at time.Time) error {
			last[id] = at
			return f.Store.Touch(ctx, id, at)
		}
		reading(func(t *token.Token) {
			if at, ok := last[t.ID]; ok {
				t.LastUsedAt = at
			}
		})(f)
	}},
	{"touch writes each use", "touch once a minute", touching(func(was, at time.Time) bool { return at.After(was) })},
	{"touch wants more than a minute", "touch once a minute", touching(func(was, at time.Time) bool { return at.After(was.Add(time.Minute)) })},
	{"touch counts in seconds", "touch once a minute", touching(func(was, at time.Time) bool { return at.Unix() >= was.Unix()+60 })},
	{"touch reads and then writes", "touch once a minute", func(f *faulty) {
		var mu sync.Mutex
		last := map[string]time.Time{}
		calls := 0
		var all sync.WaitGroup // those that come at the same time
		all.Add(8)
		f.touch = func(_ context.Context, id string, at time.Time) error {
			mu.Lock()
			was := last[id]
			calls++
			together := calls > 7
			mu.Unlock()
			if at.Before(was.Add(time.Minute)) {
				return nil
			}
			if together {
				all.Done()
				all.Wait()
				time.Sleep(at.Sub(was) % time.Minute / 1000)
			}
			mu.Lock()
			defer mu.Unlock()
			last[id] = at
			return nil
		}
		reading(func(t *token.Token) {
			mu.Lock()
			defer mu.Unlock()
			t.LastUsedAt = last[t.ID]
		})(f)
	}},
	{"touch does nothing", "touch", func(f *faulty) {
		f.touch = func(context.Context, string, time.Time) error { return nil }
	}},
	{"touch touches the whole tenant", "touch", func(f *faulty) {
		f.touch = func(ctx context.Context, _ string, at time.Time) error {
			return errors.Join(f.Store.Touch(ctx, id(1), at), f.Store.Touch(ctx, id(2), at))
		}
	}},
	{"update writes the last use", "last used", func(f *faulty) {
		var mu sync.Mutex
		last := map[string]time.Time{}
		writing(func(_ token.Tenant, t *token.Tenant, _ *[]token.Event) {
			mu.Lock()
			defer mu.Unlock()
			for _, tok := range t.Tokens {
				last[tok.ID] = tok.LastUsedAt
			}
		})(f)
		f.touch = func(ctx context.Context, id string, at time.Time) error {
			mu.Lock()
			defer mu.Unlock()
			delete(last, id)
			return f.Store.Touch(ctx, id, at)
		}
		reading(func(t *token.Token) {
			mu.Lock()
			defer mu.Unlock()
			if at, ok := last[t.ID]; ok {
				t.LastUsedAt = at
			}
		})(f)
	}},
	{"memory is shared", "memory", func(f *faulty) {
		var mu sync.Mutex
		kept := map[string]token.Token{}
		f.find = func(ctx context.Context, id string) (token.Token, token.Settings, error) {
			t, s, err := f.Store.Find(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			if k, ok := kept[id]; ok && err == nil {
				t.Digest, t.Scopes = k.Digest, k.Scopes
			}
			kept[id] = t
			return t, s, err
		}
	}},
	{"updates without a lock", "parallel updates", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			t, err := f.Store.Tenant(ctx, tenant)
			if err != nil {
				return err
			}
			events, err := edit(&t)
			if err != nil {
				return err
			}
			time.Sleep(time.Millisecond)
			return f.Store.Update(ctx, tenant, func(now *token.Tenant) ([]token.Event, error) {
				*now = t
				return events, nil
			})
		}
	}},
	{"rotations from an old state", "parallel rotations", func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			t, err := f.Store.Tenant(ctx, tenant)
			if err != nil {
				return err
			}
			n := len(t.Tokens)
			events, err := edit(&t)
			if err != nil {
				return err
			}
			time.Sleep(time.Millisecond)
			return f.Store.Update(ctx, tenant, func(now *token.Tenant) ([]token.Event, error) {
				now.Settings = t.Settings
				now.Tokens = append(now.Tokens, t.Tokens[n:]...) // what is new is not lost
				return events, nil
			})
		}
	}},
	{"update writes the last use that it has read", "touch and update", func(f *faulty) {
		stale := map[string]time.Time{}
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			t, err := f.Store.Tenant(ctx, tenant)
			if err != nil {
				return err
			}
			before := slices.Clone(t.Tokens)
			events, err := edit(&t)
			if err != nil {
				return err
			}
			for _, tok := range before {
				stale[tok.ID] = tok.LastUsedAt
			}
			return f.Store.Update(ctx, tenant, func(now *token.Tenant) ([]token.Event, error) {
				*now = t
				return events, nil
			})
		}
		reading(func(t *token.Token) {
			if at, ok := stale[t.ID]; ok {
				t.LastUsedAt = at
			}
		})(f)
	}},
}
