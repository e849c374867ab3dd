package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxBody is more than any form or body needs.
const maxBody = 16 << 10

// readBody reads a body of one media type.
func (c *call) readBody(mediaType string) ([]byte, error) {
	got, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || got != mediaType {
		return nil, &problem{status: http.StatusUnsupportedMediaType, code: "form", detail: "The body must be " + mediaType + "."}
	}
	return c.readAll()
}

func (c *call) readAll() ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest
		if e := (*http.MaxBytesError)(nil); errors.As(err, &e) {
			status = http.StatusRequestEntityTooLarge
		}
		return nil, &problem{status: status, code: "form", detail: "The body is too long or incomplete."}
	}
	return data, nil
}

func badBody(field, detail string) error {
	return &problem{status: http.StatusBadRequest, code: "body", field: field, detail: detail}
}

// readJSON reads an object whose members are those of fields, each at most
// once, into what they point to. encoding/json alone takes the last of doubled
// names, and any letter case. No body is an empty object.
func (c *call) readJSON(fields map[string]any) error {
	data, err := c.readAll()
	if err != nil || len(data) == 0 {
		return err
	}
	if got, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || got != "application/json" {
		return &problem{status: http.StatusUnsupportedMediaType, code: "body", detail: "The Content-Type must be application/json."}
	}
	if !utf8.Valid(data) {
		return badBody("", "The body is not UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return badBody("", "The body is not a JSON object.")
	}
	var seen []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return badBody("", "The body is not valid JSON.")
		}
		field := name.(string) // the decoder lets nothing else be a name
		if fields[field] == nil || slices.Contains(seen, field) {
			return badBody(field, "The member "+strconv.Quote(field)+" is unknown or there twice.")
		}
		seen = append(seen, field)
		if err := readMember(d, fields[field]); err != nil {
			return badBody(field, field+" has a value of the wrong type, or one that is no text.")
		}
	}
	if _, err := d.Token(); err != nil {
		return badBody("", "The body is not valid JSON.")
	}
	if _, err := d.Token(); err != io.EOF {
		return badBody("", "Something follows the JSON object.")
	}
	return nil
}

var errNull = errors.New("null")

var errSurrogate = errors.New("a lone surrogate is no character")

// loneSurrogate tells whether JSON has an escape that is half a character, for
// which encoding/json puts U+FFFD.
func loneSurrogate(raw []byte) bool {
	high := false // the last thing was the first half of a pair
	for i := 0; i < len(raw); i++ {
		var unit uint64
		if raw[i] == '\\' && i+1 < len(raw) {
			if i++; raw[i] == 'u' && i+4 < len(raw) {
				unit, _ = strconv.ParseUint(string(raw[i+1:i+5]), 16, 16) // the decoder has seen four digits
				i += 4
			}
		}
		low := unit >= 0xdc00 && unit <= 0xdfff
		if low != high {
			return true
		}
		high = unit >= 0xd800 && unit <= 0xdbff
	}
	return high
}

// readMember refuses null, which encoding/json takes for nothing, and what it
// changes in strings.
func readMember(d *json.Decoder, into any) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	if bytes.Equal(raw, []byte("null")) {
		return errNull
	}
	if loneSurrogate(raw) {
		return errSurrogate
	}
	return json.Unmarshal(raw, into)
}

// readQuery reads parameters that are positive numbers.
func (c *call) readQuery(names ...string) (map[string]int64, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, badBody("", "The query is not valid.")
	}
	got := map[string]int64{}
	for name, v := range values {
		n, err := strconv.ParseInt(v[0], 10, 64)
		if !slices.Contains(names, name) || len(v) > 1 || err != nil || n < 1 {
			return nil, badBody(name, "The parameter "+strconv.Quote(name)+" is unknown, there twice, or no positive number.")
		}
		got[name] = n
	}
	return got, nil
}

// readForm reads a form with the given fields, each once; a name with a * may be
// there any number of times.
func (c *call) readForm(names ...string) (url.Values, error) {
	data, err := c.readBody("application/x-www-form-urlencoded")
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, problemForm
	}
	for _, name := range names {
		if name[0] != '*' && len(form[name]) != 1 {
			return nil, problemForm
		}
	}
	for name, values := range form {
		if !slices.Contains(names, name) && !slices.Contains(names, "*"+name) {
			return nil, problemForm
		}
		for _, v := range values {
			if !utf8.ValidString(v) {
				return nil, problemForm
			}
		}
	}
	return form, nil
}
