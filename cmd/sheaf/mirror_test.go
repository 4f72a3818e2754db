package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// mirrored are the records' files in a mirror.
func mirrored(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "mirror.json" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// inFile runs statements in a SQLite file.
func inFile(t *testing.T, path, script string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sqlitex.ExecuteScript(conn, script, nil), conn.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestMirrorOfGateway: a copy is equal to the gateway's log, in all forms, through changes, deletions and a new epoch,
// and what somebody has touched is found.
func TestMirrorOfGateway(t *testing.T) {
	folder(t, map[string]string{
		"box.csv": "id,title\n1,One & all\n2,Two\n3,Three\n", "box.map": "format csv\ntitle from title\n",
		"sheaf.yaml": "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {kind: none}\n" +
			"sources: {box: {kind: files, from: box.csv, key: id, mapping: box.map, complete: true, absent: {delete_after: 1}}}\n",
	})
	cfg, err := config.Load("sheaf.yaml", app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g, err := app.NewGateway(t.Context(), cfg, app.Options{Idle: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	want(t, exitDone, "harvest", "box")
	from := g.Addresses().Public
	equal := func(records string) {
		t.Helper()
		for _, form := range []string{"xml", "json", "sqlite"} {
			r := want(t, exitDone, "mirror", form, "--from", from, "--format", form, "--verify")
			if !strings.Contains(r.stdout, "Equal to the digest") || !strings.Contains(r.stdout, records+" records") {
				t.Errorf("%s: %s", form, r.stdout)
			}
		}
	}
	equal("3")
	rewrite(t, "box.csv", "id,title\n1,One & all\n3,Three or four\n5,Five\n")
	want(t, exitDone, "takedown", "oai:test.example.org:box/2", "--reason", "asked for")
	want(t, exitDone, "harvest", "box")
	state, err := os.ReadFile("xml/mirror.json")
	if err != nil {
		t.Fatal(err)
	}
	want(t, exitDone, "mirror", "xml", "--from", from, "--once")
	// As if it had been killed in the middle of a file, and before it wrote the place.
	rewrite(t, "xml/mirror.json", string(state))
	rewrite(t, mirrored(t, "xml")[0]+".unfinished", "<rec")
	equal("3")
	if n := len(mirrored(t, "xml")); n != 3 {
		t.Errorf("there are %d files", n)
	}
	want(t, exitDone, "epoch")
	equal("3")
	for _, form := range []string{"xml", "json"} {
		paths := mirrored(t, form)
		text, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		for what, harm := range map[string]func() error{
			"is another": func() error {
				return os.WriteFile(paths[0], []byte(strings.Replace(string(text), "</dc:title>", "!</dc:title>", 1)), 0o600)
			},
			"is missing": func() error { return os.Remove(paths[0]) },
			"is not in the log": func() error {
				return os.WriteFile(filepath.Join(form, "extra."+form), []byte(strings.ReplaceAll(string(text), "box/", "box/9")), 0o600)
			},
		} {
			if err := harm(); err != nil {
				t.Fatal(err)
			}
			if r := want(t, exitLook, "mirror", form, "--from", from, "--format", form, "--verify"); !strings.Contains(r.stdout, "NOT equal") || !strings.Contains(r.stdout, what) {
				t.Errorf("%s, %s: %s", form, what, r.stdout)
			}
			if err := os.WriteFile(paths[0], text, 0o600); err != nil {
				t.Fatal(err)
			}
			_ = os.Remove(filepath.Join(form, "extra."+form)) // mostly it is not there
		}
	}
	for what, harm := range map[string]string{
		"is another":        "UPDATE record SET oai_dc = replace(oai_dc, '</dc:title>', '!</dc:title>') WHERE identifier LIKE '%/1'",
		"is no record":      "UPDATE record SET datestamp = 'yesterday' WHERE identifier LIKE '%/1'",
		"is missing":        "DELETE FROM record WHERE identifier LIKE '%/1'",
		"is not in the log": "INSERT INTO record SELECT identifier || '9', datestamp, oai_dc, change, pass FROM record LIMIT 1",
	} {
		inFile(t, "sqlite", "CREATE TABLE kept AS SELECT * FROM record; "+harm)
		code := exitLook
		if what == "is no record" {
			code = exitFailed
		}
		if r := want(t, code, "mirror", "sqlite", "--from", from, "--format", "sqlite", "--verify"); !strings.Contains(r.stdout+r.stderr, what) {
			t.Errorf("SQLite, %s: %s%s", what, r.stdout, r.stderr)
		}
		inFile(t, "sqlite", "DELETE FROM record; INSERT INTO record SELECT * FROM kept; DROP TABLE kept")
	}
	inFile(t, "other", "CREATE TABLE theirs (x)")
	equal("3")
	for want, args := range map[string][]string{
		"mirrors http":       {"xml", "--from", "http://127.0.0.1:1/", "--once"},
		"another folder":     {"xml", "--from", from, "--format", "json", "--once"},
		"no mirror; give":    {"other", "--from", from, "--format", "sqlite", "--once"},
		"give another file":  {"sqlite", "--from", "http://127.0.0.1:1/", "--format", "sqlite", "--once"},
		"not a database":     {"box.csv", "--from", from, "--format", "sqlite", "--once"},
		"not empty":          {".", "--from", from, "--once"},
		"not a whole http":   {"new", "--from", "gateway.example.org"},
		"connection refused": {"new", "--from", "http://127.0.0.1:1/", "--once"},
	} {
		if r := sheaf(t, append([]string{"mirror"}, args...)...); r.code == exitDone || !strings.Contains(r.stderr, want) {
			t.Errorf("%v: exit status %d, %s", args, r.code, r.stderr)
		}
	}
}

// TestMirrorOfRepository: any OAI-PMH repository is mirrored by its whole list, and --verify says what that proves.
func TestMirrorOfRepository(t *testing.T) {
	folder(t, nil)
	repository := &oaitest.Memory{}
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaipmh.NewHandler(repository, oaipmh.Options{BaseURL: base, Keys: [][]byte{make([]byte, 32)}, PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/oai", h)
	srv.Config.Handler = mux
	srv.Start()
	defer srv.Close()
	put := func(id, title string) {
		repository.Put(oaitest.Item{Identifier: "oai:repository.example.org:" + id, Metadata: map[string][]byte{"oai_dc": []byte(
			`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + title + `</dc:title></oai_dc:dc>`)}})
	}
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		put(id, "title")
	}
	want(t, exitDone, "mirror", "copy", "--from", base, "--once")
	put("2", "changed")
	repository.Delete("oai:repository.example.org:4")
	if r := want(t, exitDone, "mirror", "copy", "--from", base, "--verify"); !strings.Contains(r.stdout, "Equal to what a second pass") || !strings.Contains(r.stdout, "4 records") {
		t.Errorf("it says %s", r.stdout)
	}
	if n := len(mirrored(t, "copy")); n != 4 {
		t.Errorf("there are %d files", n)
	}
	for _, step := range []string{"--once", "--verify"} {
		want(t, exitDone, "mirror", "copy.db", "--from", base, "--format", "sqlite", step)
		repository.Delete("oai:repository.example.org:5")
		put("6", "new")
	}
	if r := want(t, exitDone, "mirror", "copy.db", "--from", base, "--format", "sqlite", "--verify"); !strings.Contains(r.stdout, "Equal to what a second pass") || !strings.Contains(r.stdout, "4 records") {
		t.Errorf("SQLite: it says %s", r.stdout)
	}
	if r := want(t, exitUsage, "mirror", "copy", "--from", base); !strings.Contains(r.stderr, "--once") {
		t.Errorf("without an end: %s", r.stderr)
	}
}
