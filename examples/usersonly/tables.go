package main

// tables are the product's.
const tables = `
CREATE TABLE IF NOT EXISTS admins (
	name     TEXT NOT NULL PRIMARY KEY,
	password BLOB NOT NULL -- SHA-256, see seed
) STRICT, WITHOUT ROWID;

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
	active       INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,        -- microseconds
	changed_at   INTEGER NOT NULL,
	version      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS users_external_id ON users (external_id);

CREATE TABLE IF NOT EXISTS sessions (
	cookie     BLOB    NOT NULL PRIMARY KEY, -- SHA-256
	user_id    TEXT    NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user_id);
`
