package schema

import (
	"embed"
	"sync"
)

//go:embed rfc/*.json
var rfcFiles embed.FS

func embedded(name string) func() *Schema {
	return sync.OnceValue(func() *Schema {
		data, err := rfcFiles.ReadFile("rfc/" + name + ".json")
		if err != nil {
			panic(err)
		}
		s, err := Parse(data)
		if err != nil {
			panic(err)
		}
		return s
	})
}

var (
	user                  = embedded("user")
	group                 = embedded("group")
	enterpriseUser        = embedded("enterprise-user")
	serviceProviderConfig = embedded("service-provider-config")
	resourceType          = embedded("resource-type")
	schemaSchema          = embedded("schema")
)

// User gives the core User schema (RFC 7643 section 4.1), corrected by the
// RFC's errata. It is the caller's own copy.
func User() *Schema { return user().clone() }

// Group gives the core Group schema (RFC 7643 section 4.2), corrected by the
// RFC's errata. It is the caller's own copy.
func Group() *Schema { return group().clone() }

// EnterpriseUser gives the Enterprise User extension (RFC 7643 section 4.3),
// corrected by the RFC's errata. It is the caller's own copy.
func EnterpriseUser() *Schema { return enterpriseUser().clone() }

// ServiceProvider gives the schemas of the discovery resources themselves:
// ServiceProviderConfig with the additions of RFC 9865 and RFC 9967,
// ResourceType and Schema (RFC 7643 sections 5 to 7).
func ServiceProvider() []*Schema {
	return []*Schema{serviceProviderConfig().clone(), resourceType().clone(), schemaSchema().clone()}
}

// UserType gives the resource type User at /Users, with the Enterprise User
// extension, which a resource may do without.
func UserType() *ResourceType {
	return &ResourceType{
		Name:        "User",
		Endpoint:    "/Users",
		Description: "User Account",
		Schema:      User(),
		Extensions:  []Extension{{Schema: EnterpriseUser()}},
	}
}

// GroupType gives the resource type Group at /Groups. In one thing it is
// narrower than RFC 7643 section 4.2, which leaves that to the service
// provider: displayName is unique within the server. Identity providers match
// groups by name, and two of one name would take each other's members. For the
// RFC's Group as it is, use Schema: Group().
func GroupType() *ResourceType {
	s := Group()
	for i := range s.Attributes {
		if a := &s.Attributes[i]; a.Name == "displayName" {
			a.Uniqueness = UniqueServer
		}
	}
	return &ResourceType{
		Name:        "Group",
		Endpoint:    "/Groups",
		Description: "Group",
		Schema:      s,
	}
}
