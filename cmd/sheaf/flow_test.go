package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// records reads what export writes. Each line must be as the published schema says, and name the one before it.
func records(t testing.TB, ndjson string) (out []follow.Change) {
	t.Helper()
	prev := int64(0)
	for line := range strings.Lines(ndjson) {
		var c follow.Change
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		isLine(t, line)
		if len(out) > 0 && c.Prev != prev || c.Epoch == 0 || c.Origin == nil && c.Reason != string(pipeline.Takedown) {
			t.Errorf("behind seq %d comes %s", prev, line)
		}
		out, prev = append(out, c), c.Seq
	}
	return out
}

// isLine holds a line to the schema that is published of it. More names the members that it has besides.
func isLine(t testing.TB, line string, more ...string) {
	t.Helper()
	var schema, object map[string]any
	if err := errors.Join(json.Unmarshal(changejson.Schema(), &schema), json.Unmarshal([]byte(line), &object)); err != nil {
		t.Fatal(err)
	}
	for _, name := range more {
		if object[name] == nil {
			t.Errorf("no %s is in %s", name, line)
		}
		delete(object, name)
	}
	if faults := schematest.Conform(schema, object, ""); faults != nil {
		t.Errorf("%v\n%s", faults, line)
	}
}

// status is what status --json says.
func status(t testing.TB) (s statusJSON) {
	t.Helper()
	if err := json.Unmarshal([]byte(sheaf(t, "status", "--json").stdout), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// page fetches a page that must be there.
func page(t testing.TB, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(body)
}

// The first command of the README.
func TestDemo(t *testing.T) {
	folder(t, nil)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	p := begin(t, "serve", "--demo", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	if told := p.line(t, "Harvesting the demonstration collection now:"); !strings.HasPrefix(told, "letters, maps.") {
		t.Errorf("the demo says %q", told)
	}
	waitFor(t, "both harvests", p, func() bool { return strings.Count(p.stderr.String(), "a harvest has ended") == 2 })
	holds(t, "the page", page(t, p.line(t, "web page")+"search"), "of 12")
	if list := page(t, p.line(t, "OAI-PMH")+"?verb=ListIdentifiers&metadataPrefix=oai_dc"); strings.Count(list, "<header>") != 12 {
		t.Errorf("OAI-PMH: %s", list)
	}
	holds(t, "the metrics", page(t, p.line(t, "ops")+"metrics"), `sheaf_build_info{goversion="`, `version="devel"} 1`)
	server := p.line(t, "NATS")
	if code := p.stop(t); code != exitDone {
		t.Errorf("the demo ends with %d: %s", code, p.stderr.String())
	}
	holds(t, "watch after the demo", want(t, exitFailed, "watch", "--server", server).stderr, "is the gateway running?")
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("the demo leaves %v, %v", left, err)
	}
}

// Without a configuration an empty gateway runs, and says what it waits for.
func TestServeWithoutConfiguration(t *testing.T) {
	dir := folder(t, nil)
	p := begin(t, "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--data", "elsewhere")
	p.line(t, "Nothing is harvested yet: set gateway.namespace")
	page(t, p.line(t, "web page"))
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere", "sheaf.db")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "sheaf-data")); err == nil {
		t.Error("--data is not the only data folder")
	}
}

// solo is a configuration with one good source; a gateway that runs on it harvests it at once.
var solo = good[:strings.Index(good, "  short:")]

// The commands give the same answers whether a gateway runs or not, but for what only a gateway knows.
func TestCommands(t *testing.T) {
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprintf("gateway=%v", running), func(t *testing.T) {
			folder(t, files("sheaf.yaml", solo))
			if running {
				p := begin(t, "serve")
				p.line(t, "1 source is configured")
				waitFor(t, "the harvest", p, func() bool { return strings.Contains(p.stderr.String(), "a harvest has ended") })
				// It is told a moment before the source is free for another; the next one is set after that.
				waitFor(t, "the next harvest", p, func() bool { return status(t).Sources[0].Next.After(time.Now()) })
			} else {
				holds(t, "harvest", want(t, exitDone, "harvest", "letters").stdout,
					"letters: complete: 2 new, 0 changed, 0 deleted, 0 unchanged, 0 rejected")
			}
			testCommands(t, running)
		})
	}
}

