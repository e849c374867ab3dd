package main

// tables are the product's.
const tables = `
CREATE TABLE IF NOT EXISTS admins (
	name     TEXT NOT NULL PRIMARY KEY,
	password BYTEA NOT NULL -- SHA-256, see seed
);

CREATE TABLE IF NOT EXISTS users (
	id           TEXT    NOT NULL PRIMARY KEY,
	login        TEXT    NOT NULL,
	login_key    TEXT    NOT NULL UNIQUE, -- scim.IdentityKey(login): what is compared
	external_id  TEXT    NOT NULL,        -- "" for none, as in all other columns
	given_name   TEXT    NOT NULL,
	family_name  TEXT    NOT NULL,
	display_name TEXT    NOT NULL,
	title        TEXT    NOT NULL,
	emails       TEXT    NOT NULL,        -- JSON
	active       BOOLEAN NOT NULL,
	created_at   BIGINT  NOT NULL,        -- microseconds
	changed_at   BIGINT  NOT NULL,
	version      TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS users_external_id ON users (external_id);

CREATE TABLE IF NOT EXISTS sessions (
	cookie     BYTEA    NOT NULL PRIMARY KEY, -- SHA-256
	user_id    TEXT    NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at BIGINT  NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user_id);
`
