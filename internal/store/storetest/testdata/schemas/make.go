// Command make writes the data folders that programs of before left behind: for each form that the tables of the log had, the
// last program that wrote it is built from this repository's history, harvests a small repository in four phases, and serves
// its list once. What it leaves is packed, with the list as it served it, as <store>-<version>.tar.gz.
//
//	go run make.go [NAME...]
//
// It is needed once for a new version of the tables: add the commit before it to the list. A folder that is there is never
// made again, for it is what it was.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// A schema is a form of the tables, and how far the program goes that wrote it.
type schema struct {
	name, commit string
	persons      bool // it has takedowns, pauses, and deletions that wait for a person
}

var schemas = []schema{
	{name: "sqlite-2", commit: "effdb76"},
	{name: "sqlite-3", commit: "9ff5aed"},
	{name: "sqlite-4-first", commit: "e68bb71"}, // before takedowns, pauses and so on had tables of their own
	{name: "sqlite-4", commit: "c0b49ce", persons: true},
	{name: "postgres-1", commit: "6540a05^", persons: true},
	{name: "postgres-3", commit: "2ec3ea8", persons: true},
}

func main() {
	log.SetFlags(0)
	for _, s := range schemas {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], s.name) {
			continue
		}
		archive := s.name + ".tar.gz"
		if _, err := os.Stat(archive); err == nil {
			continue
		}
		if err := s.make(archive); err != nil {
			log.Fatalf("%s: %v", s.name, err)
		}
	}
}

func (s schema) make(archive string) (err error) {
	work, err := os.MkdirTemp("", "schema")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	program, err := s.build(work)
	if err != nil {
		return err
	}
	repository := &repository{}
	server := httptest.NewServer(repository)
	defer server.Close()
	public := free()
	store, save := "", func(string) error { return nil }
	if strings.HasPrefix(s.name, "postgres") {
		var stop func()
		if store, save, stop, err = postgres(work); err != nil {
			return err
		}
		defer stop()
	}
	data := filepath.Join(work, "data")
	config := filepath.Join(work, "sheaf.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, `gateway: {name: Before, url: 'http://before.example', namespace: before.example, contact: a@before.example}
listen: {public: '%s', ops: '127.0.0.1:0'}
data: '%s'
%sevents: {kind: none}
sources:
  things: {kind: oai, from: '%s/oai', domain: source.example, formats: [mods, oai_dc]%s}
`, public, data, store, server.URL, map[bool]string{true: ", hold: {deleted: 20%}"}[s.persons]), 0o600); err != nil {
		return err
	}
	run := func(args ...string) {
		cmd := exec.Command(program, append(args, "--config", config)...)
		out, err := cmd.CombinedOutput()
		log.Printf("%s: %v: %v\n%s", s.name, args, err, out)
	}
	for phase := range phases {
		repository.phase.Store(int64(phase))
		run("harvest", "things")
		if s.persons && phase == 2 {
			run("takedown", "oai:before.example:things/9", "--reason", "its author asked")
		}
		time.Sleep(2 * time.Second) // another second of the log
	}
	if s.persons {
		run("pause", "things")
	}
	list, err := serve(program, config, public)
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(filepath.Join(data, "list.xml"), list, 0o600), save(filepath.Join(data, "log.sql"))); err != nil {
		return err
	}
	return pack(archive, data)
}

// build builds the program of the schema's time.
func (s schema) build(work string) (program string, err error) {
	src := filepath.Join(work, "src")
	program = filepath.Join(work, "sheaf")
	root, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", err
	}
	script := `mkdir "$1" && git -C "$2" archive "$3" | tar -x -C "$1" && cd "$1" && go build -buildvcs=false -o "$4" ./cmd/sheaf`
	out, err := exec.Command("sh", "-c", script, "sh", src, strings.TrimSpace(string(root)), s.commit, program).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build %s: %w: %s", s.commit, err, out)
	}
	return program, nil
}

// serve runs the gateway until it has given the whole list.
func serve(program, config, public string) (list []byte, err error) {
	cmd := exec.Command(program, "serve", "--config", config)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()) }()
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get("http://" + public + "/oai?verb=ListRecords&metadataPrefix=oai_dc")
		if err == nil {
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return nil, fmt.Errorf("the list: %s", resp.Status)
			}
			return io.ReadAll(resp.Body)
		}
		if time.Now().After(until) {
			return nil, err
		}
	}
}

// postgres runs a server; save dumps its database.
func postgres(work string) (store string, save func(string) error, stop func(), err error) {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(bins) == 0 {
		return "", nil, nil, errors.Join(errors.New("PostgreSQL is not installed"), err)
	}
	bin := filepath.Dir(bins[len(bins)-1])
	base := filepath.Join(work, "postgres")
	script := `umask 022; chmod 755 "$2" && mkdir "$3" && { [ "$(id -u)" != 0 ] || chown nobody "$3"; } && cd "$3" &&
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi; } &&
as "$1/initdb" -D data -U sheaf -A trust -E UTF8 --locale=C >/dev/null &&
as "$1/pg_ctl" -D data -w -l log -o "-k $3 -c listen_addresses=" start >/dev/null`
	if out, err := exec.Command("sh", "-c", script, "sh", bin, work, base).CombinedOutput(); err != nil {
		return "", nil, nil, fmt.Errorf("start PostgreSQL: %w: %s", err, out)
	}
	stop = func() {
		pid, _, _ := strings.Cut(string(must(os.ReadFile(filepath.Join(base, "data", "postmaster.pid")))), "\n")
		_ = exec.Command("kill", "-INT", pid).Run()
		time.Sleep(time.Second)
	}
	save = func(file string) error {
		out, err := exec.Command(filepath.Join(bin, "pg_dump"), "-h", base, "-U", "sheaf", "--inserts", "--no-owner", "postgres").Output()
		if err != nil {
			return err
		}
		return os.WriteFile(file, out, 0o600)
	}
	dsn := filepath.Join(work, "dsn")
	err = os.WriteFile(dsn, fmt.Appendf(nil, "host=%s user=sheaf dbname=postgres", base), 0o600)
	return fmt.Sprintf("store: {kind: postgres, dsn_file: '%s'}\n", dsn), save, stop, err
}

// pack writes what the test needs of a data folder.
func pack(archive, data string) (err error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, name := range []string{"sheaf.db", "highwater", "log.sql", "list.xml"} {
		b, err := os.ReadFile(filepath.Join(data, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b))})
		}
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			return err
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		return err
	}
	return os.WriteFile(archive, out.Bytes(), 0o644)
}

// A repository answers as one whose records change from phase to phase.
type repository struct{ phase atomic.Int64 }

// The phases: everything is new, one of it unusable; some of it changes, moves to another set or is deleted; more comes; it is down.
const phases = 4

const stamp = "2026-11-0%dT00:00:00Z"

func (r *repository) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	phase := int(r.phase.Load())
	if phase == phases-1 {
		http.Error(w, "closed for repairs", http.StatusNotFound)
		return
	}
	verb := req.FormValue("verb")
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>`+stamp+`</responseDate><request>http://source.example/oai</request>`, phase+2)
	switch verb {
	case "Identify":
		fmt.Fprint(w, `<Identify><repositoryName>Source</repositoryName><baseURL>http://source.example/oai</baseURL><protocolVersion>2.0</protocolVersion><adminEmail>a@source.example</adminEmail><earliestDatestamp>2026-11-01T00:00:00Z</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>`)
	case "ListMetadataFormats":
		fmt.Fprint(w, `<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>http://www.openarchives.org/OAI/2.0/oai_dc.xsd</schema><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace></metadataFormat>`+
			`<metadataFormat><metadataPrefix>mods</metadataPrefix><schema>http://www.loc.gov/standards/mods/v3/mods-3-7.xsd</schema><metadataNamespace>http://www.loc.gov/mods/v3</metadataNamespace></metadataFormat></ListMetadataFormats>`)
	case "ListSets":
		fmt.Fprint(w, `<ListSets><set><setSpec>maps</setSpec><setName>Maps</setName></set><set><setSpec>letters</setSpec><setName>Letters</setName></set></ListSets>`)
	case "ListRecords":
		fmt.Fprintf(w, `<ListRecords>%s</ListRecords>`, records(phase))
	default:
		fmt.Fprint(w, `<error code="badVerb">no</error>`)
	}
	fmt.Fprint(w, `</OAI-PMH>`)
}

