package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
)

// sideVariable tells the test binary that it is the process of a side,
// sizesVariable how much data to make, profileVariable in which folder to leave
// a profile of the CPU.
const (
	sideVariable    = "SCIMKIT_BENCH_SIDE"
	sizesVariable   = "SCIMKIT_BENCH_SIZES"
	profileVariable = "SCIMKIT_BENCH_PROFILE"
)

// remote is a worker in a process of its own, which is this program again. It
// reads commands from its standard input and ends with it.
type remote struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	enc *json.Encoder
	dec *json.Decoder
}

func startRemote(side string, size sizes) (*remote, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(size)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), sideVariable+"="+side, sizesVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &remote{cmd, in, json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))}, nil
}

func (r *remote) do(c command) (reply, error) {
	var p reply
	if err := r.enc.Encode(c); err != nil {
		return p, err
	}
	if err := r.dec.Decode(&p); err != nil {
		return p, fmt.Errorf("the process of a side has ended: %w", err)
	}
	if p.Err != "" {
		return p, errors.New(p.Err)
	}
	return p, nil
}

// close ends the process.
func (r *remote) close() error {
	r.in.Close()
	return r.cmd.Wait()
}

// work is the whole program of the process of a side.
func work(side string) error {
	if dir := os.Getenv(profileVariable); dir != "" {
		f, err := os.Create(filepath.Join(dir, side+".out"))
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var size sizes
	if err := json.Unmarshal([]byte(os.Getenv(sizesVariable)), &size); err != nil {
		return err
	}
	w := newWorker(side, size)
	dec, enc := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var c command
		if err := dec.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		p, err := w.do(c)
		if err != nil {
			p.Err = err.Error()
		}
		if err := enc.Encode(p); err != nil {
			return err
		}
	}
}
