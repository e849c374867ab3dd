// Package idpcases holds what identity providers send as data (cases.json)
// and runs it against a service provider.
//
// Each case is a set-up, one request, what must come back, and requests that
// look at the state afterwards. Cases say nothing about this module's API: they
// run against any base URL.
package idpcases

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed cases.json
var casesJSON []byte

// A Case is one observed behaviour of an identity provider.
type Case struct {
	ID    string
	IdP   string
	Title string
	// Strictness is "rfc" (every server must pass), "lenient" (needs tolerance
	// that is on by default), "policy" (the RFC allows several answers, this is
	// ours) or "opt-in" (run with the option on).
	Strictness string
	Quirks     []string
	Setup      []Setup
	Request    Request
	Expect     Expect
	Then       []Step
	Note       string
	Source     string
}

// A Request is one HTTP request. {{name}} stands for a saved value.
type Request struct {
	Method  string
	Path    string             // wire text after the base URL, sent untouched
	Headers map[string]*string // nil: not sent, although it would be by default
	Body    json.RawMessage
	RawBody *string // instead of Body, where it is not JSON
}

// A Setup is a request that must succeed before the case begins.
type Setup struct {
	Request
	ExpectStatus []int
	Save         map[string]string // name -> JSON path into the answer
}

// A Step is a request that looks at the state after the case's own.
type Step struct {
	Request Request
	Expect  Expect
}

// Expect is what must come back. Assertions on the body do not count where
// the status is 204.
type Expect struct {
	Status []int
	Assert []Assertion
}

// An Assertion compares the nodes at Path in the body, or one header, with
// Value by Op.
type Assertion struct {
	Path   string
	Header string
	Op     string
	Value  any // numbers are json.Number
}

// Load gives all cases. It panics where cases.json itself is broken: an
// unknown field, operator or path must not pass for a case that succeeds.
func Load() []Case {
	cases, err := parse(casesJSON)
	if err != nil {
		panic("idpcases: " + err.Error())
	}
	return cases
}

func parse(data []byte) ([]Case, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	var cases []Case
	if err := d.Decode(&cases); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.ID] {
			return nil, fmt.Errorf("%s: two cases of this name", c.ID)
		}
		seen[c.ID] = true
		if err := c.validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.ID, err)
		}
	}
	return cases, nil
}

func (c Case) validate() error {
	switch c.Strictness {
	case "rfc", "lenient", "policy", "opt-in":
	default:
		return fmt.Errorf("strictness %q", c.Strictness)
	}
	for _, s := range c.Setup {
		for _, p := range s.Save {
			if _, err := parsePath(p); err != nil {
				return err
			}
		}
	}
	expects := []Expect{c.Expect}
	for _, s := range c.Then {
		expects = append(expects, s.Expect)
	}
	for _, e := range expects {
		if len(e.Status) == 0 {
			return fmt.Errorf("no status expected")
		}
		for _, a := range e.Assert {
			if err := a.validate(); err != nil {
				return err
			}
		}
	}
	return nil
}
