package transcript

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/internal/rawhttp"
)

// The two kinds of file in an archive. The txtar format is so small that
// reading it here is less than a requirement in every host's module graph.
const (
	requestMark  = "-- request --"
	responseMark = "-- response --"
)

func parse(name, text string) (Script, error) {
	s := Script{Name: name, Config: map[string]string{}}
	var sections []string
	var marks []string
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for line := range strings.Lines(text) {
		mark := strings.TrimSpace(line)
		switch {
		case mark == requestMark || mark == responseMark:
			marks = append(marks, mark)
			sections = append(sections, "")
		case strings.HasPrefix(mark, "-- ") && strings.HasSuffix(mark, " --"):
			return s, fmt.Errorf("%q is neither request nor response", mark)
		case len(sections) == 0:
			s.comment += line
		default:
			sections[len(sections)-1] += line
		}
	}
	for i, mark := range marks {
		switch {
		case mark == requestMark:
			s.Steps = append(s.Steps, Step{Request: sections[i]})
		case i == 0 || marks[i-1] == responseMark:
			return s, fmt.Errorf("response without a request")
		default:
			s.Steps[len(s.Steps)-1].Response = sections[i]
		}
	}
	if len(s.Steps) == 0 {
		return s, fmt.Errorf("no request")
	}
	s.directives()
	return s, nil
}

// directives reads the "# key: value" lines that the comment starts with.
func (s *Script) directives() {
	for line := range strings.Lines(s.comment) {
		text, isDirective := strings.CutPrefix(line, "# ")
		key, value, ok := strings.Cut(text, ":")
		if !isDirective || !ok {
			return
		}
		s.Config[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
}

func (s Script) format() string {
	var b strings.Builder
	b.WriteString(s.comment)
	for _, step := range s.Steps {
		b.WriteString(requestMark + "\n" + step.Request + responseMark + "\n" + step.Response)
	}
	return b.String()
}

// shown are the headers that a transcript shows wherever they are sent, in
// this order.
var shown = []string{
	"Allow", "Content-Location", "Content-Type", "ETag",
	"Location", "Retry-After", "WWW-Authenticate",
}

// render writes an answer as transcripts show it.
func render(resp *rawhttp.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", resp.Status, http.StatusText(resp.Status))
	for _, name := range shown {
		for _, value := range resp.Header.Values(name) {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	if len(resp.Body) == 0 {
		return b.String()
	}
	b.WriteString("\n")
	var body bytes.Buffer
	if json.Indent(&body, bytes.TrimSpace(resp.Body), "", "  ") != nil {
		body.Reset()
		body.Write(bytes.TrimSpace(resp.Body))
	}
	b.Write(body.Bytes())
	b.WriteString("\n")
	return b.String()
}

// diff shows the lines between the common beginning and the common end.
func diff(want, got string) string {
	w, g := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	start := 0
	for start < len(w) && start < len(g) && w[start] == g[start] {
		start++
	}
	wEnd, gEnd := len(w), len(g)
	for wEnd > start && gEnd > start && w[wEnd-1] == g[gEnd-1] {
		wEnd--
		gEnd--
	}
	const context = 3
	var b strings.Builder
	write := func(sign string, lines []string) {
		for _, line := range lines {
			if line != "" {
				b.WriteString(sign + strings.TrimSuffix(line, "\n") + "\n")
			}
		}
	}
	write("  ", w[max(0, start-context):start])
	write("- ", w[start:wEnd])
	write("+ ", g[start:gEnd])
	write("  ", w[wEnd:min(len(w), wEnd+context)])
	return b.String()
}
