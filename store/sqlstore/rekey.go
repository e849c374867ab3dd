package sqlstore

import (
	"context"
	"fmt"

	"github.com/scimkit/scimkit/scim"
)

// rekeyed is how many resources get new keys at once.
const rekeyed = 500

// rekey makes the keys of all resources of the type again, and moves values beside
// rows of the host's into the columns that they have by now. changed are the paths
// of attributes that are another than they were.
func (k *kind) rekey(ctx context.Context, was typeRecord, changed []string) error {
	if o, ok := k.place.(*host); ok {
		return (&mover{host: o, kind: k, was: o.before(was), changed: changed}).run(ctx)
	}
	return k.rekeyOwn(ctx)
}

// storedDoc is a row of resources.
type storedDoc struct {
	tenant, id, doc, version string
	created, modified        int64
}

// readDocs reads the rows behind one.
func (k *kind) readDocs(ctx context.Context, on runner, after storedDoc) (batch []storedDoc, err error) {
	rows, err := on.query(ctx, `SELECT tenant, id, doc, version, created, modified FROM `+k.store.prefix+`resources
		WHERE type = ? AND (tenant, id) > (?, ?) ORDER BY tenant, id LIMIT ?`, k.model.Name, after.tenant, after.id, rekeyed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s storedDoc
		if err := rows.Scan(&s.tenant, &s.id, &s.doc, &s.version, &s.created, &s.modified); err != nil {
			return nil, err
		}
		batch = append(batch, s)
	}
	return batch, rows.Err()
}

// rekeyOwn does all in one transaction, so that a key that two resources have
// leaves everything as it was.
func (k *kind) rekeyOwn(ctx context.Context) error {
	o := k.place.(*own)
	return k.store.db.write(ctx, func(tx runner) error {
		for _, text := range []string{`UPDATE ` + o.prefix + `resources SET name_key = NULL WHERE type = ?`, `DELETE FROM ` + o.prefix + `names WHERE type = ?`} {
			if _, err := tx.exec(ctx, text, k.model.Name); err != nil {
				return err
			}
		}
		var after storedDoc
		for n := rekeyed; n == rekeyed; {
			batch, err := k.readDocs(ctx, tx, after)
			if err != nil {
				return err
			}
			for _, s := range batch {
				if err := o.rekeyOne(ctx, tx, k.handler(s.tenant), s); err != nil {
					return fmt.Errorf("%s %s of tenant %q: %w", k.model.Name, s.id, s.tenant, err)
				}
			}
			if n = len(batch); n > 0 {
				after = batch[n-1]
			}
		}
		return nil
	}, nil)
}

func (o *own) rekeyOne(ctx context.Context, tx session, h *handler, s storedDoc) error {
	r, err := scim.ParseResource(h.rt, []byte(s.doc))
	if err != nil {
		return err
	}
	p := h.row(r.Document())
	p["version"], p["created"], p["modified"] = s.version, s.created, s.modified
	if _, err := o.update.exec(ctx, tx, p); err != nil {
		return h.conflict(err)
	}
	return o.putNames(ctx, tx, h, p, h.appendNames(nil, r.Document()))
}
