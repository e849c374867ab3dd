package scim_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

const (
	coreUserURN  = "urn:ietf:params:scim:schemas:core:2.0:User"
	extensionURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	canary       = "canary-5af3e1" // in every value that a client must not be able to set
)

// forbiddenNames are members that no client may set: readOnly attributes, what
// only the host's tables have, and names that are special to languages in which
// other servers are written.
var forbiddenNames = strings.Fields(`
	id meta groups schemas.0 meta.created meta.lastModified meta.version meta.location meta.resourceType
	groups.value groups.display groups[0] groups[value~eq~"x"].value
	_id _version version _rev rev revision etag deleted deletedAt deleted_at is_deleted archived
	tenant tenant_id tenantId tenantID Tenant TenantID organization_id org_id orgId account account_id owner owner_id
	is_admin isAdmin admin superuser is_superuser root role role_id permission permissions scopes scope privileges acl policy policies
	password_hash passwordHash password_digest encrypted_password salt token api_key apiKey secret session sessions mfa mfa_enabled totp
	email email_verified emailVerified verified confirmed confirmed_at created_at updated_at createdAt updatedAt created_by last_login
	user_id userId uid uuid guid internal_id internalId pk key rowid row data document doc raw json payload metadata attributes
	__proto__ constructor prototype toString valueOf hasOwnProperty __class__ __dict__ __init__ __defineGetter__
	constructor.prototype __proto__.isAdmin constructor.prototype.isAdmin
	doc typ ID UserName.ID Meta.Created Resource Config Handler String SetID Document
	$ref $schema $set $where $id @type @id #text xmlns class $$hashKey
	urn urn: urn:x urn:x:y:z urn:ietf:params:scim:schemas:core:2.0:Group urn:ietf:params:scim:schemas:core:2.0:Group:members
	members displayName.x name.x name.given_name name.__proto__ emails.x emails.verified emails[type~eq~"work"].verified active.x
	{ext} {ext}:x {ext}:admin {ext}.x {ext}:manager.displayName {ext}:manager.x {ext}:manager.$ref {ext}:__proto__
	{core}:id {core}:meta {core}:groups {core}:admin {core}:meta.version {core}.admin {core}:password_hash {core}:
	. .. / // /id /meta /admin ~ * [ ] [] [0] x[ x] "" ' ; -- % %69d ${x} {{x}} <x> \u0069d
	ſchemas İd ıd ＩＤ id\u0000 id\u200b ıs_admin
`)

// forbiddenNamesAll is forbiddenNames with the short forms written out, in
// several letter cases.
func forbiddenNamesAll() []string {
	seen := make(map[string]bool)
	var all []string
	for _, n := range forbiddenNames {
		n = strings.NewReplacer("{ext}", extensionURN, "{core}", coreUserURN, "~", " ").Replace(n)
		for _, spelled := range []string{n, strings.ToUpper(n), strings.ToUpper(n[:1]) + n[1:]} {
			if !seen[spelled] && spelled != "" {
				seen[spelled] = true
				all = append(all, spelled)
			}
		}
	}
	return all
}

// forbiddenValues are given to each name: as a string, and inside what the
// name may be.
var forbiddenValues = []string{
	`"` + canary + `"`,
	`{"value":"` + canary + `","admin":"` + canary + `","x":{"y":"` + canary + `"}}`,
	`[{"value":"` + canary + `","display":"` + canary + `"}]`,
	`true`,
}

var oneName = regexp.MustCompile(`^[A-Za-z$_][A-Za-z0-9$_-]*$`)

// TestMassAssignment is S6 of the security plan: a client sets what the schema
// lets it set, and nothing else gets into a store, by no spelling of a name.
func TestMassAssignment(t *testing.T) { bothStores(t, testMassAssignment) }

func testMassAssignment(t *testing.T, newTenancy func() *tenancy) {
	ten := newTenancy()
	requests, taken := assignAll(ten, ten.server(t, scim.Config{}), forbiddenNamesAll(), func(fault string) { t.Error(fault) })
	if requests < 5000 || taken < requests/4 { // what is unknown is left out, so many succeed
		t.Errorf("%d requests, of which %d were taken", requests, taken)
	}
	if log := ten.log.String(); strings.Contains(log, "panic") || strings.Contains(log, canary) {
		t.Errorf("logged: %.500s", log)
	}
}

// TestMassAssignmentCanFail shows that TestMassAssignment sees a server that
// stores what it does not know.
func TestMassAssignmentCanFail(t *testing.T) {
	ten := newTenancy(t)
	keep := scim.Tolerant()
	keep.Unknown = scim.KeepUnknown
	faults := 0
	assignAll(ten, ten.server(t, scim.Config{Tolerance: &keep}), []string{"isAdmin", "tenant_id"}, func(string) { faults++ })
	if faults == 0 {
		t.Error("no fault found in a server that keeps unknown attributes")
	}
}

