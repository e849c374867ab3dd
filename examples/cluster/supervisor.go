package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// supervise starts a node again and again until ctx is done, and tells the proxy
// where it is.
func supervise(ctx context.Context, place *backend, o order, log *slog.Logger) {
	for ctx.Err() == nil {
		err := oneNode(ctx, place, o, log)
		place.set("")
		if ctx.Err() == nil {
			log.Warn("node ended, starts again", "node", o.Name, "error", err)
			pause(ctx, 100*time.Millisecond)
		}
	}
}

// oneNode runs a node, in a process that runs the program of this one, until it
// or ctx ends.
func oneNode(ctx context.Context, place *backend, o order, log *slog.Logger) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	ownGroup(cmd)
	if _, err := cmd.StdinPipe(); err != nil { // its end tells the node to end
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "node_url=")
	if err == nil && ok {
		log.Info("node started", "node", o.Name, "pid", cmd.Process.Pid, "url", url)
		place.set(url)
	}
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("node %s: %w", o.Name, err)
	}
	return nil
}

// superviseAll runs nodes until ctx is done. It returns when all have ended.
func superviseAll(ctx context.Context, places []*backend, o order, log *slog.Logger) {
	var wg sync.WaitGroup
	for i, place := range places {
		one := o
		one.Name = fmt.Sprint(i + 1)
		wg.Go(func() { supervise(ctx, place, one, log) })
	}
	wg.Wait()
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
