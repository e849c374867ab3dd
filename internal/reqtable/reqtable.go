// Package reqtable reads requirements.md, the table that says which test
// asserts which requirement of SCIM.
package reqtable

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed requirements.md
var requirements string

// A Row is one requirement.
type Row struct {
	ID          string
	Level       string
	Where       string
	Requirement string
	Status      string
	Tests       []string // of a covered requirement
	Reason      string   // of one that does not apply
}

// The values of Status.
const (
	Covered = "covered"
	NotYet  = "not yet"
	NA      = "n.a."
)

var (
	separator   = regexp.MustCompile(`(?:^|[^\\])\|`)
	testPattern = regexp.MustCompile(`^([a-z0-9/]+)\.((?:Test|Fuzz|Example)\w*)(?:/\S+)?$`)
)

// Load reads the table.
func Load() ([]Row, error) { return parse(requirements) }

func parse(table string) ([]Row, error) {
	var rows []Row
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| R-") {
			continue
		}
		row, err := parseRow(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, line)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func parseRow(line string) (Row, error) {
	cells := split(line)
	if len(cells) != 6 {
		return Row{}, fmt.Errorf("%d columns, want 6", len(cells))
	}
	r := Row{ID: cells[0], Level: cells[1], Where: cells[2], Requirement: cells[3], Status: cells[4]}
	test := cells[5]
	switch r.Level {
	case "MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "PRACTICE":
	default:
		return r, fmt.Errorf("level %q", r.Level)
	}
	switch {
	case r.Requirement == "":
		return r, fmt.Errorf("no requirement")
	case r.Status == NotYet && test == "":
	case r.Status == NA && test != "":
		r.Reason = test
	case r.Status == Covered && test != "":
		for name := range strings.SplitSeq(test, ",") {
			name = strings.Trim(name, " `")
			if !testPattern.MatchString(name) {
				return r, fmt.Errorf("test %q is not package.TestName", name)
			}
			r.Tests = append(r.Tests, name)
		}
	default:
		return r, fmt.Errorf("status %q with test %q: covered names a test, n.a. a reason, not yet nothing", r.Status, test)
	}
	return r, nil
}

// split gives the cells of a line of a markdown table.
func split(line string) []string {
	var cells []string
	start := 1
	for _, m := range separator.FindAllStringIndex(line, -1) {
		if end := m[1] - 1; end >= start {
			cells = append(cells, strings.TrimSpace(line[start:end]))
			start = m[1]
		}
	}
	return cells
}

// ids gives the requirements that must be in the table, in order: those of
// the areas A to P, S to Y, AA and AC to AF. Cursors, .search, bulk, /Me and
// RFC 9967 are not part of it yet.
func ids() []string {
	var all []string
	for _, span := range [][2]int{{1, 251}, {281, 365}, {391, 400}, {406, 443}} {
		for i := span[0]; i <= span[1]; i++ {
			all = append(all, fmt.Sprintf("R-%03d", i))
		}
	}
	return all
}
