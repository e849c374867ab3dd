package sqlstore

import (
	"context"
	"math/rand/v2"
)

// read runs f, whose statements are no transaction: again, if the database was
// busy, so that f must not keep anything from a run that failed.
func (d *database) read(ctx context.Context, f func(r runner) error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := f(d.reader())
		if !retryable(err) {
			return failure(err)
		}
		if try == attempts || !sleep(ctx, pause/2+rand.N(pause)) {
			return unavailable(err)
		}
		pause = min(2*pause, longestWait)
	}
}
