package bench

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const secret = "correct-horse-battery-staple-2026"

// BenchmarkSync is an initial sync, through HTTP, from several clients at once:
// each user is looked up and created, each group is looked up and created, and
// gets its members one by one. The floor is a server that does for each request
// the one statement that it cannot do without.
func BenchmarkSync(b *testing.B) {
	groups := setting(b, "SCIMKIT_BENCH_GROUPS", 10) // of 100 users each
	each(b, 0, func(b *testing.B, r *rig) {
		h, err := scim.NewServer(scim.Config{
			Endpoints: []scim.Endpoint{
				{Type: r.users, Handler: r.Store.Handler(r.users)},
				{Type: r.groups, Handler: r.Store.Handler(r.groups)},
			},
			Authenticator: scim.StaticToken(secret), Limits: scim.Limits{InFlight: -1},
		})
		r.must(b, err)
		r.table(b)
		names := []string{"bare", "store"}
		var clients []*syncer
		for _, handler := range []http.Handler{&bareServer{rig: r}, h} {
			s := httptest.NewServer(handler)
			b.Cleanup(s.Close)
			clients = append(clients, &syncer{url: s.URL, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}})
		}
		var ratios []float64
		for round := range 5 {
			var took [2]time.Duration
			for i := range groups { // in turns, so that what disturbs the machine disturbs both
				for j := range clients {
					j = (i + j) % 2
					begun := time.Now()
					r.must(b, clients[j].run(round*groups+i))
					took[j] += time.Since(begun)
				}
			}
			ratios = append(ratios, float64(took[0])/float64(took[1]))
			n := float64(groups * (3*100 + 2))
			b.Logf("%s %.0f/s, %s %.0f/s, ratio %.2f", names[0], n/took[0].Seconds(), names[1], n/took[1].Seconds(), ratios[round])
		}
		b.ReportMetric(median(ratios), "of-bare")
		b.ReportMetric(0, "ns/op")
	})
}

// syncer is an identity provider with 8 workers.
type syncer struct {
	url    string
	client *http.Client
}

// run makes group number n and its 100 users.
func (s *syncer) run(n int) error {
	ids := make([]string, 100)
	err := s.parallel(len(ids), func(i int) (err error) {
		name := fmt.Sprintf("sync.%d.%d@example.com", n, i)
		ids[i], err = s.lookThenCreate("/Users", "userName", name, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":"x-%d-%d",
			"name":{"familyName":"Jensen","givenName":"Barbara"},"displayName":"Barbara %d","active":true,"emails":[{"value":%q,"type":"work","primary":true}]}`, name, n, i, i, name))
		return err
	})
	if err != nil {
		return err
	}
	name := fmt.Sprintf("Group %d", n)
	group, err := s.lookThenCreate("/Groups", "displayName", name, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"externalId":"g-%d"}`, name, n))
	if err != nil {
		return err
	}
	return s.parallel(len(ids), func(i int) error {
		_, err := s.send("PATCH", "/Groups/"+group+"?excludedAttributes=members", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
			"Operations":[{"op":"add","path":"members","value":[{"value":%q}]}]}`, ids[i]))
		return err
	})
}

func (s *syncer) parallel(n int, work func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := work(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func (s *syncer) lookThenCreate(path, attribute, value, body string) (string, error) {
	found, err := s.send("GET", path+"?filter="+url.QueryEscape(fmt.Sprintf("%s eq %q", attribute, value)), "")
	if err == nil && !strings.Contains(found, `"totalResults":0`) {
		err = errors.New("there already: " + found)
	}
	if err != nil {
		return "", err
	}
	made, err := s.send("POST", path, body)
	if err != nil {
		return "", err
	}
	var r struct{ ID string }
	return r.ID, errors.Join(json.Unmarshal([]byte(made), &r), func() error {
		if r.ID == "" {
			return errors.New("no id: " + made)
		}
		return nil
	}())
}

func (s *syncer) send(method, path, body string) (string, error) {
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var out bytes.Buffer
	if _, err := io.Copy(&out, resp.Body); err != nil || resp.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %d %v %s", method, path, resp.StatusCode, err, out.String())
	}
	return out.String(), nil
}

// bareServer answers with one statement a request, without a look at what it
// gets but for the keys.
type bareServer struct {
	*rig
	id atomic.Int64
	mu sync.Mutex // SQLite has one writer, and pauses where two meet
}

func (s *bareServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		body, err = s.answer(r, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/scim+json")
	w.Write(body)
}

func (s *bareServer) answer(r *http.Request, body []byte) ([]byte, error) {
	ctx := r.Context()
	switch r.Method {
	case http.MethodGet:
		var doc []byte
		err := s.DB.QueryRowContext(ctx, s.sql(`SELECT doc FROM bare WHERE name_key = ?`), r.URL.Query().Get("filter")).Scan(&doc)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return doc, err
		}
		return []byte(`{"totalResults":0}`), nil
	case http.MethodPost:
		var in struct{ UserName, DisplayName, ExternalID string }
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		id := fmt.Sprint("id", s.id.Add(1))
		return []byte(`{"id":"` + id + `"}`), s.write(r, `INSERT INTO bare (id, name_key, external_key, doc) VALUES (?, ?, ?, ?)`,
			id, cmp.Or(in.UserName, in.DisplayName), in.ExternalID, string(body))
	}
	var in struct {
		Operations []struct{ Value []struct{ Value string } }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	group := strings.TrimPrefix(r.URL.Path, "/Groups/")
	return []byte("{}"), s.write(r, `INSERT INTO bare_members (g, m) VALUES (?, ?)`, group, in.Operations[0].Value[0].Value)
}

func (s *bareServer) write(r *http.Request, text string, args ...any) error {
	if s.Dialect == sqlstore.SQLite {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	_, err := s.DB.ExecContext(r.Context(), s.sql(text), args...)
	return err
}
