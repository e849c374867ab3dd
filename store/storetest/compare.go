package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// form is r as it is compared: its attributes but for those that are never
// stored or that the handler computes. The elements of a list are in order, as
// SCIM gives their order no meaning; of the members only the values count.
func (k *kind) form(r *scim.Resource) map[string]string {
	form := make(map[string]string)
	d := r.Document()
	for _, s := range d.Segs() {
		v := d.Slice(s)
		switch {
		case s.ID == model.None || s.ID == model.Schemas || k.model.Attrs[s.ID].Mutability == model.WriteOnly:
		case k.groups != nil && s.ID == k.groups.ID:
		case k.members != nil && s.ID == k.members.ID:
			form[k.members.Name] = strings.Join(slices.Sorted(slices.Values(k.memberIDs(r))), " ")
		case k.model.Attrs[s.ID].Extension:
			it := v.Members()
			for name, value, ok := it.Next(); ok; name, value, ok = it.Next() {
				form[k.model.Attrs[s.ID].Name+":"+name.String()] = canonical(value)
			}
		default:
			form[k.model.Attrs[s.ID].Name] = canonical(v)
		}
	}
	return form
}

func canonical(v document.Value) string {
	if v.Kind() != document.Array {
		return string(v.Raw())
	}
	var elements []string
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		elements = append(elements, string(e.Raw()))
	}
	slices.Sort(elements)
	return "[" + strings.Join(elements, ",") + "]"
}

// differ names the first attributes in which got is not as want, "" if none.
func (k *kind) differ(got, want *scim.Resource) string {
	return differences(k.form(got), k.form(want))
}

func differences(got, want map[string]string) string {
	var all []string
	for name, v := range want {
		if got[name] != v {
			all = append(all, fmt.Sprintf("%s is %.200s, want %.200s", name, orNothing(got[name]), v))
		}
	}
	for name, v := range got {
		if _, ok := want[name]; !ok {
			all = append(all, fmt.Sprintf("%s is %.200s, want nothing", name, v))
		}
	}
	slices.Sort(all)
	return strings.Join(all[:min(len(all), 5)], "; ")
}

func orNothing(s string) string {
	if s == "" {
		return "missing"
	}
	return s
}

// stored ends the check if the resource is not stored as want.
func (k *kind) stored(want *scim.Resource, when string) {
	if diff := k.differ(k.get(want.ID()), want); diff != "" {
		k.failf("%s: %s", when, diff)
	}
}

// sameIDs ends the check if got does not have the ids want, in any order.
func (k *kind) sameIDs(got, want []string, when string) {
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	k.sameOrder(got, want, when)
}

// sameOrder is sameIDs for sorted lists.
func (k *kind) sameOrder(got, want []string, when string) {
	if slices.Equal(got, want) {
		return
	}
	for i, id := range got {
		if !slices.Contains(want, id) {
			k.failf("%s: got %d, want %d; %q must not be there", when, len(got), len(want), id)
		}
		if slices.Contains(got[:i], id) {
			k.failf("%s: %q is there twice", when, id)
		}
	}
	for _, id := range want {
		if !slices.Contains(got, id) {
			k.failf("%s: got %d, want %d; %q is missing", when, len(got), len(want), id)
		}
	}
	for i := range got {
		if got[i] != want[i] {
			k.failf("%s: the order is wrong: %q is number %d, want %q there", when, got[i], i+1, want[i])
		}
	}
}

// memberIDs are the values of r's members.
func (k *kind) memberIDs(r *scim.Resource) []string {
	var all []string
	for _, v := range r.Values(k.members.Name) {
		all = append(all, v.String("value"))
	}
	return all
}

// setMembers makes ids the members of r.
func (k *kind) setMembers(r *scim.Resource, ids []string) {
	members := make([]scim.Member, len(ids))
	for i, id := range ids {
		members[i].Value = id
	}
	k.must(r.Set(k.members.Name, members), "setting %s", k.members.Name)
}

// text is the attribute that every resource has and that may be changed freely.
const text = "externalId"

// setText changes r as an edit does.
func (k *kind) setText(r *scim.Resource, value string) error {
	if err := r.Set(text, value); err != nil {
		return err
	}
	k.touch(r)
	return nil
}
