package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// Serve serves until ctx is done, and then gives requests under way five
// seconds to end.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := server.Shutdown(deadline)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // browsers hold connections open on which they never ask
		}
		ended <- err
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

// Announce writes what a client needs to know: keys and their values, one
// key=value a line, and an empty line.
func Announce(w io.Writer, pairs ...string) error {
	for p := range slices.Chunk(pairs, 2) {
		if _, err := fmt.Fprintf(w, "%s=%s\n", p[0], p[1]); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}
