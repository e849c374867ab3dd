package sqlstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// value makes of what the driver gives the value of the attribute, nil for none.
func (m *mappedColumn) value(cell any) (any, error) {
	if m.Decode != nil {
		return m.Decode(cell)
	}
	if b, ok := cell.([]byte); ok {
		cell = string(b)
	}
	if text, ok := cell.(string); ok && m.SQL == "" {
		cell = m.info.text(text)
	}
	switch {
	case cell == nil || cell == "":
		return nil, nil
	case m.attr.Kind == model.Boolean:
		return truth(cell)
	case m.attr.Kind == model.DateTime:
		return moment(cell, m.Form)
	}
	switch v := cell.(type) {
	case string:
		if m.attr.Kind == model.Integer || m.attr.Kind == model.Decimal {
			return number(v)
		}
		return v, nil
	case int64, float64, bool:
		if m.attr.Kind == model.Integer || m.attr.Kind == model.Decimal {
			return v, nil
		}
	}
	return fmt.Sprint(cell), nil
}

func truth(cell any) (any, error) {
	switch v := cell.(type) {
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	case float64:
		return v != 0, nil
	}
	return nil, fmt.Errorf("%T is no boolean", cell)
}

// attribute is the value of the attribute in r, nil for none.
func (m *mappedColumn) attribute(r *scim.Resource) any {
	if m.only != nil {
		e, _ := m.only.element(r.Document())
		v, ok := e.Member(m.attr)
		if !ok {
			return nil
		}
		one, err := (&mappedColumn{attr: m.attr}).value(cellOf(v))
		if err != nil {
			return nil
		}
		return one
	}
	if !r.Has(m.path) {
		return nil
	}
	switch m.attr.Kind {
	case model.Boolean:
		return r.Bool(m.path)
	case model.Integer:
		return r.Int(m.path)
	case model.DateTime:
		return r.Time(m.path).UTC()
	case model.Decimal:
		f, _ := strconv.ParseFloat(r.String(m.path), 64)
		return f
	}
	return r.String(m.path)
}

// cellOf is a value of the document as a driver would give it.
func cellOf(v document.Value) any {
	switch v.Kind() {
	case document.True, document.False:
		return v.Bool()
	}
	return v.String()
}

// column makes of the value of the attribute what is written.
func (o *host) column(m *mappedColumn, v any) (any, error) {
	var err error
	if m.Encode != nil {
		if v, err = m.Encode(v); err != nil {
			return nil, err
		}
	} else if v == nil && m.info.notNull && m.attr.Kind != model.DateTime { // no time is none
		v = map[model.Kind]any{model.Boolean: false, model.Integer: 0, model.Decimal: 0.0}[m.attr.Kind]
		if v == nil {
			v = ""
		}
	}
	switch t := v.(type) {
	case time.Time:
		return o.time(m, t), nil
	case string:
		if m.Form == sqlfilter.Key && m.Encode == nil {
			return m.keyOf(t), nil
		}
	}
	return v, nil
}

// time is t as the column has it.
func (o *host) time(m *mappedColumn, t time.Time) any {
	switch {
	case m.Form == sqlfilter.UnixMicros:
		return t.UnixMicro()
	case m.Form == sqlfilter.UnixSeconds || m.info.isInteger():
		return t.Unix()
	case o.dialect.Dialect == SQLite:
		return t.UTC().Format("2006-01-02 15:04:05.000")
	}
	return t.UTC()
}

// moment reads a time of any of the forms that databases have. Which one a
// number is, form says.
func moment(cell any, form sqlfilter.Form) (any, error) {
	switch v := cell.(type) {
	case time.Time:
		return v.UTC(), nil
	case int64:
		if form == sqlfilter.UnixMicros {
			return time.UnixMicro(v).UTC(), nil
		}
		return time.Unix(v, 0).UTC(), nil
	case string:
		for _, form := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02"} {
			if t, err := time.Parse(form, v); err == nil {
				return t.UTC(), nil
			}
		}
	}
	return nil, fmt.Errorf("%v is no time", cell)
}

func number(text string) (any, error) {
	if whole, fraction, ok := strings.Cut(text, "."); ok && strings.Trim(fraction, "0") == "" {
		text = whole
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	return strconv.ParseFloat(text, 64)
}
