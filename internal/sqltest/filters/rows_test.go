package filters

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
)

// resource is a filter.Resource.
type resource struct{ doc *document.Doc }

func (r resource) Document() *document.Doc { return r.doc }

// values are the columns of one row. A decimal is a number as text, a time goes
// in as the database wants it.
type (
	values  map[string]any
	decimal string
)

// row is a resource, and the same in columns.
type row struct {
	resource
	columns  values
	children map[string][]values
}

// maker makes random rows.
type maker struct {
	*rand.Rand
	body     map[string]any
	columns  values
	children map[string][]values
}

func makeRows(t testing.TB, seed uint64, n int) []row {
	t.Helper()
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1))}
	rows := make([]row, n)
	for i := range rows {
		rows[i] = m.row(t, i)
	}
	return rows
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// some tells whether an attribute is there.
func (m *maker) some() bool { return m.IntN(3) > 0 }

func key(t testing.TB, path, value string) string {
	t.Helper()
	k, err := sqlfilter.KeyOf(gadget, path, value)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (m *maker) row(t testing.TB, n int) row {
	t.Helper()
	id := fmt.Sprintf("%c%d", "gG"[n%2], n)
	m.body = map[string]any{"id": id, "schemas": []string{gadget.Schema.ID}, "meta": map[string]any{"resourceType": "Gadget", "created": "2011-05-13T04:42:34.123456Z"}}
	m.columns, m.children = values{"n": int64(n), "id": id}, make(map[string][]values)
	m.strings(t)
	m.others(t)
	m.lists(t)
	m.extensions(t)
	body, err := json.Marshal(m.body)
	if err != nil {
		t.Fatal(err)
	}
	tree := document.NewTree(gadget.Model())
	if err := tree.Parse(body, &document.Options{Trusted: true, DropRefs: true}); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	r := resource{tree.Doc()}
	m.columns["doc_keys"] = string(sqlfilter.Keys(r))
	return row{r, m.columns, m.children}
}

// word puts one of list into the body, and into a column as its key.
func (m *maker) word(t testing.TB, body map[string]any, columns values, name, path, column string, list []string) {
	t.Helper()
	if m.some() {
		v := pick(m.Rand, list)
		body[name], columns[column] = v, key(t, path, v)
	}
}

// plain is word for a column that holds values as they were sent.
func (m *maker) plain(name, column string, list []string) {
	if m.some() {
		v := pick(m.Rand, list)
		m.body[name], m.columns[column] = v, v
	}
}

func (m *maker) strings(t testing.TB) {
	m.word(t, m.body, m.columns, "text", "text", "text_key", words)
	m.word(t, m.body, m.columns, "exactKey", "exactKey", "exact_key", words)
	m.plain("plain", "plain", ascii)
	m.plain("exact", "exact", ascii)
	m.plain("bin", "bin", ascii)
	m.plain("uri", "uri", words)
	for _, loose := range []string{"loose", "loose-case"} {
		if m.some() {
			m.body[loose] = pick(m.Rand, words)
		}
	}
	if m.some() {
		n := int64(m.IntN(5))
		m.body["opaque"], m.columns["opaque"] = strconv.FormatInt(n, 10), n
	}
	name := make(map[string]any)
	m.word(t, name, m.columns, "a", "name.a", "name_a", words)
	m.word(t, name, m.columns, "b", "name.b", "name_b", words)
	if many := m.list(t, "name.many", "g_many"); len(many) > 0 {
		name["many"] = many
	}
	m.body["name"] = name
}

// list makes a simple list of strings, and its rows.
func (m *maker) list(t testing.TB, path, table string) []string {
	t.Helper()
	var list []string
	for i := range m.IntN(3) {
		v := pick(m.Rand, words)
		list = append(list, v)
		m.children[table] = append(m.children[table], values{"pos": int64(i), "value_key": key(t, path, v)})
	}
	return list
}

func (m *maker) others(t testing.TB) {
	t.Helper()
	if m.some() {
		b := m.IntN(2) == 0
		m.body["flag"], m.columns["flag"] = b, b
	}
	if m.some() {
		m.body["looseFlag"] = m.IntN(2) == 0
	}
	if m.some() {
		n := pick(m.Rand, integers)
		value, _ := strconv.ParseInt(n, 10, 64)
		m.body["int"], m.columns["num_int"] = json.Number(n), value
	}
	if m.some() {
		n := pick(m.Rand, shortDecimals)
		m.body["dec"], m.columns["num_dec"] = json.Number(n), decimal(n)
	}
	if m.some() {
		n := pick(m.Rand, decimals)
		m.body["decKey"], m.columns["dec_key"] = json.Number(n), key(t, "decKey", n)
	}
	if m.some() {
		m.body["loosePart"] = map[string]any{"a": pick(m.Rand, words), "n": json.Number(pick(m.Rand, integers))}
	}
	m.word(t, m.body, m.columns, "atKey", "atKey", "at_key", append(times, strangeTimes...))
	m.time(t, "at", "at_time", 3, func(at time.Time) any { return at })
	m.time(t, "micros", "micros", 6, func(at time.Time) any { return at.UnixMicro() })
	m.time(t, "secs", "secs", 0, func(at time.Time) any { return at.Unix() })
}

func (m *maker) time(t testing.TB, name, column string, digits int, convert func(time.Time) any) {
	t.Helper()
	if !m.some() {
		return
	}
	text := pick(m.Rand, precise(digits))
	at, ok := document.ParseTime([]byte(text))
	if !ok {
		t.Fatalf("%s is no time", text)
	}
	m.body[name], m.columns[column] = text, convert(at)
}

func (m *maker) lists(t testing.TB) {
	t.Helper()
	m.body["texts"] = m.list(t, "texts", "g_texts")
	var ints []json.Number
	for i := range m.IntN(3) {
		text := pick(m.Rand, integers)
		n, _ := strconv.ParseInt(text, 10, 64)
		ints = append(ints, json.Number(text))
		m.children["g_ints"] = append(m.children["g_ints"], values{"pos": int64(i), "n": n})
	}
	m.body["ints"] = ints
	m.body["parts"] = m.parts(t, integers, true)
	m.body["looseParts"] = m.parts(t, decimals, false)
	m.mails(t)
	if m.some() {
		admin := m.IntN(2) == 0
		if m.columns["is_admin"] = admin; admin {
			m.body["roles"] = []any{map[string]any{"value": "admin"}}
		}
	}
}

// parts are elements of which at most one is primary.
func (m *maker) parts(t testing.TB, numbers []string, rows bool) (list []any) {
	t.Helper()
	primary := m.IntN(4)
	for i := range m.IntN(4) {
		part, columns := map[string]any{"type": "t"}, values{"pos": int64(i), "type": "t"}
		if m.some() {
			v := pick(m.Rand, []string{"work", "WORK", "home", "", "%"})
			part["type"], columns["type"] = v, v
		}
		m.word(t, part, columns, "value", "parts.value", "value_key", words)
		if i == primary || m.IntN(4) == 0 {
			part["primary"], columns["is_primary"] = i == primary, i == primary
		}
		if m.some() {
			text := pick(m.Rand, numbers)
			n, _ := strconv.ParseInt(text, 10, 64)
			part["n"], columns["n"] = json.Number(text), n
		}
		if m.IntN(3) == 0 {
			part["many"] = []string{pick(m.Rand, words), pick(m.Rand, words)}
		}
		if m.IntN(3) == 0 {
			delete(part, "type")
			delete(columns, "type")
			if len(part) == 0 {
				continue
			}
		}
		list = append(list, part)
		if rows {
			m.children["g_parts"] = append(m.children["g_parts"], columns)
		}
	}
	return list
}

// mails are elements made of columns, in the order of their paths.
func (m *maker) mails(t testing.TB) {
	t.Helper()
	var mails []any
	for _, kind := range []string{"home", "work"} {
		mail := map[string]any{"type": kind}
		if kind == "home" {
			mail["primary"] = true
		}
		if m.word(t, mail, m.columns, "value", "mails.value", "mail_"+kind, words); mail["value"] != nil {
			mails = append(mails, mail)
		}
	}
	m.body["mails"] = mails
}

func (m *maker) extensions(t testing.TB) {
	t.Helper()
	first, second := make(map[string]any), make(map[string]any)
	m.word(t, first, m.columns, "mine", one+":mine", "one_mine", words)
	m.word(t, first, m.columns, "both", one+":both", "one_both", words)
	m.word(t, second, m.columns, "both", two+":both", "two_both", words)
	var list []any
	for i := range m.IntN(3) {
		columns := values{"pos": int64(i)}
		element := make(map[string]any)
		m.word(t, element, columns, "value", one+":list.value", "value_key", words)
		m.word(t, element, columns, "type", one+":list.type", "type_key", words)
		if len(element) > 0 {
			list = append(list, element)
			m.children["g_list"] = append(m.children["g_list"], columns)
		}
	}
	first["list"] = list
	m.body[one], m.body[two] = first, second
	m.body["schemas"] = []string{gadget.Schema.ID, one, two}[:1+m.IntN(3)]
}

// matches are the rows that f matches in memory, as a set of their numbers.
func matches(f *filter.Filter, rows []row) (set uint64) {
	for i, r := range rows {
		if f.Match(r) {
			set |= 1 << i
		}
	}
	return set
}
