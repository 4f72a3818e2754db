package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// What somebody meets who writes the first configuration: a check must say all of it, and where.

func TestCheckSaysAllSelectors(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": `gateway: {namespace: x.example.org, contact: a@example.org}
sources:
  web:
    kind: listing
    from: https://example.org/search?page={n}
    mapping: listing
    select:
      row: "..x["
      title: "h3["
      link: a
    detail:
      select: {author: "..b", year: "@"}
`})
	holds(t, "the problems", want(t, exitUsage, "config", "check").stderr,
		"sheaf.yaml:5:11: sources.web.from: has {n}", "did you mean {page}?",
		"sheaf.yaml:8:12: sources.web.select.row: ", "sheaf.yaml:9:14: sources.web.select.title: ",
		"sheaf.yaml:12:24: sources.web.detail.select.author: ", "sheaf.yaml:12:37: sources.web.detail.select.year: ")
}

func TestCheckDoubts(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": `gateway: {namespace: x.example.org, contact: a@example.org}
sources:
  letters:
    kind: listing
    from: [saved/*.txt, lost/*.txt]
    mapping: listing
    context:
      created: [03/04/1957, 1960]
      rights: CC-BY
      publisher: 03/04/1957
`, "saved/a.txt": "1 May 1957\nA letter\n"})
	r := want(t, exitLook, "config", "check")
	holds(t, "the warnings", r.stderr, "sheaf.yaml:5:25: warning: sources.letters.from: no file is at ", "lost/*.txt",
		"sheaf.yaml:8:17: warning: sources.letters.context.created: ", "two ways", "sheaf.yaml:9:15: warning: sources.letters.context.rights: ")
	if n := strings.Count(r.stderr, "warning"); n != 3 {
		t.Errorf("%d warnings, want 3:\n%s", n, r.stderr)
	}
	want(t, exitDone, "status") // asks for no files, and has no log yet
}

func TestCheckOfNothing(t *testing.T) {
	folder(t, map[string]string{"empty.yaml": "", "comment.yaml": "# later\n", "named.yaml": "gateway: {name: X}\n"})
	for _, file := range []string{"empty.yaml", "comment.yaml"} {
		holds(t, file, want(t, exitLook, "config", "check", file).stderr, file+": warning: says nothing")
	}
	holds(t, "a gateway without sources", want(t, exitDone, "config", "check", "named.yaml").stdout, "names no sources", "sheaf probe")
}

func TestProbeOfSheet(t *testing.T) {
	folder(t, map[string]string{"sheet.csv": "Title,Creator\nA letter,Enver\n"})
	holds(t, "the proposal", want(t, exitDone, "probe", "sheet.csv").stdout, "CSV file", "kind: files")
	r := want(t, exitFailed, "probe", "missing.csv")
	if holds(t, "the error", r.stderr, "missing.csv"); strings.Contains(r.stderr, "server") {
		t.Errorf("a file is no server: %s", r.stderr)
	}
}

func TestMapOfWrongFile(t *testing.T) {
	const marc = "00042nam a2200037 a 4500001000200000\x1e1\x1e\x1d"
	folder(t, map[string]string{"sheaf.yaml": `gateway: {namespace: x.example.org, contact: a@example.org}
sources:
  sheet: {kind: files, from: x.csv, key: id, mapping: listing}
`, "a.mrc": marc})
	r := want(t, exitLook, "map", "sheet", "a.mrc")
	holds(t, "what is said of a MARC file", r.stdout, "format not recognised", "use kind: marc")
}

// TestShortIdentifiers: commands take identifiers as corrections and pages write them.
func TestShortIdentifiers(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig, "letters.txt": "1 May 1957\nA letter\n"})
	want(t, exitDone, "harvest", "letters")
	full := regexp.MustCompile(`"identifier":"(oai:[^"]*)"`).FindStringSubmatch(want(t, exitDone, "export").stdout)[1]
	short := full[strings.Index(full, "letters/"):]
	if a, b := want(t, exitDone, "show", full).stdout, want(t, exitDone, "show", short).stdout; a != b {
		t.Errorf("%s is shown as\n%s\nand %s as\n%s", full, a, short, b)
	}
	holds(t, "the map", want(t, exitDone, "map", "letters", "--id", short).stdout, full)
	holds(t, "an unknown one", want(t, exitFailed, "show", "letters/none").stderr, "<source>/<local> for short")
	want(t, exitDone, "withdraw", short, "--reason", "a test")
	holds(t, "the withdrawn record", want(t, exitDone, "show", short).stdout, "deleted (withdrawn)")
	want(t, exitDone, "restore-record", short)
	holds(t, "the record that came back", want(t, exitDone, "show", short).stdout, "state        live")
}

// TestPagesOfNewcomer: the pages for people at /oai lead home and to their own XML, and keep what was asked; formats that no
// record has are not offered, and the answer for one says what the record lacks.
func TestPagesOfNewcomer(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig, "letters.txt": "1 May 1957\nA letter\n"})
	want(t, exitDone, "harvest", "letters")
	full := regexp.MustCompile(`"identifier":"(oai:[^"]*)"`).FindStringSubmatch(want(t, exitDone, "export").stdout)[1]
	p := begin(t, "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0")
	home := p.line(t, "web page")
	people := func(query string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, home+"oai"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "text/html")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, query := range []string{"", "?verb=ListRecords&metadataPrefix=oai_dc"} {
		holds(t, "the page", people(query), `<a href="`+home+`">Home</a>`, "Show the XML that programs get")
	}
	holds(t, "the form after an error", people("?verb=ListIdentifiers&metadataPrefix=mods&set=nothing&from=1990-01-01"),
		"<option selected>ListIdentifiers", "<option selected>mods", `value="nothing"`, `value="1990-01-01"`)
	offered := page(t, home+"oai?verb=ListMetadataFormats")
	for _, prefix := range []string{"edm", "oai_openaire"} {
		if strings.Contains(offered, ">"+prefix+"<") {
			t.Errorf("%s is offered, and no record has it", prefix)
		}
	}
	holds(t, "the formats", offered, ">oai_dc<", ">oai_qdc<")
	holds(t, "why the record has no edm", page(t, home+"oai?"+url.Values{"verb": {"GetRecord"}, "metadataPrefix": {"edm"}, "identifier": {full}}.Encode()),
		"cannotDisseminateFormat", "it lacks ")
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
}
