package sqlschema

// The tables for resources are the same whatever the resource types:
//
//   - resources: a row a resource. doc is the canonical document without its
//     lists of references, its meta and its secrets; keys is the same document
//     with every value replaced by its comparison key, for filters; name_key
//     and external_key are the keys that most look-ups are by.
//   - names: the keys of further attributes by which resources are looked up.
//   - members: who is in whose list.
//   - counts: how many resources a tenant has, in parts, so that those who
//     create do not wait for each other.
//
// Tenant comes first in every key, and foreign keys have the tenant, so that no
// statement, not even a wrong one, can put a resource into another tenant's
// group. Behind it comes what tells rows apart, and the type last where it can: a
// PostgreSQL that has no statistics yet takes tenant and type for a good key, and
// reads all users by any index that begins with them.
const resources = `
CREATE TABLE {p}resources (
	tenant       {text} NOT NULL,
	type         {text} NOT NULL,
	id           {text} NOT NULL,
	doc          {text} NOT NULL,
	keys         {json} NOT NULL,
	name_key     {text},
	external_key {text},
	display      {text} NOT NULL,
	version      {text} NOT NULL,
	created      {int} NOT NULL, -- microseconds since 1970
	modified     {int} NOT NULL,
	PRIMARY KEY (tenant, type, id)
){wide};
CREATE UNIQUE INDEX {p}resources_name_key ON {p}resources (tenant, name_key, type) WHERE name_key IS NOT NULL;
CREATE INDEX {p}resources_external_key ON {p}resources (tenant, external_key, type) WHERE external_key IS NOT NULL;
CREATE TABLE {p}names (
	tenant    {text} NOT NULL,
	type      {text} NOT NULL,
	attribute {text} NOT NULL,
	value_key {text} NOT NULL,
	id        {text} NOT NULL,
	uniq_key  {text}, -- value_key if the attribute is unique
	PRIMARY KEY (tenant, type, id, attribute, value_key),
	FOREIGN KEY (tenant, type, id) REFERENCES {p}resources (tenant, type, id) ON DELETE CASCADE
){strict};
CREATE UNIQUE INDEX {p}names_uniq_key ON {p}names (tenant, uniq_key, attribute, type) WHERE uniq_key IS NOT NULL;
CREATE INDEX {p}names_value_key ON {p}names (tenant, attribute, value_key, type, id);
CREATE TABLE {p}members (
	tenant      {text} NOT NULL,
	list_type   {text} NOT NULL,
	list_id     {text} NOT NULL,
	member_type {text} NOT NULL,
	member_id   {text} NOT NULL,
	place       {int} NOT NULL, -- in the order in which they came
	PRIMARY KEY (tenant, list_type, list_id, member_type, member_id),
	FOREIGN KEY (tenant, list_type, list_id) REFERENCES {p}resources (tenant, type, id) ON DELETE CASCADE,
	FOREIGN KEY (tenant, member_type, member_id) REFERENCES {p}resources (tenant, type, id) ON DELETE CASCADE
){strict};
CREATE INDEX {p}members_member ON {p}members (tenant, member_type, member_id, place);
CREATE TABLE {p}counts (
	tenant {text} NOT NULL,
	type   {text} NOT NULL,
	part   {int} NOT NULL,
	n      {int} NOT NULL,
	PRIMARY KEY (tenant, type, part)
){strict};
`
