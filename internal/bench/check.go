package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// An answer is what came back.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// A check looks at the answers to the requests of an operation, before any
// time is taken: who does not do the work cannot be compared.
type check func(s *seen)

// seen are the answers of one side and what is wrong with them.
type seen struct {
	side    string
	answers []answer
	bodies  []map[string]any
	wrong   []error
}

// verify runs the check of op on the answers of a side.
func verify(side string, op operation, answers []answer) error {
	s := &seen{side: side, answers: answers}
	for _, a := range answers {
		var body map[string]any
		if len(a.Body) > 0 {
			if err := json.Unmarshal(a.Body, &body); err != nil {
				s.wrong = append(s.wrong, err)
			}
		}
		s.bodies = append(s.bodies, body)
	}
	if op.check(s); len(s.wrong) > 0 {
		return fmt.Errorf("%s: %s: %w; status %d, body %.300s", side, op.name, s.wrong[0], answers[0].Status, answers[0].Body)
	}
	return nil
}

// status wants one of these statuses in every answer.
func (s *seen) status(ok ...int) {
	for _, a := range s.answers {
		found := false
		for _, want := range ok {
			found = found || a.Status == want
		}
		if !found {
			s.wrong = append(s.wrong, fmt.Errorf("status %d, want %v", a.Status, ok))
		}
	}
}

// want compares what path leads to in body i: names and indexes.
func (s *seen) want(i int, value any, path ...any) {
	if got := follow(s.bodies[i], path); fmt.Sprint(got) != fmt.Sprint(value) {
		s.wrong = append(s.wrong, fmt.Errorf("answer %d: %v is %v, want %v", i, path, got, value))
	}
}

func follow(v any, path []any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func isUser(s *seen) {
	s.status(http.StatusOK)
	s.want(0, userName(0), "userName")
	s.want(0, "Tour Operations", enterpriseURN, "department")
	s.want(0, "Hollywood", "addresses", 0, "locality")
}

func isProjected(s *seen) {
	s.status(http.StatusOK)
	s.want(0, userName(0), "userName")
	s.want(0, userName(0), "emails", 0, "value")
	if s.side == ours {
		s.want(0, nil, "name")
		s.want(0, nil, enterpriseURN)
	}
}

func isFound(s *seen) {
	s.status(http.StatusOK)
	s.want(0, 1, "totalResults")
	s.want(0, userName(1), "Resources", 0, "userName")
}

func isList(s *seen) {
	s.status(http.StatusOK)
	s.want(0, 100, "itemsPerPage")
	s.want(0, "Mira", "Resources", 99, "name", "givenName")
	s.want(0, nil, "Resources", 100)
}

func isCreated(s *seen) {
	s.status(http.StatusCreated)
	s.want(0, "Mira", "name", "givenName")
	s.want(0, "701984", enterpriseURN, "employeeNumber")
	if identify(s.answers[0].Body) == nil {
		s.wrong = append(s.wrong, fmt.Errorf("no id"))
	}
}

func isReplaced(s *seen) {
	s.status(http.StatusOK)
	s.want(0, "Engineer", "title")
	s.want(1, "Architect", "title")
	s.want(1, "Mira", "name", "givenName")
}

func isPatched(s *seen) {
	s.status(http.StatusOK)
	for i, department := range []string{"Tour Operations", "Theme Park"} {
		s.want(i, "Mira Holt ("+department+")", "displayName")
		s.want(i, i == 0, "active")
		s.want(i, "Holt "+department, "name", "familyName")
		s.want(i, department, enterpriseURN, "department")
		s.want(i, "work", "emails", 0, "type")
		s.want(i, "mira@home.example", "emails", 1, "value")
	}
	s.want(0, "mira.tour.operations@example.test", "emails", 0, "value")
}

func isSchemas(s *seen) {
	s.status(http.StatusOK)
	n, _ := s.bodies[0]["Resources"].([]any)
	if len(n) < 3 {
		s.wrong = append(s.wrong, fmt.Errorf("%d schemas", len(n)))
	}
}

// isMember takes either answer to PATCH and looks at the group after each.
func isMember(s *seen) {
	s.status(http.StatusOK, http.StatusNoContent)
	before, after := members(s.bodies[1]), members(s.bodies[3])
	if before < 2 || after != before-1 {
		s.wrong = append(s.wrong, fmt.Errorf("%d members, then %d", before, after))
	}
}

func members(body map[string]any) int {
	list, _ := body["members"].([]any)
	return len(list)
}