func records(phase int) string {
	var b strings.Builder
	for n := range 12 + 3*phase {
		set := []string{"maps", "letters"}[n%2]
		changed := phase == 1 && n < 4 || phase == 2 && n >= 12
		switch {
		case phase > 0 && !changed && n != 5 && n != 6 && !(phase == 2 && n < 4):
			continue // it asks for what has changed
		case phase == 1 && n == 5, phase == 2 && n < 4:
			fmt.Fprintf(&b, `<record><header status="deleted"><identifier>oai:source.example:%d</identifier><datestamp>`+stamp+`</datestamp></header></record>`, n, phase+1)
			continue
		case phase == 1 && n == 6:
			set = "letters"
		case phase == 2 && n < 12:
			continue
		}
		identifier, title := fmt.Sprintf("oai:source.example:%d", n), fmt.Sprintf("Título %d — 東京 &amp; environs", n)
		if phase == 0 && n == 11 {
			identifier = "" // goes to quarantine
		}
		if changed {
			title += ", revised"
		}
		fmt.Fprintf(&b, `<record><header><identifier>%s</identifier><datestamp>`+stamp+`</datestamp><setSpec>%s</setSpec></header><metadata>`+
			`<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>%s</title></titleInfo><name><namePart>Hoxha, Enver %d</namePart><role><roleTerm>author</roleTerm></role></name>`+
			`<originInfo><dateIssued>19%02d</dateIssued></originInfo><language><languageTerm type="code">sqi</languageTerm></language><abstract>%s</abstract></mods></metadata></record>`,
			identifier, phase+1, set, title, n, 40+n, strings.Repeat(fmt.Sprintf("What sheet %d shows. ", n), 10))
	}
	return b.String()
}

// free is an address that nothing listens on.
func free() string {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	return l.Addr().String()
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
