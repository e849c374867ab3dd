package sqlschema

// The requests of a tenant are two rings of slots that are written again and
// again: nothing is ever deleted. {p}request_rings has how many requests each
// ring has had.
const requests = `
CREATE TABLE {p}request_rings (
	tenant  {text} NOT NULL PRIMARY KEY,
	granted {int} NOT NULL,
	refused {int} NOT NULL
){strict};
CREATE TABLE {p}requests (
	tenant        {text} NOT NULL REFERENCES {p}request_rings (tenant),
	authenticated {bool} NOT NULL,
	slot          {int} NOT NULL,
	at            {int} NOT NULL, -- microseconds since 1970
	method        {text} NOT NULL,
	path          {text} NOT NULL,
	status        {int} NOT NULL,
	scim_type     {text} NOT NULL,
	detail        {text} NOT NULL,
	client        {text} NOT NULL,
	subject       {text} NOT NULL,
	quirks        {text} NOT NULL, -- a JSON array
	duration      {int} NOT NULL, -- nanoseconds
	PRIMARY KEY (tenant, authenticated, slot)
){strict};
`
