// Package filter reads SCIM filters and PATCH paths, binds them to a resource
// type and matches resources (RFC 7644 sections 3.4.2.2 and 3.5.2).
//
//	e, err := filter.Parse(`emails[type eq "work" and value ew "@example.com"]`)
//	if err != nil {
//		return err // *filter.SyntaxError: 400 invalidFilter
//	}
//	f, err := filter.Bind(e, schema.UserType())
//	if err != nil {
//		return err // *filter.BindError: 400 invalidFilter
//	}
//	if f.Match(resource) {
//		…
//	}
//
// A store that does not match in memory compiles f.Expr(), whose names and
// values are checked and in the spelling of the schema, to its own language,
// and uses f.Equals to find an index. Package sqlfilter does so for SQL.
//
// Where RFC 7644 is silent, a filter means the following. Comparisons look at
// the values that an attribute has, and match if any of them does; ne also
// matches if there is none, eq null and ne null tell whether there is one, and
// the empty string counts as none for pr and null. A value path looks at one
// element at a time. primary is false where it is missing. Strings that are not
// caseExact compare by their comparison key (PRECIS), others in NFC; numbers and
// dateTimes compare exactly, whatever their size or precision. What a client
// must never see cannot be asked for: attributes with returned never, and
// writeOnly ones, are refused. The URIs of SCIM resources, meta.location and
// $ref, compare by the id that they end in.
package filter