func testCommands(t *testing.T, running bool) {
	holds(t, "harvest again", want(t, exitDone, "harvest", "letters", "--full").stdout, "0 new, 0 changed, 0 deleted, 2 unchanged")
	st := status(t)
	if s := st.Sources[0]; st.Running != running || s.Name != "letters" || s.State != store.StateOK || s.Records != 2 || s.LastRun == nil || s.Next.IsZero() == running {
		t.Errorf("status: %+v", st)
	}
	if r := want(t, exitDone, "status"); strings.Contains(r.stdout, "No gateway") == running {
		t.Errorf("status: %s", r.stdout)
	}
	holds(t, "sources", want(t, exitDone, "sources").stdout, "Letters", "1d", "listing")
	exported := want(t, exitDone, "export", "--source", "letters")
	all := records(t, exported.stdout)
	if len(all) != 2 {
		t.Fatalf("export: %s", exported.stdout)
	}
	holds(t, "export", exported.stderr, "2 records; sheaf watch --after "+st.Cursor+" goes on from here")
	holds(t, "show", want(t, exitDone, "show", all[0].Identifier).stdout, "Letter on the Mole", "Archive  [from context]", "\nrules        ")
	if r := want(t, exitDone, "show", all[0].Identifier, "--original"); !strings.Contains(r.stdout, "The timber is rotten.") || strings.Contains(r.stdout, all[0].Identifier) {
		t.Errorf("show --original: %s", r.stdout)
	}
	for _, c := range all { // show has the line of export, and something more
		shown := want(t, exitDone, "show", c.Identifier, "--json").stdout
		isLine(t, shown, "last_seen", "rules", "notes")
		var same follow.Change
		if err := json.Unmarshal([]byte(shown), &same); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, same); diff != "" {
			t.Errorf("export and show --json (+) differ:\n%s", diff)
		}
	}
	holds(t, "show of nothing", want(t, exitFailed, "show", "oai:test.example.org:letters/none").stderr, "there is no record oai:test.example.org:letters/none;")
	holds(t, "export of nothing", want(t, exitUsage, "export", "--source", "lettres").stderr, "lettres")
	holds(t, "backup", want(t, exitDone, "backup", "copy.db").stdout, "copy.db")
	holds(t, "backup again", want(t, exitFailed, "backup", "copy.db").stderr, "name a new file")
	if running {
		holds(t, "restore", want(t, exitFailed, "restore", "copy.db").stderr, "stop the gateway first")
		return
	}
	want(t, exitDone, "restore", "copy.db")
	again := records(t, want(t, exitDone, "export").stdout)
	if len(again) != 2 || again[0].Hash != all[0].Hash || !again[0].Datestamp.After(all[1].Datestamp) {
		t.Errorf("after the restore: %+v", again)
	}
}

// What export writes as oai_dc is what was harvested, in XML that can be read.
func TestExportXML(t *testing.T) {
	folder(t, files("letters.txt", strings.Replace(letters, "the Mole", "the Mole & <Quay>", 1)))
	want(t, exitDone, "harvest", "letters")
	var list struct {
		XMLName xml.Name `xml:"http://www.openarchives.org/OAI/2.0/ ListRecords"`
		Record  []struct {
			Header struct {
				Identifier string   `xml:"identifier"`
				Datestamp  string   `xml:"datestamp"`
				SetSpec    []string `xml:"setSpec"`
			} `xml:"header"`
			Metadata struct {
				XML []byte `xml:",innerxml"`
			} `xml:"metadata"`
		} `xml:"record"`
	}
	if err := xml.Unmarshal([]byte(want(t, exitDone, "export", "--format", "oai_dc").stdout), &list); err != nil {
		t.Fatal(err)
	}
	all := records(t, want(t, exitDone, "export").stdout)
	if len(list.Record) != 2 || list.Record[0].Header.Identifier != all[0].Identifier || list.Record[0].Header.SetSpec[0] != "letters" {
		t.Fatalf("export: %+v", list)
	}
	dc, err := dublincore.ParseOAIDC(list.Record[0].Metadata.XML)
	if err != nil || dc.Text(dublincore.Title) != "Letter on the Mole & <Quay>" {
		t.Errorf("the record is %+v, %v", dc, err)
	}
}

