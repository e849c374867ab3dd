package reqtable

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/idpcases"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// deviation is a row of scim/tolerance.md.
type deviation struct {
	id                        string
	strict                    string
	defaults, switches, names []string
	cases, tests              []string
}

var (
	caseName   = regexp.MustCompile(`^[a-z0-9]+-\d{3}$`)
	toleration = reflect.TypeFor[scim.Tolerance]()
	// options are the structs of which the table names fields.
	options = map[string]reflect.Type{
		"Config": reflect.TypeFor[scim.Config](), "Endpoint": reflect.TypeFor[scim.Endpoint](),
		"Limits": reflect.TypeFor[scim.Limits](), "Error": reflect.TypeFor[scim.Error](),
		"Attribute": reflect.TypeFor[schema.Attribute](),
	}
)

func parseDeviations(table string) ([]deviation, error) {
	var all []deviation
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| Q") {
			continue
		}
		cells := split(strings.TrimSpace(line))
		if len(cells) != 9 {
			return nil, fmt.Errorf("%d columns, want 9\n%s", len(cells), line)
		}
		d := deviation{id: cells[0], strict: cells[4], defaults: list(cells[5]), switches: list(cells[6]), names: list(cells[7])}
		for _, name := range list(cells[8]) {
			switch {
			case caseName.MatchString(name):
				d.cases = append(d.cases, name)
			case testPattern.MatchString(name):
				d.tests = append(d.tests, name)
			default:
				return nil, fmt.Errorf("%s: %q is neither a case nor package.TestName", d.id, name)
			}
		}
		if slices.Contains(cells[:6], "") || len(d.cases)+len(d.tests) == 0 {
			return nil, fmt.Errorf("%s: a cell is empty", d.id)
		}
		all = append(all, d)
	}
	return all, nil
}

// list gives the entries of a cell, without their quotes.
func list(cell string) []string {
	var all []string
	for entry := range strings.SplitSeq(cell, ",") {
		if entry = strings.Trim(entry, " `"); entry != "" {
			all = append(all, entry)
		}
	}
	return all
}

// checkSwitches says what is wrong with the defaults of d: an on or off without
// a field of that value, an always or policy with a field that is a switch.
func (d *deviation) checkSwitches() error {
	if len(d.switches) > 0 && len(d.defaults) != len(d.switches) || len(d.switches) == 0 && len(d.defaults) != 1 {
		return fmt.Errorf("%d defaults, %d switches", len(d.defaults), len(d.switches))
	}
	for i, def := range d.defaults {
		name := ""
		if i < len(d.switches) {
			name = d.switches[i]
		}
		if err := checkSwitch(def, name); err != nil {
			return err
		}
	}
	same := strings.HasPrefix(d.strict, "same")
	if def := d.defaults[0]; def == "always" && !same || (def == "on" || def == "off") && same {
		return fmt.Errorf("default %s, and the strict answer is %q", def, d.strict)
	}
	return nil
}

func checkSwitch(def, name string) error {
	if owner, field, ok := strings.Cut(name, "."); ok {
		if options[owner] == nil {
			return fmt.Errorf("%s: no struct of this name", name)
		}
		if _, ok := options[owner].FieldByName(field); !ok || def != "always" && def != "policy" {
			return fmt.Errorf("%s is %s, or not there", name, def)
		}
		return nil
	}
	field, ok := toleration.FieldByName(name)
	if name != "" && !ok {
		return fmt.Errorf("Tolerance has no field %s", name)
	}
	isSwitch := ok && field.Type.Kind() == reflect.Bool
	switch def {
	case "on", "off":
		if !isSwitch {
			return fmt.Errorf("%q is %s and no boolean field of Tolerance", name, def)
		}
		if value(scim.Tolerant(), name) != (def == "on") || value(scim.Strict(), name) {
			return fmt.Errorf("%s is not %s", name, def)
		}
	case "always", "policy":
		if isSwitch || ok && def == "always" {
			return fmt.Errorf("%s is a switch, and the default says %s", name, def)
		}
	default:
		return fmt.Errorf("default %q", def)
	}
	return nil
}

func value(t scim.Tolerance, field string) bool {
	return reflect.ValueOf(t).FieldByName(field).Bool()
}

