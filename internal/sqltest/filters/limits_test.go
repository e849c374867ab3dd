package filters

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
)

// TestLimits: filters as large as the parser lets in do not ask too much of a
// database: 300 comparisons, 32 levels of parentheses.
func TestLimits(t *testing.T) {
	many := func(join, format string) string {
		terms := make([]string, 300/share)
		for i := range terms {
			terms[i] = fmt.Sprintf(format, i%7)
		}
		return strings.Join(terms, join)
	}
	deep := `text eq "a"`
	for i := range 30 {
		deep = fmt.Sprintf([]string{`not (%s)`, `(flag pr or %s)`, `(%s and exact ne "x")`}[i%3], deep)
	}
	tests := map[string]string{
		"or of different values": many(" or ", `text sw "%d"`),
		"one list":               many(" or ", `text eq "%d"`),
		"and":                    many(" and ", `text ne "%d"`),
		"in brackets":            "looseParts[" + many(" or ", `value co "%d"`) + "]",
		"brackets":               many(" and ", `looseParts[n eq %d]`),
		"or, rows":               many(" or ", `parts.value co "%d"`),
		"and, rows":              many(" and ", `parts.value co "%d"`),
		"not, rows":              many(" and ", `not (parts.value co "%d")`),
		"ne, rows":               many(" and ", `parts.value ne "%d"`),
		"or, no rows":            many(" or ", `not (parts.value co "%d")`),
		"depth":                  deep,
		"numbers":                many(" or ", `dec gt 1e%d`),
	}
	engines(t, makeRows(t, 23, 60), func(t *testing.T, e *engine) {
		if e.dialect == sqlfilter.PostgreSQL {
			e.db.SetMaxOpenConns(1)
			e.exec(t, "SET jit = off") // as the documentation says
		}
		for name, text := range tests {
			// Where the text is longer than a client may send, it is for more terms.
			p := filter.Parser{Limits: filter.Limits{Bytes: 16 << 10}}
			parsed, err := p.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			f, err := filter.Bind(parsed, gadget)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, m := range e.mappings {
				wrong, err := e.check([]question{{f, m.clause(t, f, 1)}})
				if err != nil || len(wrong) > 0 {
					t.Errorf("%s, %s: %d differences, %.300v", name, m.name, len(wrong), err)
				}
			}
		}
	})
}
