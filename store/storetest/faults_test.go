package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// faults are what handlers do wrong, and the rule that finds it.
var faults = []struct{ fault, rule string }{
	{"stores no externalId", "create/keeps"},
	{"stores no extension", "create/keeps"},
	{"stamps a version of its own and does not say so", "create/keeps"},
	{"counts ids in each table", "create/ids"},
	{"counts ids from the highest that is left", "create/ids"},
	{"compares unique values as they are spelled", "create/unique"},
	{"compares unique values by strings.ToLower", "create/unique"},
	{"compares unique values by strings.ToLower", "create/distinct"},
	{"compares unique values without marks", "create/distinct"},
	{"says of conflicts that something went wrong", "create/unique"},
	{"stores what it refuses", "create/unique"},
	{"looks for conflicts, then creates", "create/race"},
	{"keeps the resource that Create got", "create/private"},

	{"gives nothing for an unknown id", "get/unknown"},
	{"gives an error of its own for an unknown id", "get/unknown"},
	{"finds resources of other types", "get/unknown"},
	{"finds ids in any letter case", "get/unknown"},
	{"calls edit before it looks", "get/unknown"},
	{"deletes what is not there", "get/unknown"},
	{"gives out the stored resource", "get/private"},
	{"writes in two steps", "get/whole"},

	{"gives edit a resource without its id", "update/stores"},
	{"gives the resource as it was before", "update/stores"},
	{"merges instead of replacing", "update/stores"},
	{"edits the stored resource", "update/rollback"},
	{"stores what a failed edit made", "update/rollback"},
	{"hides the error of edit", "update/rollback"},
	{"forgets the error of edit", "update/rollback"},
	{"checks conflicts on Create only", "update/unique"},
	{"takes a resource's own value for a conflict", "update/unique"},
	{"never frees unique values", "update/unique"},
	{"writes, then finds the conflict", "update/unique"},
	{"reads, then writes", "update/lost"},
	{"compares and swaps, and gives edit the same resource again", "update/lost"},
	{"looks for conflicts, then updates", "update/race"},
	{"keeps the resource that edit got", "update/private"},

	{"marks as deleted and goes on listing", "delete/gone"},
	{"never frees unique values", "delete/frees"},
	{"deletes without a check", "delete/check"},
	{"deletes, then checks", "delete/check"},
	{"hides the error of check", "delete/check"},

	{"has no stable order", "list/pages"},
	{"gives the number on the page as the total", "list/pages"},
	{"counts pages from zero", "list/pages"},
	{"filters the page, not the list", "list/pages"},
	{"takes count 0 for no limit", "list/count"},
	{"has no total on an empty page", "list/beyond"},
	{"gives the last page behind the end", "list/beyond"},
	{"finds ids without regard to case", "list/id"},
	{"finds userName as it is spelled", "list/unique"},
	{"finds externalId without regard to case", "list/externalId"},
	{"finds externalId by its beginning", "list/externalId"},
	{"gives everything where a filter is not eq", "list/filter"},
	{"takes ne for not eq null", "list/filter"},
	{"sorts ascending only", "list/order"},
	{"sorts what is missing first", "list/order"},
	{"sorts the page, not the list", "list/order"},
	{"does not sort", "list/order"},

	{"stores one member only", "members/create"},
	{"leaves unknown members out", "members/unknown"},
	{"stores unknown members", "members/unknown"},
	{"adds where it should replace", "members/delta"},
	{"replaces where it should add", "members/delta"},
	{"always says that members changed", "members/delta"},
	{"counts members to see whether they changed", "members/delta"},
	{"takes a delta for a change", "members/delta"},
	{"stores the members only", "members/delta"},
	{"gives edit no members", "members/update"},
	{"has room for 1000 members", "members/many"},
	{"writes the members before edit agrees", "members/rollback"},
	{"forgets the members that Get omits", "members/omit"},
	{"keeps the members apart and forgets them on Update", "members/omit"},
	{"does not look into members", "members/filter"},
	{"leaves deleted members in their groups", "members/deleted"},
	{"changes members of a copy", "members/lost"},
	{"looks for members, then adds", "members/dangling"},
	{"changes the members of nothing", "members/gone"},
	{"computes no groups", "members/groups"},

	{"has one map for all tenants", "tenants/resources"},
	{"filters without the tenant", "tenants/resources"},
	{"has unique values across tenants", "tenants/unique"},
	{"takes members from any tenant", "tenants/members"},

	{"ignores the context", "context/cancelled"},
	{"hides the context's error", "context/cancelled"},
	{"changes members whatever the context says", "context/members"},
}

func findRule(t *testing.T, name string) rule {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.name == name })
	if i < 0 {
		t.Fatalf("there is no rule %s", name)
	}
	return rules[i]
}

// TestFaults proves that the suite bites: each rule finds the faults that are
// named beside it, in a handler that is right otherwise.
func TestFaults(t *testing.T) {
	bitten := make(map[string]bool)
	for _, f := range faults {
		bitten[f.rule] = true
		t.Run(f.rule+"/"+f.fault, func(t *testing.T) {
			r := findRule(t, f.rule)
			start := func() Host { return open(f.fault, func(h *small) scim.ResourceHandler { return withList{h} }) }
			var found []string
			for i := range start().Endpoints {
				if !r.applies(start(), i) {
					continue
				}
				if err := r.run(start(), i); err != nil {
					if !strings.HasPrefix(err.Error(), r.says+"\n") {
						t.Errorf("the failure does not begin with the rule: %v", err)
					}
					found = append(found, err.Error())
				}
			}
			if found == nil {
				t.Errorf("%s does not find a handler that %s", f.rule, f.fault)
			}
			for _, s := range found {
				if strings.Contains(s, "panic: ") {
					t.Errorf("the handler that %s is found by a panic only: %s", f.fault, s)
				}
				t.Log(s)
			}
		})
	}
	for _, r := range rules {
		if !bitten[r.name] {
			t.Errorf("no fault shows that the rule %s bites", r.name)
		}
	}
}

// TestControl proves that the suite lets pass what is right.
func TestControl(t *testing.T) {
	for name, wrap := range map[string]func(*small) scim.ResourceHandler{
		"plain":     func(h *small) scim.ResourceHandler { return h },
		"with list": func(h *small) scim.ResourceHandler { return withList{h} },
		"declines":  func(h *small) scim.ResourceHandler { return decorator{declines{h}} },
		"decorated": func(h *small) scim.ResourceHandler { return decorator{withList{h}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Run(t, func(*testing.T) Host { return open("", wrap) })
		})
	}
}
