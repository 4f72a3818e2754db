package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	store "github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An example is a program of deploy/examples that keeps a catalogue.
type example struct {
	command   []string
	nats      bool // it hears events
	catalogue string
	holds     func(path string) (map[string]string, pipeline.Digest, error) // what is in the catalogue
}

// examples are those whose runtime is here. Where everything must be tested, all of them are.
func examples(t *testing.T) map[string]*example {
	t.Helper()
	dir, err := filepath.Abs("../../deploy/examples")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*example{}
	lacks := func(name string, why any) {
		t.Helper()
		if os.Getenv("CI") != "" {
			t.Fatalf("the example in %s can't run: %v", name, why)
		}
		t.Logf("without the example in %s: %v", name, why)
	}
	program := filepath.Join(t.TempDir(), "catalogue")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = filepath.Join(dir, "go")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the example in Go: %v\n%s", err, text)
	}
	out["go"] = &example{command: []string{program}, nats: true, holds: holdsTable}
	if python, err := exec.LookPath("python3"); err != nil {
		lacks("Python", err)
	} else {
		out["python"] = &example{command: []string{python, filepath.Join(dir, "python", "catalogue.py")}, holds: holdsTable}
	}
	node, err := exec.LookPath("node")
	if err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "javascript", "node_modules")); missing != nil {
			err = errors.New("npm ci has not been run in deploy/examples/javascript")
		}
	}
	if err != nil {
		lacks("JavaScript", err)
	} else {
		out["javascript"] = &example{command: []string{node, filepath.Join(dir, "javascript", "catalogue.mjs")}, nats: true, holds: holdsJournal}
	}
	for name, e := range out {
		e.catalogue = filepath.Join(t.TempDir(), name)
	}
	return out
}

// start runs it, to follow or once. What it prints is in out when it has ended.
func (e *example) start(t *testing.T, g *running, once bool, gateway string) (cmd *exec.Cmd, out *bytes.Buffer) {
	t.Helper()
	args := append(e.command[1:len(e.command):len(e.command)], "--gateway", gateway)
	if e.nats && !once {
		args = append(args, "--nats", g.Addresses().NATS)
	}
	if once {
		args = append(args, "--once")
	}
	cmd = exec.Command(e.command[0], append(args, e.catalogue)...)
	out = &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, out
}

// once runs it until it says that its catalogue is equal. That is held against the gateway, and against the catalogue.
func (e *example) once(t *testing.T, g *running, gateway, name, when string) {
	t.Helper()
	cmd, out := e.start(t, g, true, gateway)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s, %s: %v\n%s", name, when, err, out)
	}
	titles, digest, _ := changed(t, g.Addresses().Public+"changes?with=oai_dc&limit=10000")
	held, own, err := e.holds(e.catalogue)
	if want := fmt.Sprintf("%d records, digest %s equal", len(titles), digest); err != nil || !strings.Contains(out.String(), want) || len(held) != len(titles) || fmt.Sprintf("%x", own) != digest {
		t.Fatalf("%s, %s: the catalogue has %d records, %v; want %q\n%s", name, when, len(held), err, want, out)
	}
}

func holdsTable(path string) (map[string]string, pipeline.Digest, error) {
	held, digest := map[string]string{}, pipeline.Digest{}
	db, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, digest, err
	}
	defer db.Close()
	err = sqlitex.Execute(db, "SELECT identifier, datestamp, title, oai_dc FROM record", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		at, err := time.Parse(time.RFC3339, s.ColumnText(1))
		digest.Add(s.ColumnText(0), at, []byte(s.ColumnText(3)))
		held[s.ColumnText(0)] = s.ColumnText(2)
		return err
	}})
	return held, digest, err
}

func holdsJournal(path string) (map[string]string, pipeline.Digest, error) {
	type record struct {
		Identifier, Title string
		Datestamp         time.Time
		OAIDC             string `json:"oai_dc"`
		Pass              int64
	}
	held, digest := map[string]string{}, pipeline.Digest{}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, digest, err
	}
	records := map[string]record{}
	for text := range bytes.Lines(b) {
		var batch struct {
			Put   []record
			Gone  []string
			Sweep bool
			Place struct{ Pass int64 }
		}
		if err := json.Unmarshal(text, &batch); err != nil {
			return nil, digest, err
		}
		for _, r := range batch.Put {
			records[r.Identifier] = r
		}
		for _, id := range batch.Gone {
			delete(records, id)
		}
		for id, r := range records {
			if batch.Sweep && r.Pass != batch.Place.Pass {
				delete(records, id)
			}
		}
	}
	for id, r := range records {
		digest.Add(id, r.Datestamp, []byte(r.OAIDC))
		held[id] = r.Title
	}
	return held, digest, nil
}

// The examples in the guide for subscribers keep their catalogues equal: at first, while they wait, after they were
// killed, when the line is cut in the middle of an answer, through a takedown, and when a backup of the gateway was
// restored, which lacks what they hold.
func TestExamples(t *testing.T) {
	all := examples(t)
	src, dir := newProvider(t, 200), t.TempDir()
	for n := range 1500 {
		src.put(n, fmt.Sprintf("title %d é", n))
	}
	cfg := configure(t, dir, fmt.Sprintf("events: {listen: '127.0.0.1:%d'}\nsources: {src: {kind: oai, from: '%s'}}\n", freeport.Port(t), src.url))
	cfg.Listen.Public = freeport.Address(t)
	g := start(t, cfg, app.Options{})
	g.harvest(t, "src", false)
	root := g.Addresses().Public
	u, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	l := newLine(t, u.Host)
	line := "http://" + l.address() + u.Path
	for name, e := range all {
		e.once(t, g, line, name, "at first")
	}
	following := map[string]*exec.Cmd{}
	for name, e := range all {
		following[name], _ = e.start(t, g, false, line)
	}
	become := func(when string) {
		t.Helper()
		for name, e := range all {
			waitFor(t, "the example in "+name+" "+when, func() bool {
				_, want, _ := changed(t, root+"changes?with=oai_dc&limit=10000")
				_, digest, err := e.holds(e.catalogue)
				return err == nil && fmt.Sprintf("%x", digest) == want
			})
		}
	}
	for n := range 300 {
		src.put(n, fmt.Sprintf("changed %d", n))
	}
	src.Delete(identifier(400))
	g.harvest(t, "src", true)
	become("hears of changes")
	l.cut(50 * time.Millisecond)
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:src/" + identifier(7), Final: true, Reason: "asked for"}); err != nil {
		t.Fatal(err)
	}
	become("hears of a takedown after a cut")
	g.stop()
	g = start(t, cfg, app.Options{})
	src.put(2000, "after a restart")
	g.harvest(t, "src", true)
	become("goes on after a restart of the gateway")
	for _, cmd := range following { // in the middle of whatever they do
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for name, e := range all {
		e.once(t, g, line, name, "after it was killed")
	}
	backup := filepath.Join(dir, "backup.db")
	if err := g.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	src.put(3000, "not in the backup")
	g.harvest(t, "src", true)
	for name, e := range all {
		e.once(t, g, line, name, "with what the backup lacks")
	}
	g.stop()
	if err := store.Restore(t.Context(), cfg.Data, backup); err != nil {
		t.Fatal(err)
	}
	g = start(t, cfg, app.Options{})
	for name, e := range all {
		e.once(t, g, line, name, "after the backup was restored")
		if held, _, _ := e.holds(e.catalogue); held["oai:test.example.org:src/"+identifier(3000)] != "" {
			t.Errorf("%s still holds what the gateway has lost", name)
		}
	}
}
