package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A result is what a command did.
type result struct {
	code           int
	stdout, stderr string
}

// sheaf runs the real command line, in the folder that the test is in.
func sheaf(t testing.TB, args ...string) result {
	t.Helper()
	return sheafWith(t, "", args...)
}

// sheafWith is sheaf for a command that is told something.
func sheafWith(t testing.TB, told string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(told), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// want is sheaf for a command that must end in this way.
func want(t testing.TB, code int, args ...string) result {
	t.Helper()
	r := sheaf(t, args...)
	if r.code != code {
		t.Fatalf("sheaf %s: exit status %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), r.code, code, r.stdout, r.stderr)
	}
	return r
}

// folder makes the test work in a new folder with these files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// contents are the files of a folder, so that it can be seen whether any was touched.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, dir)
		if d.Type()&fs.ModeSocket != 0 || d.IsDir() {
			out[name] = d.Type().String()
			return nil
		}
		b, err := os.ReadFile(path)
		out[name] = fmt.Sprintf("%x", sha256.Sum256(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// golden compares with a file of testdata.
func golden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(b), got); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
	}
}

// An output is what a command writes while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// A process is a command that goes on until it is stopped.
type process struct {
	stdout, stderr output
	cancel         context.CancelFunc
	ended          chan int
}

// begin starts a command.
func begin(t testing.TB, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{cancel: cancel, ended: make(chan int, 1)}
	go func() { p.ended <- run(ctx, args, strings.NewReader(""), &p.stdout, &p.stderr) }()
	t.Cleanup(func() { p.stop(t) })
	return p
}

// stop ends a command as Ctrl-C would, and gives its exit status. It may be called twice.
func (p *process) stop(t testing.TB) int {
	t.Helper()
	p.cancel()
	select {
	case code := <-p.ended:
		p.ended <- code
		return code
	case <-time.After(90 * time.Second):
		t.Fatalf("the command does not end\nstdout: %s\nstderr: %s", p.stdout.String(), p.stderr.String())
		return 0
	}
}

// line waits for a line that begins with a label, and gives what follows the label.
func (p *process) line(t testing.TB, label string) (rest string) {
	t.Helper()
	waitFor(t, "the line "+label, p, func() bool {
		for line := range strings.Lines(p.stdout.String()) {
			if after, ok := strings.CutPrefix(strings.TrimSpace(line), label); ok && strings.HasSuffix(line, "\n") {
				rest = strings.TrimSpace(after)
				return true
			}
		}
		return false
	})
	return rest
}

// waitFor waits for a condition; the time is for a slow machine.
func waitFor(t testing.TB, what string, p *process, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s\nstdout: %s\nstderr: %s", what, p.stdout.String(), p.stderr.String())
		}
	}
}

// taken is an address that somebody listens on.
func taken(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}
