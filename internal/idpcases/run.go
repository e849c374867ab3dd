package idpcases

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/rawhttp"
)

// timeout bounds one request of a case.
const timeout = 20 * time.Second

// Run plays c against the service provider at baseURL. The error says which
// step failed, what was expected, and what came back.
func (c Case) Run(ctx context.Context, baseURL, token string) error {
	p := player{baseURL: baseURL, token: token, saved: map[string]string{}}
	for i, s := range c.Setup {
		if err := p.setup(ctx, s); err != nil {
			return fmt.Errorf("setup %d: %w", i+1, err)
		}
	}
	if err := p.step(ctx, Step{c.Request, c.Expect}); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	for i, s := range c.Then {
		if err := p.step(ctx, s); err != nil {
			return fmt.Errorf("then %d: %w", i+1, err)
		}
	}
	return nil
}

type player struct {
	baseURL, token string
	saved          map[string]string
}

// An answer is a response with its body as JSON; root is nil where it is none.
type answer struct {
	*rawhttp.Response
	root any
}

func (p *player) setup(ctx context.Context, s Setup) error {
	sent, got, err := p.send(ctx, s.Request)
	if err != nil {
		return err
	}
	if !slices.Contains(s.ExpectStatus, got.Status) {
		return got.errorf(sent, "status %d, expected one of %v", got.Status, s.ExpectStatus)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Save)) {
		found, err := nodes(got.root, s.Save[name])
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0] == nil {
			return got.errorf(sent, "nothing at %s to save as %s", s.Save[name], name)
		}
		p.saved[name] = fmt.Sprint(found[0])
	}
	return nil
}

func (p *player) step(ctx context.Context, s Step) error {
	sent, got, err := p.send(ctx, s.Request)
	if err != nil {
		return err
	}
	if !slices.Contains(s.Expect.Status, got.Status) {
		return got.errorf(sent, "status %d, expected one of %v", got.Status, s.Expect.Status)
	}
	for _, a := range s.Expect.Assert {
		if got.Status == 204 && a.Path != "" && a.Path != "$" {
			continue
		}
		a.Path = p.substitute(a.Path)
		a.Value = p.substituteAll(a.Value)
		ok, err := a.holds(got)
		if err != nil {
			return err
		}
		if !ok {
			value, _ := json.Marshal(a.Value)
			return got.errorf(sent, "expected %s%s %s %s", a.Path, a.Header, a.Op, value)
		}
	}
	return nil
}

// errorf describes a wrong answer to the request sent.
func (a *answer) errorf(sent rawhttp.Request, format string, args ...any) error {
	return fmt.Errorf("%s %s\n%s\n%s\nanswered %d\n%s",
		sent.Method, sent.Target, sent.Body, fmt.Sprintf(format, args...), a.Status, a.Body)
}

func (p *player) send(ctx context.Context, r Request) (rawhttp.Request, *answer, error) {
	req := p.request(r)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp, err := req.Do(ctx, p.baseURL)
	if err != nil {
		return req, nil, err
	}
	return req, &answer{resp, decode(resp.Body)}, nil
}

func (p *player) request(r Request) rawhttp.Request {
	req := rawhttp.Request{Method: r.Method, Target: p.substitute(r.Path)}
	headers := map[string]*string{}
	bearer := "Bearer " + p.token
	headers["Authorization"] = &bearer
	maps.Copy(headers, r.Headers)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if v := headers[name]; v != nil {
			req.Header = append(req.Header, rawhttp.Field{Name: name, Value: p.substitute(*v)})
		}
	}
	switch {
	case r.RawBody != nil:
		req.Body = []byte(p.substitute(*r.RawBody))
	case r.Body != nil:
		req.Body = []byte(p.substitute(string(r.Body)))
	}
	return req
}

func decode(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return nil
	}
	if _, err := d.Token(); err != io.EOF {
		return nil
	}
	return root
}

var variable = regexp.MustCompile(`\{\{([^}]+)\}\}`)

// substitute puts saved values in the place of their names. They are
// identifiers, the same text in JSON, in a URL and in a header.
func (p *player) substitute(s string) string {
	if !strings.Contains(s, "{{") {
		return s
	}
	return variable.ReplaceAllStringFunc(s, func(ref string) string {
		if v, ok := p.saved[ref[2:len(ref)-2]]; ok {
			return v
		}
		return ref
	})
}

func (p *player) substituteAll(v any) any {
	switch v := v.(type) {
	case string:
		return p.substitute(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = p.substituteAll(e)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, e := range v {
			object[p.substitute(k)] = p.substituteAll(e)
		}
		return object
	}
	return v
}
