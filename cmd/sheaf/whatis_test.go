package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What stands at an address, or in a file, is called the same by every command that expected something else.
func TestWrongThingsAreCalledWhatTheyAre(t *testing.T) {
	const oai = `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-01-01T00:00:00Z</responseDate><request>http://a.example/</request>`
	for name, c := range map[string]struct {
		body, what string
		probed     bool // probe finds something to harvest in it
		mapped     bool // map finds an original in it
	}{
		"static.xml": {`<Repository xmlns="http://www.openarchives.org/OAI/2.0/static-repository" xmlns:oai="http://www.openarchives.org/OAI/2.0/">` +
			`<Identify><oai:repositoryName>A</oai:repositoryName></Identify><ListRecords metadataPrefix="oai_dc"/></Repository>`, "a static repository of OAI-PMH", true, true},
		"error.xml": {oai + `<error code="badVerb">no</error></OAI-PMH>`, "", false, false},
		"books.mrc": {"00050nam a2200037   4500001000200000\x1ex\x1e\x1d", "a file of MARC records (ISO 2709)", true, true},
		"table.csv": {"id;title\n1;Alpha\n2;Beta\n", "a table (CSV)", true, false},
		"page.html": {"<!DOCTYPE html><html><body><p>Please log in.</p></body></html>", "a web page", false, false},
		"feed.xml":  {`<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>`, "an Atom feed", false, false},
		"paper.pdf": {"%PDF-1.7\n1 0 obj\n", "a PDF document", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.what == "" {
				c.what = "an OAI-PMH response that reports an error (badVerb)"
			}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(c.body)) }))
			defer srv.Close()
			dir := t.TempDir()
			file, conf := filepath.Join(dir, name), filepath.Join(dir, "sheaf.yaml")
			write := func(path, text string) {
				t.Helper()
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(file, c.body)
			write(conf, "gateway: {namespace: gw.example.org}\ndata: "+filepath.Join(dir, "data")+"\nsources:\n  demo: {kind: oai, from: "+srv.URL+"/oai}\n")
			if r := sheaf(t, "validate", "--pause", "0s", srv.URL); name != "error.xml" && !strings.Contains(r.stdout, c.what) || r.code != exitLook {
				t.Errorf("validate: %d %s%s", r.code, r.stdout, r.stderr)
			}
			if r := sheaf(t, "--config", conf, "harvest", "--dry-run", "demo"); !strings.Contains(r.stderr, c.what) && name != "error.xml" || r.code == exitDone {
				t.Errorf("harvest: %d %s", r.code, r.stderr)
			}
			if r := sheaf(t, "probe", file); !c.probed && !strings.Contains(r.stderr, c.what) {
				t.Errorf("probe: %d %s", r.code, r.stderr)
			}
			if r := sheaf(t, "--config", conf, "map", "demo", file); !c.mapped && !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(r.stdout+r.stderr, "|", " ")), " "), c.what) {
				t.Errorf("map: %d %s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
}
