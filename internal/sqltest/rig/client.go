package rig

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const token = "of-the-tests"

// transport keeps a connection for each of many clients.
var transport = &http.Transport{MaxIdleConnsPerHost: 1100, DisableCompression: true}

// A Client sends requests to a node. A patient one does what Retry-After says,
// without waiting: it sends a request again, ten times at most, that is answered
// by 503.
type Client struct {
	URL     string
	Patient bool
}

// An Answer is what a node said.
type Answer struct {
	Status int // 0 if there was no answer
	Header http.Header
	Body   []byte
	Err    error // why there was no answer
}

// Do sends a request. Headers are names and values in turn.
func (c Client) Do(method, path, body string, headers ...string) Answer {
	a := c.once(method, path, body, headers)
	for tries := 0; c.Patient && a.Status == http.StatusServiceUnavailable && tries < 10; tries++ {
		a = c.once(method, path, body, headers)
	}
	return a
}

func (c Client) once(method, path, body string, headers []string) Answer {
	req, err := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: transport, Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{Err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{Err: err}
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: text}
}

func (c Client) Post(path, body string) Answer  { return c.Do("POST", path, body) }
func (c Client) Get(path string) Answer         { return c.Do("GET", path, "") }
func (c Client) Delete(path string) Answer      { return c.Do("DELETE", path, "") }
func (c Client) Put(path, body string) Answer   { return c.Do("PUT", path, body) }
func (c Client) Patch(path, body string) Answer { return c.Do("PATCH", path, body) }

// OK tells whether the request was done.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

func (a Answer) String() string {
	if a.Err != nil {
		return a.Err.Error()
	}
	return fmt.Sprintf("%d %.300s", a.Status, a.Body)
}

// A Resource is what tests look at in one.
type Resource struct {
	ID, UserName, DisplayName, ExternalID string
	Emails                                []struct{ Value string }
	Members, Groups                       []struct{ Value string }
	Meta                                  struct{ Version string }
}

// MemberIDs are the members in order.
func (r Resource) MemberIDs() []string {
	ids := make([]string, len(r.Members))
	for i, m := range r.Members {
		ids[i] = m.Value
	}
	slices.Sort(ids)
	return ids
}

// Resource reads the resource in an answer.
func (a Answer) Resource() (r Resource) {
	json.Unmarshal(a.Body, &r)
	return r
}

// Must ends the test if the request was not done, or had another status than
// one of those given.
func (a Answer) Must(t testing.TB, statuses ...int) Answer {
	t.Helper()
	if len(statuses) == 0 && !a.OK() || len(statuses) > 0 && !slices.Contains(statuses, a.Status) {
		t.Fatalf("the answer is %v, want %v", a, statuses)
	}
	return a
}

// All lists the resources of an endpoint, "/Users", page by page. It asks again
// when a node finds that its connections are those of a database that was
// killed.
func (c Client) All(path string) (all []Resource, err error) {
	for tries := 1; ; {
		a := c.Get(path + "?count=1000&startIndex=" + strconv.Itoa(len(all)+1))
		if a.Status == 503 && tries < 20 {
			tries++
			continue
		}
		var page struct {
			TotalResults int
			Resources    []Resource
		}
		if err := json.Unmarshal(a.Body, &page); !a.OK() || err != nil {
			return nil, fmt.Errorf("GET %s: %v, %v", path, a, err)
		}
		all = append(all, page.Resources...)
		if len(page.Resources) == 0 || len(all) >= page.TotalResults {
			return all, nil
		}
	}
}

// Filter is the path of a list.
func Filter(path, filter string) string { return path + "?filter=" + url.QueryEscape(filter) }

// JSON writes a value.
func JSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// User is the body of one. Everything but the name follows from content, so that
// half a change shows.
func User(name, content string) string {
	return JSON(map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"},
		"userName": name, "displayName": content, "externalId": content,
		"emails": []any{map[string]any{"value": content + "@example.com"}}})
}

// Group is the body of one.
func Group(name string, members ...string) string {
	return JSON(map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"},
		"displayName": name, "members": References(members)})
}

// References are members of a group.
func References(ids []string) []any {
	list := []any{}
	for _, id := range ids {
		list = append(list, map[string]any{"value": id})
	}
	return list
}

// Op is an operation of a PATCH; path and value may be nil.
func Op(op, path string, value any) map[string]any {
	m := map[string]any{"op": op}
	if path != "" {
		m["path"] = path
	}
	if value != nil {
		m["value"] = value
	}
	return m
}

// Patch is the body of one.
func Patch(ops ...map[string]any) string {
	return JSON(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": ops})
}

// Add and Remove are operations on members.
func Add(ids ...string) map[string]any { return Op("add", "members", References(ids)) }

func Remove(id string) map[string]any { return Op("remove", `members[value eq "`+id+`"]`, nil) }
