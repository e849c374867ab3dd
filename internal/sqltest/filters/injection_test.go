package filters

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// injections are 2,000 strings that try to leave a literal: quotes of all
// dialects, comments, escapes, placeholders, patterns, and what they could do
// outside.
func injections() []string {
	heads := []string{"", "a", "'", "''", `"`, `\'`, `\`, "`", "$$", "$1", "?1", ":a", "@a", "%", "_", "')", `")`, "'))", "\u02BC", "\uFF07", "x'00", `\u0027`, "E'", "a'||'", "0"}
	tails := []string{
		"", "'", " OR 1=1", "' OR '1'='1", "; DROP TABLE gadgets", "'; DROP TABLE gadgets; --", " UNION SELECT n FROM gadgets", "') UNION ALL SELECT 1, 1 --",
		" AND pg_sleep(5)", "' AND 1=CAST(version() AS int) --", " --", "/*", "*/", "#", "';", "%00", "\\", "' ESCAPE '", "%' OR true --", "_%", "$2::text", "?",
		"\n", "\t'", "||(SELECT doc_keys FROM gadgets)", "'::jsonb", "->>'id'", " IS NOT NULL", "' COLLATE \"C", "')) OR g.n IN (1", "\U0001F600'", "\u0001", "{}", `{"a":"b"}`,
		"[0]", "$.text", `"]`, "null", "TRUE", "1e309",
	}
	var all []string
	for _, head := range heads {
		for _, tail := range tails {
			all = append(all, head+tail, tail+head)
		}
	}
	return all
}

// TestInjection: no string, through whatever operator and attribute, finds
// other rows than in memory, changes the text of a statement or makes it fail.
func TestInjection(t *testing.T) {
	texts := injections()
	if len(texts) != 2000 {
		t.Fatalf("%d strings", len(texts))
	}
	texts = texts[:len(texts)/share]
	known := words
	words = append(slices.Clone(words), texts[:60]...)
	rows := makeRows(t, 5, 60)
	words = known
	engines(t, rows, func(t *testing.T, e *engine) {
		t.Parallel()
		if wrong := e.inject(t, texts, mapping.clause); len(wrong) > 0 {
			t.Errorf("%d complaints: %s", len(wrong), wrong[0])
		}
	})
}

// attack asks for texts and gathers complaints.
type attack struct {
	*engine
	shapes map[string]string // the text of the statement by shape
	batch  []question
	next   int
	asked  int
	wrong  []string
}

type compile func(mapping, testing.TB, *filter.Filter, int) sqlfilter.Clause

// inject asks for each text with each operator and, text by text, with all
// attributes, and gives the complaints.
func (e *engine) inject(t *testing.T, texts []string, compile compile) []string {
	t.Helper()
	a := &attack{engine: e, shapes: make(map[string]string), next: 1}
	for i, text := range texts {
		for j, f := range injected(t, text, i) {
			m := e.mappings[(i/len(targets)+j)%len(e.mappings)]
			alone := compile(m, t, f.Filter, 1)
			if known, ok := a.shapes[m.name+f.shape]; ok && f.shape != "" && known != alone.SQL {
				a.wrong = append(a.wrong, "the text depends on the value: "+known+"\n"+alone.SQL)
			}
			a.shapes[m.name+f.shape] = alone.SQL
			c := compile(m, t, f.Filter, a.next)
			a.next += len(c.Args)
			if a.batch = append(a.batch, question{f.Filter, c}); len(a.batch) == perStatement {
				a.flush()
			}
		}
	}
	a.flush()
	t.Logf("%s: %d questions of %d shapes", e.name, a.asked, len(a.shapes))
	return a.wrong
}

func (a *attack) flush() {
	found, err := a.check(a.batch)
	if err != nil {
		found = append(found, err.Error())
	}
	a.asked += len(a.batch)
	a.wrong, a.batch, a.next = append(a.wrong, found...), a.batch[:0], 1
}

// shaped is a filter and what it is without its value; "" if the text may
// depend on that.
type shaped struct {
	*filter.Filter
	shape string
}

// targets are the attributes that take strings.
var targets = func() (list []attribute) {
	for _, a := range attributes {
		if a.kind == schema.String || a.kind == schema.Reference || a.kind == schema.Binary {
			list = append(list, attribute(a))
		}
	}
	return list
}()

