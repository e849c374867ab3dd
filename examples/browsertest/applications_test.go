package browsertest

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func init() {
	for _, name := range []string{"teams", "usersonly"} {
		products = append(products, struct {
			name  string
			start func(t *testing.T) product
		}{name, func(t *testing.T) product { return application(t, name) }})
	}
}

// application builds an example and starts it as a user does.
func application(t *testing.T, name string) product {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", binary, "../"+name).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0", "-db", filepath.Join(t.TempDir(), "x.db"))
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s ends with %v", name, err)
		}
	})
	values := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "" {
		key, value, _ := strings.Cut(lines.Text(), "=")
		values[key] = value
	}
	return product{values["settings_url"], values["admin_user"], values["admin_password"], name == "teams"}
}
