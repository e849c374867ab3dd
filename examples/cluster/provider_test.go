package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// provider is an identity provider that provisions: users of its own, and a group
// with some of them. It sends one request after the other and again what was
// answered with 503, so that its acknowledged requests say what must be stored.
type provider struct {
	base, name string
	names      map[string]string // displayName of users, by id
	members    map[string]bool   // of the group
	group      string
	acks       int
	replays    int // requests that were sent again
	conflicts  int // replays that found what they were to make
}

// call sends a request until it has another answer than 503 with Retry-After.
// again says that it was sent before.
func (p *provider) call(method, path, body string) (status int, m map[string]any, again bool, err error) {
	for {
		status, header, m, err := send(method, p.base+path, body)
		if err != nil || status != http.StatusServiceUnavailable {
			return status, m, again, err
		}
		if header.Get("Retry-After") == "" {
			return status, m, again, errors.New("503 without Retry-After")
		}
		again = true
		p.replays++
		time.Sleep(10 * time.Millisecond) // less than Retry-After, to have more happen
	}
}

func send(method, url, body string) (int, http.Header, map[string]any, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer of-the-tests")
	r.Header.Set("Content-Type", "application/scim+json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, nil, err
	}
	var m map[string]any
	if len(text) > 0 {
		err = json.Unmarshal(text, &m)
	}
	return resp.StatusCode, resp.Header, m, err
}

// create makes a resource, or finds it after a replay.
func (p *provider) create(path, attribute, value, body string) (id string, err error) {
	status, m, again, err := p.call("POST", path, body)
	if err == nil && status == http.StatusConflict && again {
		p.conflicts++
		status, m, _, err = p.call("GET", path+"?filter="+url.QueryEscape(attribute+` eq "`+value+`"`), "")
		found, _ := m["Resources"].([]any)
		if err == nil && status == http.StatusOK && len(found) == 1 {
			m, status = found[0].(map[string]any), http.StatusCreated
		}
	}
	if err != nil || status != http.StatusCreated {
		return "", fmt.Errorf("POST %s = %d %v %w", path, status, m, err)
	}
	p.acks++
	id, _ = m["id"].(string)
	return id, nil
}

// patch changes a resource. All its changes are such that a replay does no harm.
func (p *provider) patch(path, operation string) error {
	status, m, _, err := p.call("PATCH", path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operation+`]}`)
	if err != nil || status != http.StatusOK && status != http.StatusNoContent {
		return fmt.Errorf("PATCH %s = %d %v %w", path, status, m, err)
	}
	p.acks++
	return nil
}

// step is a user more, who gets a name and comes into the group; and perhaps one
// who leaves it.
func (p *provider) step(n int, rng *rand.Rand) error {
	if p.group == "" {
		id, err := p.create("/Groups", "displayName", p.name, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`+p.name+`"}`)
		if err != nil {
			return err
		}
		p.group = id
	}
	name := fmt.Sprintf("%s-%d@example.com", p.name, n)
	id, err := p.create("/Users", "userName", name, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"`+name+`"}`)
	if err != nil {
		return err
	}
	p.names[id] = ""
	if err := p.patch("/Users/"+id, `{"op":"replace","path":"displayName","value":"`+name+` changed"}`); err != nil {
		return err
	}
	p.names[id] = name + " changed"
	if err := p.patch("/Groups/"+p.group, `{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`); err != nil {
		return err
	}
	p.members[id] = true
	if rng.IntN(3) == 0 {
		if err := p.patch("/Groups/"+p.group, `{"op":"remove","path":"members[value eq \"`+id+`\"]"}`); err != nil {
			return err
		}
		delete(p.members, id)
	}
	return nil
}

// verify tells what of the acknowledged is not stored, or more than that.
func (p *provider) verify() error {
	var errs []error
	for id, name := range p.names {
		status, m, _, err := p.call("GET", "/Users/"+id, "")
		if err != nil || status != 200 || m["displayName"] != name {
			errs = append(errs, fmt.Errorf("user %s is %d %v, want %q: %w", id, status, m["displayName"], name, err))
		}
	}
	_, m, _, err := p.call("GET", "/Groups/"+p.group, "")
	list, _ := m["members"].([]any)
	var have, want []string
	for _, e := range list {
		have = append(have, e.(map[string]any)["value"].(string))
	}
	for id := range p.members {
		want = append(want, id)
	}
	slices.Sort(have)
	slices.Sort(want)
	if err != nil || !slices.Equal(have, want) {
		errs = append(errs, fmt.Errorf("the group has %v, want %v: %w", have, want, err))
	}
	return errors.Join(errs...)
}
