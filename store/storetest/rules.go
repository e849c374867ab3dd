package storetest

import (
	"fmt"
	"runtime/debug"
	"slices"
)

// A rule is one sentence of the contract and its test.
type rule struct {
	name  string
	says  string
	needs func(k *kind) bool // which resource types it is for, nil for all
	test  func(k *kind)
}

// rules are the contract.
var rules = []rule{
	{"create/keeps", "Create stores the resource: Get then gives what was sent, with the id, times and version that the resource has when Create returns.", nil, createKeeps},
	{"create/ids", "A resource has an id that no other resource of the tenant has, of whatever type, and that none had before.", nil, createIDs},
	{"create/unique", "Create refuses with ErrConflict, and stores nothing, if another resource has an equal value of a unique attribute; what is equal is decided by IdentityKey unless the attribute is caseExact.", hasUnique, createUnique},
	{"create/distinct", "Values of a unique attribute that IdentityKey tells apart are no conflict.", hasUnique, createDistinct},
	{"create/race", "Of concurrent Creates with equal values of a unique attribute one succeeds and the others get ErrConflict.", hasUnique, createRace},
	{"create/private", "The resource passed to Create belongs to the caller again when Create returns: changing it changes nothing stored.", nil, createPrivate},

	{"get/unknown", "Get, Update and Delete give ErrNotFound for an id that no resource of the type has, however odd, and do not call edit or check.", nil, getUnknown},
	{"get/private", "What Get and List return belongs to the caller: changing it changes nothing stored and no other result.", nil, getPrivate},
	{"get/whole", "Get sees a resource as it was before or after an Update, never in between.", nil, getWhole},

	{"update/stores", "Update calls edit with the stored resource, stores what edit made of it, and returns what Get then gives.", nil, updateStores},
	{"update/rollback", "If edit fails, Update stores nothing and returns edit's error.", nil, updateRollback},
	{"update/unique", "Update refuses with ErrConflict, and stores nothing, if another resource has an equal value of a unique attribute; the resource's own value in another spelling is no conflict, and its old value becomes free.", hasUnique, updateUnique},
	{"update/lost", "No concurrent Update is lost, and each call of edit gets the resource as it is stored, without what an earlier call made of it.", nil, updateLost},
	{"update/race", "Of concurrent Updates to equal values of a unique attribute one succeeds and the others get ErrConflict.", hasUnique, updateRace},
	{"update/private", "The resource passed to edit and the one that Update returns share nothing with the store once Update returns.", nil, updatePrivate},

	{"delete/gone", "A deleted resource is ErrNotFound for Get, Update and Delete and in no list and no filter's result.", nil, deleteGone},
	{"delete/frees", "The unique values of a deleted resource are free at once.", hasUnique, deleteFrees},
	{"delete/check", "Delete calls check with the stored resource; if check fails, the resource stays and check's error is returned.", nil, deleteCheck},

	{"list/pages", "List pages through all matches, each once, in the same order and with the same total as long as nothing changes.", nil, listPages},
	{"list/count", "A page has at most Count resources; Count 0 gives none, and the total.", nil, listCount},
	{"list/beyond", "A StartIndex behind the last match gives no resources, the total and no error.", nil, listBeyond},
	{"list/id", "A filter \"id eq\" finds the resource of the type with this id, in exactly this spelling.", nil, listID},
	{"list/unique", "An equality filter on a unique attribute finds a value in every spelling that IdentityKey makes equal.", hasUnique, listUnique},
	{"list/externalId", "A filter \"externalId eq\" finds the values in exactly this spelling.", nil, listExternalID},
	{"list/filter", "List gives the resources that the filter matches, as Query.Select does.", nil, listFilter},
	{"list/order", "List sorts as Query.Select does, and cuts pages out of the sorted list.", nil, listOrder},

	{"members/create", "Create stores the members.", hasMembers, membersCreate},
	{"members/unknown", "A member that names no resource of the tenant is an UnknownMembersError that has it in IDs, for Create, Update and UpdateList, and nothing is written.", hasMembers, membersUnknown},
	{"members/delta", "UpdateList does to the members what its ListDelta says, tells edit whether that changed them, and stores what edit made of the rest.", hasMembers, membersDelta},
	{"members/update", "Update stores the members as edit left them.", hasMembers, membersUpdate},
	{"members/many", "Members are added and removed by the hundred and the thousand.", hasMembers, membersMany},
	{"members/rollback", "If edit fails, UpdateList leaves members and resource as they were and returns edit's error.", hasMembers, membersRollback},
	{"members/omit", "Leaving out the members in Get and List, or changing something else, loses none.", hasMembers, membersOmit},
	{"members/filter", "A filter \"value eq\" on the members finds the resources that have this member.", hasMembers, membersFilter},
	{"members/deleted", "A deleted resource is a member of nothing.", hasMembers, membersDeleted},
	{"members/lost", "No concurrent change of members or of the rest of the resource is lost.", hasMembers, membersLost},
	{"members/dangling", "A resource that is deleted while it is added is a member of nothing.", hasMembers, membersDangling},
	{"members/gone", "UpdateList gives ErrNotFound for an id that no resource of the type has.", hasMembers, membersGone},
	{"members/groups", "A list that clients only read, such as User.groups, has the groups that the resource is a member of.", hasGroups, membersGroups},

	{"tenants/resources", "A tenant does not see, find, change or delete the resources of another.", hasTenants, tenantsResources},
	{"tenants/unique", "A unique value of one tenant is free for another.", hasTenantsAndUnique, tenantsUnique},
	{"tenants/members", "A resource of one tenant cannot be a member in another.", hasTenantsAndMembers, tenantsMembers},

	{"context/cancelled", "A call whose context is cancelled changes nothing and returns the context's error; Get and List may answer instead.", nil, contextCancelled},
	{"context/members", "UpdateList with a cancelled context changes nothing and returns the context's error.", hasMembers, contextMembers},
}

func hasUnique(k *kind) bool  { return k.unique != nil }
func hasMembers(k *kind) bool { return k.members != nil && k.pool() != nil }
func hasTenants(k *kind) bool { return k.ep.ForTenant != nil }

func hasGroups(k *kind) bool {
	if !hasMembers(k) {
		return false
	}
	p := k.pool()
	return p.groups != nil && slices.Contains(p.model.Attr(p.groups.Ref).References, k.rt.Name)
}

func hasTenantsAndUnique(k *kind) bool  { return hasTenants(k) && hasUnique(k) }
func hasTenantsAndMembers(k *kind) bool { return hasTenants(k) && hasMembers(k) }

// applies tells whether the rule is for endpoint i of h.
func (r *rule) applies(h Host, i int) bool {
	return r.needs == nil || r.needs(newCheck(h).kinds[i])
}

// run tests endpoint i of h.
func (r *rule) run(h Host, i int) (err error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case failure:
			err = fmt.Errorf("%s\n\t%s", r.says, x.text)
		default:
			err = fmt.Errorf("%s\n\tpanic: %v\n%s", r.says, x, debug.Stack())
		}
	}()
	c := newCheck(h)
	c.open()
	r.test(c.kinds[i])
	return nil
}
