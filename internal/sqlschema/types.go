package sqlschema

// What the keys of the resources of a type were made by, and where the resources
// lie, so that a host that has changed either does not find the wrong ones.
const types = `
CREATE TABLE {p}types (
	type       {text} NOT NULL PRIMARY KEY,
	place      {text} NOT NULL, -- the table of the host's, '' for those of the library
	attributes {text} NOT NULL -- a line each
){strict};
`