// assignAll tries every name, value and way.
func assignAll(ten *tenancy, s *scim.Server, names []string, report func(fault string)) (requests, taken int) {
	before := ten.rows()
	for _, name := range names {
		values := forbiddenValues
		if name != strings.ToLower(name) { // other spellings are read by the same code whatever the value
			values = values[:1]
		}
		for _, value := range values {
			for _, rq := range assignments(name, value) {
				a := ask(s, rq.method, rq.path, rq.body)
				after := ten.rows()
				what := fmt.Sprintf("%s %s %s: %d ", rq.method, rq.path, rq.body, a.status)
				if f := a.fault(rq.method); f != "" || a.status >= 500 {
					report(what + f)
				}
				requests++
				changed := changedRows(before, after)
				if a.status < 300 {
					taken++
				} else if len(changed) > 0 {
					report(what + "and yet changed " + strings.Join(changed, ", "))
				}
				for _, row := range changed {
					for _, fault := range intrusions(before[row], after[row]) {
						report(what + fault + ": " + after[row])
					}
				}
				if before = after; len(changed) > 0 {
					restore(s, changed)
					before = ten.rows()
				}
			}
		}
	}
	return requests, taken
}

type assignment struct{ method, path, body string }

// assignments tries to set name to value in every way that there is.
func assignments(name, value string) []assignment {
	member := quoted(name) + ":" + value
	user, group := "/Users/"+aliceID, "/Groups/"+groupID
	all := []assignment{
		{"POST", "/Users", userBody("mallory@acme", member)},
		{"POST", "/Users", userBody("mallory@acme", `"name":{`+member+`}`, `"emails":[{"value":"m@acme.example",`+member+`}]`)},
		{"POST", "/Users", userBody("mallory@acme", quoted(extensionURN)+`:{`+member+`,"manager":{"value":"1",`+member+`}}`)},
		{"PUT", user, userBody("alice@acme", member)},
		{"PUT", user, userBody("alice@acme", quoted(extensionURN)+`:{`+member+`}`)},
		{"PATCH", user, patchBody(`{"op":"add","value":{` + member + `}}`)},
		{"PATCH", user, patchBody(`{"op":"replace","value":{"nickName":"n",` + member + `}}`)},
		{"PATCH", user, patchBody(`{"op":"add","path":"name","value":{` + member + `}}`)},
		{"PATCH", user, patchBody(`{"op":"add","path":"emails","value":[{"value":"x@acme.example",` + member + `}]}`)},
		{"PATCH", user, patchBody(`{"op":"replace","path":` + quoted(extensionURN) + `,"value":{` + member + `}}`)},
		{"PATCH", user, patchBody(fmt.Sprintf(`{"op":"add","value":{%q:{%s}}}`, extensionURN, member))},
		{"PATCH", group, patchBody(`{"op":"add","value":{"displayName":"Crew",` + member + `}}`)},
	}
	if strings.TrimSpace(name) != "" {
		for _, op := range []string{"add", "replace"} {
			all = append(all, assignment{"PATCH", user, patchBody(fmt.Sprintf(`{"op":%q,"path":%s,"value":%s}`, op, quoted(name), value))})
		}
		all = append(all, assignment{"PATCH", user, patchBody(fmt.Sprintf(`{"op":"remove","path":%s}`, quoted(name)))})
	}
	if oneName.MatchString(name) {
		all = append(all,
			assignment{"PATCH", user, patchBody(fmt.Sprintf(`{"op":"add","path":"emails[type eq \"work\"].%s","value":%s}`, name, value))},
			assignment{"PATCH", user, patchBody(fmt.Sprintf(`{"op":"add","path":"emails[%s eq \"x\"].value","value":%s}`, name, value))},
			assignment{"PATCH", group, patchBody(fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q,%s}]}`, bobID, member))})
	}
	return all
}

// settable are the members whose values a client may set by the names and
// values above, because they are attributes of User, Group or the extension.
var settable = map[string]bool{
	"displayName": true, "value": true, "display": true, "type": true, "primary": true, "active": true, "schemas": true, "userName": true,
	"emails": true, "name": true, "nickName": true, "members": true, "meta": true, "manager": true, extensionURN: true,
	"externalId": true, "roles": true, "organization": true,
}

// intrusions says what a row holds now that a client must not have set:
// readOnly attributes that are others, members that neither were there nor are
// the client's to set.
func intrusions(before, after string) []string {
	var old, now map[string]any
	if after == "" {
		return []string{"the row is gone"}
	}
	if before != "" && json.Unmarshal([]byte(before), &old) != nil || json.Unmarshal([]byte(after), &now) != nil {
		return []string{"the row is no JSON"}
	}
	var found []string
	for _, name := range []string{"id", "groups"} {
		if (before != "" || name != "id") && fmt.Sprint(old[name]) != fmt.Sprint(now[name]) {
			found = append(found, fmt.Sprintf("%s became %v", name, now[name]))
		}
	}
	if meta := fmt.Sprint(now["id"], now["meta"]); strings.Contains(meta, canary) {
		found = append(found, "id and meta are "+meta)
	}
	return append(found, strangers(now)...)
}

// strangers names members, at any depth, that are not for clients to set.
func strangers(v any) []string {
	var found []string
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			switch name {
			case "id", "groups", "created", "lastModified", "version", "resourceType":
			default:
				if !settable[name] {
					found = append(found, fmt.Sprintf("stored a member %q", name))
				}
			}
			found = append(found, strangers(x)...)
		}
	case []any:
		for _, x := range v {
			found = append(found, strangers(x)...)
		}
	}
	return found
}

// restore removes what a request made.
func restore(s *scim.Server, changed []string) {
	for _, row := range changed {
		_, rest, _ := strings.Cut(row, "/")
		typ, id, _ := strings.Cut(rest, "/")
		if id != aliceID && id != groupID {
			ask(s, "DELETE", "/"+typ+"s/"+id, "")
		}
	}
}
