package sqlfilter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// place tells where a literal lies as seen from the argument that stands for
// it, of the precision and range that the column has.
type place int

const (
	same place = iota
	above
	below
)

// adjust gives the operator that compares with the argument as op does with the
// literal. ok is false if nothing can be equal to the literal.
func (at place) adjust(op filter.Op) (adjusted filter.Op, ok bool) {
	switch {
	case at == same:
		return op, true
	case op == filter.Eq || op == filter.Ne:
		return op, false
	case op == filter.Gt || op == filter.Ge:
		if at == above {
			return filter.Gt, true
		}
		return filter.Ge, true
	case at == above:
		return filter.Le, true
	}
	return filter.Lt, true
}

// bounded compares x with an argument that stands at some place to the literal.
func (p *printer) bounded(x string, q question, at place, cast string, arg any) string {
	op, ok := at.adjust(q.op)
	switch {
	case ok:
		return x + signs[op] + fmt.Sprintf(cast, p.arg(arg))
	case op == filter.Ne:
		return x + " IS NOT NULL"
	}
	return no
}

// decimal is a number as its comparison key has it: 0.digits × 10^scale.
type decimal struct {
	negative bool
	scale    int64
	digits   string
}

func decimalOf(key string) decimal {
	if len(key) < 17 {
		return decimal{}
	}
	d := decimal{negative: key[0] == '0', digits: key[17:]}
	scale, _ := strconv.ParseUint(key[1:17], 16, 64)
	if d.negative {
		scale = ^scale
		d.digits = strings.Map(func(r rune) rune { return '0' + '9' - r }, strings.TrimSuffix(d.digits, "~"))
	}
	d.scale = int64(scale ^ 1<<63)
	return d
}

// String writes d as a number of SQL and JSON.
func (d decimal) String() string {
	if d.digits == "" {
		return "0"
	}
	sign := ""
	if d.negative {
		sign = "-"
	}
	return sign + "0." + d.digits + "e" + strconv.FormatInt(d.scale, 10)
}