// consumersOf gives the names of those who read the events of records.
func consumersOf(t testing.TB, server string) (names []string) {
	t.Helper()
	nc, err := nats.Connect(server)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	list := stream.ConsumerNames(t.Context())
	for name := range list.Name() {
		names = append(names, name)
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// Events of a running gateway, from another command.
func TestWatch(t *testing.T) {
	folder(t, files("sheaf.yaml", solo))
	p := begin(t, "serve")
	server := p.line(t, "NATS")
	waitFor(t, "the harvest", p, func() bool { return strings.Contains(p.stderr.String(), "a harvest has ended") })
	all := records(t, want(t, exitDone, "export").stdout)
	epoch, _, _ := strings.Cut(status(t).Cursor, ".")

	waitFor(t, "the stream", p, func() bool { return strings.Contains(p.stderr.String(), "stream created") })
	w := begin(t, "watch", "--server", server, "--after", epoch+".0")
	if first := w.line(t, epoch+".1  upserted"); first != all[0].Identifier+"  Letter on the Mole" {
		t.Errorf("the first event: %q", first)
	}
	w.line(t, epoch+".2  upserted")
	raw := begin(t, "watch", "--server", server, "--after", epoch+".1", "--source", "letters", "--json")
	if ev := "{" + raw.line(t, "{"); !strings.Contains(ev, all[1].Identifier) || !json.Valid([]byte(ev)) {
		t.Errorf("the event: %s", ev)
	}
	gateway := strings.TrimSuffix(p.line(t, "OAI-PMH"), "oai")
	far := begin(t, "watch", "--from", gateway, "--after", "0", "--source", "letters")
	if first := far.line(t, epoch+".1  upserted"); first != all[0].Identifier+"  Letter on the Mole" {
		t.Errorf("the first change: %q", first)
	}
	if code := far.stop(t); code != exitDone {
		t.Errorf("watch --from ends with %d", code)
	}
	holds(t, "the end of watch --from", far.stderr.String(), " --after "+epoch+".2 goes on from here")
	holds(t, "watch --from after another log", want(t, exitFailed, "watch", "--from", gateway, "--after", "1.0").stderr, "1.0 is a place in a log that was replaced")
	holds(t, "watch --from what is no gateway", want(t, exitFailed, "watch", "--from", gateway+"search").stderr, "no gateway that tells of changes")
	if code := w.stop(t); code != exitDone {
		t.Errorf("watch ends with %d", code)
	}
	holds(t, "the end of watch", w.stderr.String(), "sheaf watch --server "+server+" --after "+epoch+".2 goes on from here")
	others := consumersOf(t, server)
	idle := begin(t, "watch", "--server", server, "--source", "letters")
	waitFor(t, "the watch to wait", idle, func() bool {
		return slices.ContainsFunc(consumersOf(t, server), func(name string) bool { return !slices.Contains(others, name) })
	})
	idle.stop(t)
	holds(t, "the end of a watch that saw nothing", idle.stderr.String(), "sheaf watch --server "+server+" --source letters --after "+epoch+".2 goes on from here")
	holds(t, "watch after another log", want(t, exitFailed, "watch", "--server", server, "--after", "1.0").stderr, "1.0 is a place in a log that was replaced")
	export := want(t, exitDone, "export", "--from", gateway)
	if lines := records(t, export.stdout); len(lines) != 2 || lines[0].Identifier != all[0].Identifier || lines[1].Hash != all[1].Hash {
		t.Errorf("export --from: %s", export.stdout)
	}
	if here := want(t, exitDone, "export").stdout; here != export.stdout {
		t.Errorf("export --from:\n%s\nand on the gateway's machine:\n%s", export.stdout, here)
	}
	holds(t, "export", export.stdout, `"epoch":"`+epoch+`"`, `"links":{"oai":"`+gateway+`oai?`)
	holds(t, "export --from", export.stderr, "2 records", " --after "+epoch+".2 goes on from here")
	if rest := want(t, exitDone, "export", "--from", gateway, "--after", epoch+".1").stdout; len(records(t, rest)) != 1 {
		t.Errorf("export --from behind the first: %s", rest)
	}
	if there, here := want(t, exitDone, "export", "--from", gateway, "--format", "oai_dc").stdout, want(t, exitDone, "export", "--format", "oai_dc").stdout; there != here {
		t.Errorf("export of oai_dc from there:\n%s\nhere:\n%s", there, here)
	}
	holds(t, "export --from after another log", want(t, exitFailed, "export", "--from", gateway, "--after", "1.0").stderr, "was replaced")
	holds(t, "export --after alone", want(t, exitUsage, "export", "--after", epoch+".1").stderr, "--from")
	news := begin(t, "watch", "--from", gateway, "--after", epoch+".2", "--json")
	want(t, exitDone, "takedown", all[0].Identifier, "--reason", "a test")
	ev := "{" + news.line(t, "{")
	isLine(t, ev)
	holds(t, "the change", ev, `"reason":"takedown"`)
	if here, there := want(t, exitDone, "export").stdout, want(t, exitDone, "export", "--from", gateway).stdout; here != there {
		t.Errorf("after the takedown, export:\n%s\nand from there:\n%s", here, there)
	}
	isLine(t, want(t, exitDone, "show", all[0].Identifier, "--json").stdout, "last_seen")
}

// Ctrl-C in the middle of a harvest: what was committed stays, the end is written down, and the next
// harvest goes on.
func TestStopHarvest(t *testing.T) {
	asked, release := make(chan struct{}, 10), make(chan struct{})
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("page")
		if n == "1" {
			asked <- struct{}{}
			select {
			case <-release:
			case <-r.Context().Done():
				return
			}
		}
		w.Header().Set("Content-Type", "text/html")
		from := map[string]int{"0": 1, "1": 3}[n]
		fmt.Fprintf(w, `<p>%d - %d of 4</p><ul><li><h2>Title %d</h2></li><li><h2>Title %d</h2></li></ul>`, from, from+1, from, from+1)
	}))
	defer site.Close()
	folder(t, files("sheaf.yaml", solo+"  site: {kind: listing, from: \""+site.URL+"/?page={page}\", mapping: listing, pages: {first: 0}, select: {row: li, title: h2}}\n"))

	p := begin(t, "harvest", "site")
	<-asked
	if code := p.stop(t); code != exitFailed {
		t.Errorf("the harvest ends with %d", code)
	}
	holds(t, "the end of the harvest", p.stderr.String(), "site: stopped; the next harvest goes on from here")
	if s := status(t).Sources[1]; s.Name != "site" || s.State != "cancelled" || s.LastRun.Ended.IsZero() {
		t.Errorf("the run is not written down: %+v", s)
	}
	close(release)
	want(t, exitDone, "harvest", "site")
	if all := records(t, want(t, exitDone, "export").stdout); len(all) != 4 {
		t.Errorf("%d records", len(all))
	}
}