func TestTolerance(t *testing.T) {
	table, err := os.ReadFile("../../scim/tolerance.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseDeviations(string(table))
	if err != nil {
		t.Fatal(err)
	}
	var got, want, switches, names []string
	for i := range 105 {
		want = append(want, fmt.Sprintf("Q%d", i+1))
	}
	for _, d := range rows {
		got = append(got, d.id)
		switches = append(switches, d.switches...)
		names = append(names, d.names...)
		if err := d.checkSwitches(); err != nil {
			t.Errorf("%s: %v", d.id, err)
		}
	}
	if complaint := sequence(got, want); complaint != "" {
		t.Error(complaint)
	}
	for i := range toleration.NumField() {
		if name := toleration.Field(i).Name; !slices.Contains(switches, name) {
			t.Errorf("no row has the field %s of Tolerance", name)
		}
	}
	var quirks []string
	for _, q := range scim.Quirks() {
		quirks = append(quirks, q.String())
	}
	for _, complaint := range differences(names, quirks) {
		t.Error(complaint)
	}
}

// differences tells which names are in one list only.
func differences(table, quirks []string) []string {
	var all []string
	for _, name := range table {
		if !slices.Contains(quirks, name) {
			all = append(all, "there is no quirk "+name)
		}
	}
	for _, name := range quirks {
		if !slices.Contains(table, name) {
			all = append(all, "no row has the quirk "+name)
		}
	}
	return all
}

func TestToleranceCoverage(t *testing.T) {
	table, err := os.ReadFile("../../scim/tolerance.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseDeviations(string(table))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]string{}
	for _, c := range idpcases.Load() {
		cases[c.ID] = c.Quirks
	}
	tests := map[string]map[string]bool{}
	for _, d := range rows {
		for _, name := range d.cases {
			if !slices.Contains(cases[name], d.id) {
				t.Errorf("%s: there is no case %s, or it is not about this", d.id, name)
			}
		}
		for _, name := range d.tests {
			complaint := exists(tests, "../..", name)
			if complaint == "" {
				complaint = subtestExists("../..", name)
			}
			if complaint != "" {
				t.Errorf("%s: %s", d.id, complaint)
			}
		}
	}
}

// subtestExists says what is wrong with the part of a test's name behind the
// function: it must stand as a string in a test of the package.
func subtestExists(root, name string) string {
	dir, function, _ := strings.Cut(name, ".")
	_, sub, ok := strings.Cut(function, "/")
	if !ok {
		return ""
	}
	files, _ := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), `"`+sub+`"`) {
			return ""
		}
	}
	return "there is no subtest " + name
}

func TestToleranceFindsMistakes(t *testing.T) {
	row := func(cells string) string { return "| Q1 | a | b | c | " + cells + " |\n" }
	for _, cells := range []string{
		"same | always | | ", // a column too few
		"same | always | | | ",
		"same | always | | | TestX",
		" | always | | | entra-001",
	} {
		if _, err := parseDeviations(row(cells)); err == nil {
			t.Errorf("%s: no error", cells)
		}
	}
	for _, cells := range []string{
		"400 | on | `Nothing` | | entra-001",
		"400 | on | | | entra-001",
		"400 | on | `LeadingSlash` | | entra-001",
		"400 | off | `Slashes` | | entra-001",
		"same | on | `Slashes` | | entra-001",
		"400 | on, off | `Slashes` | | entra-001",
		"400 | always | `Slashes` | | entra-001",
		"same | always | `PutKeeps` | | entra-001",
		"400 | on | `PutKeeps` | | entra-001",
		"400 | on | `Config.NewID` | | entra-001",
		"same | policy | `Config.Nothing` | | entra-001",
		"same | policy | `Nothing.NewID` | | entra-001",
		"same | maybe | | | entra-001",
		"400 | always | | | entra-001",
	} {
		rows, err := parseDeviations(row(cells))
		if err != nil {
			t.Fatal(err)
		}
		if err := rows[0].checkSwitches(); err == nil {
			t.Errorf("%s: no error", cells)
		}
	}
	if got := differences([]string{"a", "b"}, []string{"b", "c"}); len(got) != 2 {
		t.Errorf("differences = %q", got)
	}
	for name, want := range map[string]bool{"scim.TestQuirks": true, "scim.TestQuirks/op-case": true, "scim.TestQuirks/no-such-thing": false} {
		if got := subtestExists("../..", name); (got == "") != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