// integer gives d if it is an integer of 64 bits, or else the next one below.
func (d decimal) integer() (n int64, at place, ok bool) {
	switch {
	case d.digits == "":
		return 0, same, true
	case d.scale > 19:
		return 0, same, false
	case d.scale <= 0:
		if d.negative {
			return -1, above, true
		}
		return 0, above, true
	}
	whole := d.digits
	if n := int(d.scale); len(whole) > n {
		whole, at = whole[:n], above
	} else {
		whole += strings.Repeat("0", n-len(whole))
	}
	if d.negative {
		whole = "-" + whole
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if at == above && d.negative {
		if n == math.MinInt64 {
			return 0, same, false
		}
		n--
	}
	return n, at, err == nil
}

func (p *printer) askNumber(x string, q question) (string, error) {
	d := decimalOf(q.keys[0])
	switch p.d {
	case PostgreSQL:
		// More digits than anybody stores, and fewer than numeric takes.
		d.scale = min(max(d.scale, -10000), 10000)
		return p.bounded(x, q, same, "CAST(%s::text AS numeric)", d.String()), nil
	case SQLite:
		arg, at := number(q.attr, d)
		return p.bounded(x, q, at, "%s", arg), nil
	}
	arg, at := d.fixed()
	return p.bounded(x, q, at, "CAST(%s AS DECIMAL(65,30))", arg), nil
}

// number gives the int64 or float64 that is next to d. SQLite holds no others.
func number(a *model.Attr, d decimal) (any, place) {
	n, at, ok := d.integer()
	if ok && (at == same || n >= 1<<53 || n <= -1<<53) {
		return n, at
	}
	// The place is as seen from the shortest decimal number that stands for f,
	// for that is how f is shown; at the ends of int64, f also has integers
	// beside it, and what counts is f itself.
	f, _ := strconv.ParseFloat(d.String(), 64)
	shown := strconv.FormatFloat(f, 'e', -1, 64)
	if math.Abs(f) == 1<<63 {
		shown = strconv.FormatFloat(f, 'f', 0, 64)
	}
	literal, _ := filter.LiteralKey(a, d.String())
	nearest, finite := filter.LiteralKey(a, shown)
	switch {
	case !finite && f > 0:
		return math.MaxFloat64, above
	case !finite:
		return -math.MaxFloat64, below
	case literal > nearest:
		return f, above
	case literal < nearest:
		return f, below
	}
	return f, same
}

// fixed writes d without exponent, cut to the 35 and 30 digits that MySQL's
// widest type has before and behind the point.
func (d decimal) fixed() (text string, at place) {
	beyond, sign := above, ""
	if d.negative {
		beyond, sign = below, "-"
	}
	if d.scale > 35 {
		return sign + strings.Repeat("9", 35), beyond
	}
	whole, fraction := "0", ""
	switch n := int64(len(d.digits)); {
	case n == 0 || d.scale < -30:
	case d.scale <= 0:
		fraction = strings.Repeat("0", int(-d.scale)) + d.digits
	case d.scale < n:
		whole, fraction = d.digits[:d.scale], d.digits[d.scale:]
	default:
		whole = d.digits + strings.Repeat("0", int(d.scale-n))
	}
	if len(fraction) > 30 || d.scale < -30 && d.digits != "" {
		fraction, at = fraction[:min(len(fraction), 30)], beyond
	}
	if whole == "0" && strings.Trim(fraction, "0") == "" {
		sign = ""
	}
	return sign + whole + strings.TrimSuffix("."+fraction, "."), at
}

// instant reads the comparison key of a dateTime.
func instant(key string) (unix int64, fraction string) {
	whole, fraction, _ := strings.Cut(key, ".")
	unix, _ = strconv.ParseInt(whole, 10, 64)
	return unix - epoch, fraction
}

// epoch is 1970 in comparison keys, whose year 0 begins in March.
var epoch = func() int64 {
	key, _ := filter.LiteralKey(&model.Attr{Kind: model.DateTime}, "1970-01-01T00:00:00Z")
	n, _ := strconv.ParseInt(key, 10, 64)
	return n
}()

var (
	firstSecond = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastSecond  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// moment cuts a dateTime to so many digits of a fraction and to the years that
// databases have.
func moment(key string, digits int) (time.Time, place) {
	unix, fraction := instant(key)
	switch {
	case unix < firstSecond.Unix():
		return firstSecond, below
	case unix > lastSecond.Unix():
		return lastSecond.Add(time.Second - time.Microsecond).Truncate(precision(digits)), above
	}
	at := same
	if len(fraction) > digits {
		fraction, at = fraction[:digits], above
	}
	nanos, _ := strconv.Atoi((fraction + "000000000")[:9])
	return time.Unix(unix, int64(nanos)).UTC(), at
}

func precision(digits int) time.Duration {
	return time.Duration(math.Pow10(9 - digits))
}

func (p *printer) askTime(column *Column, q question) (string, error) {
	x, key := column.SQL, q.keys[0]
	switch {
	case column.Form == UnixSeconds:
		t, at := moment(key, 0)
		return p.bounded(x, q, at, p.d.bigint(), t.Unix()), nil
	case column.Form == UnixMicros:
		t, at := moment(key, 6)
		return p.bounded(x, q, at, p.d.bigint(), t.UnixMicro()), nil
	case p.d == SQLite:
		t, at := moment(key, 3)
		return p.bounded(sqliteTime(x), q, at, "%s", t.Format("2006-01-02T15:04:05.000")), nil
	case p.d == MySQL:
		t, at := moment(key, 6)
		return p.bounded(x, q, at, "CAST(%s AS DATETIME(6))", t.Format("2006-01-02 15:04:05.000000")), nil
	}
	t, at := moment(key, 6)
	return p.bounded(x, q, at, "CAST(%s::text AS timestamptz)", t.Format("2006-01-02T15:04:05.000000Z07:00")), nil
}

// sqliteTime is a time in UTC, of a form that compares as text.
func sqliteTime(x string) string { return "strftime('%Y-%m-%dT%H:%M:%f', " + x + ")" }
