package schema_test

import (
	"encoding/json"
	"fmt"

	"github.com/scimkit/scimkit/schema"
)

func Example() {
	users := schema.UserType()
	users.Schema = schema.User().Only("userName", "name", "emails", "active")

	cars := &schema.ResourceType{
		Name:     "Car",
		Endpoint: "/Cars",
		Schema: &schema.Schema{
			ID: "urn:example:schemas:Car",
			Attributes: []schema.Attribute{
				{Name: "plate", Required: true, Uniqueness: schema.UniqueServer},
				{Name: "seats", Type: schema.Integer},
				{Name: "owner", Type: schema.Complex, SubAttributes: []schema.Attribute{
					{Name: "value", CaseExact: true},
					{Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"User"}},
				}},
			},
		},
	}

	for _, t := range []*schema.ResourceType{users, schema.GroupType(), cars} {
		fmt.Println(t.Name, t.Endpoint, t.Validate())
	}
	// Output:
	// User /Users <nil>
	// Group /Groups <nil>
	// Car /Cars <nil>
}

// Everything that is wrong comes at once.
func ExampleSchema_Validate() {
	cars := &schema.Schema{
		ID: "urn:example:schemas:Car",
		Attributes: []schema.Attribute{
			{Name: "licence plate"},
			{Name: "electric", Type: schema.Boolean, CaseExact: true},
			{Name: "owner", Type: schema.Complex},
		},
	}
	fmt.Println(cars.Validate())
	// Output:
	// schema: urn:example:schemas:Car:licence plate: is not an attribute name: a letter comes first, then letters, digits, $, - and _ (RFC 7643 section 2.1)
	// schema: urn:example:schemas:Car:electric: is caseExact, but boolean values have no case (RFC 7643 section 2.3)
	// schema: urn:example:schemas:Car:owner: is complex and has no sub-attributes (RFC 7643 section 7)
}

func ExampleSchema_Only() {
	s := schema.User().Only("userName", "name.givenName", "name.familyName")
	for _, a := range s.Attributes {
		fmt.Println(a.Name, len(a.SubAttributes))
	}
	fmt.Println(schema.User().Only("nickname").Validate())
	// Output:
	// userName 0
	// name 2
	// schema: urn:ietf:params:scim:schemas:core:2.0:User:userName: cannot be left out: it is required
}

func ExampleParse() {
	s, err := schema.Parse([]byte(`{
		"id": "urn:example:schemas:extension:Parking",
		"attributes": [
			{"name": "lot", "type": "integer", "required": true},
			{"name": "remarks"}
		]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	users := schema.UserType()
	users.Extensions = append(users.Extensions, schema.Extension{Schema: s})

	lot, _ := users.Attribute("urn:example:schemas:extension:Parking:lot")
	fmt.Println(lot.Name, lot.Type, lot.Mutability, users.Validate())
	// Output: lot integer readWrite <nil>
}

// The zero value of every characteristic is the RFC's default.
func ExampleSchema_MarshalJSON() {
	data, err := json.MarshalIndent(&schema.Schema{
		ID:         "urn:example:schemas:Car",
		Attributes: []schema.Attribute{{Name: "plate"}},
	}, "", "  ")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(string(data))
	// Output:
	// {
	//   "schemas": [
	//     "urn:ietf:params:scim:schemas:core:2.0:Schema"
	//   ],
	//   "id": "urn:example:schemas:Car",
	//   "name": "Car",
	//   "attributes": [
	//     {
	//       "name": "plate",
	//       "type": "string",
	//       "multiValued": false,
	//       "required": false,
	//       "caseExact": false,
	//       "mutability": "readWrite",
	//       "returned": "default",
	//       "uniqueness": "none"
	//     }
	//   ]
	// }
}