// injected are filters with text as value: one for each operator, each with
// another attribute, every other round under not, and one in brackets.
func injected(t *testing.T, text string, i int) (all []shaped) {
	t.Helper()
	for j, op := range stringOps {
		a := targets[(i+j)%len(targets)]
		if op == filter.Pr || a.kind == schema.Binary && op > filter.Pr {
			continue
		}
		var e filter.Expr = &filter.Compare{Attr: path(t, a.path), Op: op, Value: filter.Value{Kind: filter.String, Text: text}}
		if i/len(targets)/2%2 == 1 {
			e = &filter.Not{X: e}
		}
		all = append(all, shape(t, e, a.path, text))
	}
	group := groupNames[i%len(groupNames)]
	if inner := groups[group][i/len(groupNames)%len(groups[group])]; inner.kind == schema.String {
		compare := &filter.Compare{Attr: path(t, inner.path), Op: filter.Eq, Value: filter.Value{Kind: filter.String, Text: text}}
		all = append(all, shape(t, &filter.ValuePath{Attr: path(t, group), Filter: compare}, group+"."+inner.path, text))
	}
	return all
}

// shape leaves out what the text may depend on: whether a literal is empty, whether
// the host's conversion takes it, how it compares with a constant, whether its
// comparison key is its lower case.
func shape(t *testing.T, e filter.Expr, path, text string) shaped {
	t.Helper()
	f := shaped{Filter: bind(t, e)}
	if text != "" && path != "opaque" && path != "mails.type" && path != "roles.value" {
		quoted := (&filter.Compare{Value: filter.Value{Kind: filter.String, Text: text}}).Value.String()
		f.shape = strings.Replace(f.String(), quoted, "x", 1)
		if scim.IdentityKey(text) != strings.ToLower(text) {
			f.shape += " as it is"
		}
	}
	return f
}

// TestControl: compilers that are wrong in the ways that one would be are
// caught.
func TestControl(t *testing.T) {
	rows := makeRows(t, 5, 60)
	e := newSQLite(t, rows)
	t.Run("values in the text", func(t *testing.T) {
		wrong := e.inject(t, injections()[:200], func(m mapping, t testing.TB, f *filter.Filter, first int) sqlfilter.Clause {
			c := m.clause(t, f, first)
			for i := len(c.Args) - 1; i >= 0; i-- {
				c.SQL = strings.ReplaceAll(c.SQL, e.dialect.Placeholder(first+i), fmt.Sprintf("'%v'", c.Args[i]))
			}
			return sqlfilter.Clause{SQL: c.SQL, Exact: c.Exact}
		})
		demand(t, wrong, "depends on the value", "syntax error")
	})
	for name, replace := range map[string]*strings.Replacer{
		"ne without missing values": strings.NewReplacer(" IS NULL)", " IS NULL AND FALSE)"),
		"not of NULL":               strings.NewReplacer(") IS TRUE", ") IS NOT NULL"),
		"any letter case":           strings.NewReplacer(" COLLATE BINARY", " COLLATE NOCASE"),
		"every element":             strings.NewReplacer("EXISTS (", "NOT EXISTS ("),
	} {
		t.Run(name, func(t *testing.T) {
			demand(t, e.differences(t, replace), "missing: ")
		})
	}
}

// demand fails the test unless the complaints have all words.
func demand(t *testing.T, complaints []string, words ...string) {
	t.Helper()
	all := strings.Join(complaints, "\n")
	for _, word := range words {
		if !strings.Contains(all, word) {
			t.Errorf("among %d complaints, none says %q", len(complaints), word)
		}
	}
}

// differences asks 500 filters with their clauses changed.
func (e *engine) differences(t *testing.T, change *strings.Replacer) (wrong []string) {
	t.Helper()
	ask := asker{random(11)}
	for i := range 500 {
		f := ask.bound(t)
		c := e.mappings[i%len(e.mappings)].clause(t, f, 1)
		c.SQL = change.Replace(c.SQL)
		found, err := e.check([]question{{f, c}})
		if err != nil {
			t.Fatal(err)
		}
		wrong = append(wrong, found...)
	}
	return wrong
}
