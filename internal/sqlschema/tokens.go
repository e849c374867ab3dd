package sqlschema

// Times are microseconds since 1970, 0 for never.
const tokens = `
CREATE TABLE {p}tenants (
	tenant     {text} NOT NULL PRIMARY KEY,
	enabled    {bool} NOT NULL,
	paused     {bool} NOT NULL,
	last_event {int} NOT NULL, -- the number of the last event
	change     {text} NOT NULL -- names the last change
){strict};
CREATE TABLE {p}tokens (
	id            {text} NOT NULL PRIMARY KEY,
	tenant        {text} NOT NULL REFERENCES {p}tenants (tenant),
	place         {int} NOT NULL, -- in the order in which they were made
	name          {text} NOT NULL,
	scopes        {text} NOT NULL, -- a JSON array
	last_four     {text} NOT NULL,
	key_id        {text} NOT NULL,
	digest        {bytes} NOT NULL,
	created_at    {int} NOT NULL,
	created_by    {text} NOT NULL,
	expires_at    {int} NOT NULL,
	revoked_at    {int} NOT NULL,
	revoked_by    {text} NOT NULL,
	replaced_by   {text} NOT NULL,
	rotation_ends {int} NOT NULL,
	expiry_notice {int} NOT NULL, -- days
	last_used_at  {int} NOT NULL
){strict};
CREATE INDEX {p}tokens_tenant ON {p}tokens (tenant, place);
CREATE TABLE {p}token_events (
	tenant     {text} NOT NULL REFERENCES {p}tenants (tenant),
	seq        {int} NOT NULL,
	at         {int} NOT NULL,
	actor      {text} NOT NULL,
	action     {text} NOT NULL,
	token      {text} NOT NULL,
	token_name {text} NOT NULL,
	successor  {text} NOT NULL,
	PRIMARY KEY (tenant, seq)
){strict};
`
