package main

// tables are the product's. The tenant comes first in every key, so that no row
// is found without it, and no row refers to one of another tenant.
const tables = `
CREATE TABLE IF NOT EXISTS tenants (
	tenant   TEXT    NOT NULL PRIMARY KEY,
	title    TEXT    NOT NULL,
	entitled BOOLEAN NOT NULL -- SCIM is part of the tenant's plan
);

CREATE TABLE IF NOT EXISTS admins (
	tenant   TEXT NOT NULL REFERENCES tenants,
	name     TEXT NOT NULL,
	password BYTEA NOT NULL, -- SHA-256, see setAdmin
	PRIMARY KEY (tenant, name)
);

CREATE TABLE IF NOT EXISTS people (
	tenant      TEXT    NOT NULL REFERENCES tenants,
	id          TEXT    NOT NULL,
	email       TEXT    NOT NULL,
	email_key   TEXT    NOT NULL, -- scim.IdentityKey(email): what is compared
	external_id TEXT    NOT NULL, -- "" for none, as in all other columns
	given_name  TEXT    NOT NULL,
	family_name TEXT    NOT NULL,
	nick_name   TEXT    NOT NULL,
	photo       TEXT    NOT NULL,
	active      BOOLEAN NOT NULL,
	created_at  BIGINT  NOT NULL, -- microseconds
	changed_at  BIGINT  NOT NULL,
	version     TEXT    NOT NULL,
	PRIMARY KEY (tenant, id),
	UNIQUE (tenant, email_key)
);
CREATE INDEX IF NOT EXISTS people_external_id ON people (tenant, external_id);

CREATE TABLE IF NOT EXISTS teams (
	tenant      TEXT    NOT NULL REFERENCES tenants,
	id          TEXT    NOT NULL,
	name        TEXT    NOT NULL,
	name_key    TEXT    NOT NULL, -- scim.IdentityKey(name)
	external_id TEXT    NOT NULL,
	created_at  BIGINT  NOT NULL,
	changed_at  BIGINT  NOT NULL,
	version     TEXT    NOT NULL,
	PRIMARY KEY (tenant, id),
	UNIQUE (tenant, name_key)
);
CREATE INDEX IF NOT EXISTS teams_external_id ON teams (tenant, external_id);

CREATE TABLE IF NOT EXISTS team_members (
	tenant    TEXT NOT NULL,
	team_id   TEXT NOT NULL,
	person_id TEXT NOT NULL,
	PRIMARY KEY (tenant, team_id, person_id),
	FOREIGN KEY (tenant, team_id) REFERENCES teams ON DELETE CASCADE,
	FOREIGN KEY (tenant, person_id) REFERENCES people ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS team_members_person ON team_members (tenant, person_id, team_id);

CREATE TABLE IF NOT EXISTS sessions (
	tenant     TEXT    NOT NULL,
	cookie     BYTEA    NOT NULL, -- SHA-256
	person_id  TEXT    NOT NULL,
	created_at BIGINT  NOT NULL,
	PRIMARY KEY (tenant, cookie),
	FOREIGN KEY (tenant, person_id) REFERENCES people ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS sessions_person ON sessions (tenant, person_id);
`
