// Package schema defines resource types, schemas and attributes (RFC 7643).
//
//	users := schema.UserType()
//	users.Schema = schema.User().Only("userName", "name", "emails", "active")
//
//	cars := &schema.ResourceType{
//		Name:     "Car",
//		Endpoint: "/Cars",
//		Schema: &schema.Schema{
//			ID: "urn:example:schemas:Car",
//			Attributes: []schema.Attribute{
//				{Name: "plate", Required: true, Uniqueness: schema.UniqueServer},
//				{Name: "seats", Type: schema.Integer},
//				{Name: "owner", Type: schema.Complex, SubAttributes: []schema.Attribute{
//					{Name: "value", CaseExact: true},
//					{Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"User"}},
//				}},
//			},
//		},
//	}
//
//	for _, t := range []*schema.ResourceType{users, schema.GroupType(), cars} {
//		fmt.Println(t.Name, t.Endpoint, t.Validate())
//	}
//
// Definitions are struct literals: what is left out has the RFC's default. The
// schemas of the RFC itself are built in, corrected by its errata; [Schema.Only]
// and [Schema.Without] narrow them to what an application keeps, and what they
// leave is what the server accepts and shows at /Schemas. [Parse] reads the
// schema of another product.
//
// A definition is checked as a whole: Validate reports everything that is wrong
// with it, each as a [DefinitionError].
package schema
