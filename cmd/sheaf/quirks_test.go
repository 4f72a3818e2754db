package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// An identifier that a repository gives to another thing is that thing from then on: after a deletion as well as in its
// place. Nothing of the thing before is left in the record.
func TestIdentifierReused(t *testing.T) {
	for _, between := range []bool{false, true} {
		s := newShelf(t, 3)
		s.set(func() { s.size = 3 })
		want(t, exitDone, "harvest", "up")
		if between {
			s.set(func() { s.gone = 1 })
			holds(t, "the deletion", want(t, exitDone, "harvest", "up", "--full").stdout, "1 deleted")
		}
		s.set(func() { s.gone, s.what, s.more = 0, "Map", "<dc:type>Image</dc:type>" })
		holds(t, "the harvest", want(t, exitDone, "harvest", "up", "--full").stdout, "0 new, 3 changed, 0 deleted")
		out := want(t, exitDone, "show", "oai:test.example.org:up/oai:a.example:0").stdout
		holds(t, "the record", out, "Map 0", "Image")
		if strings.Contains(out, "Paper") {
			t.Errorf("the thing before is left:\n%s", out)
		}
	}
}

// DSpace gives three dates without a word of what they are, and some write words around one. Each date is kept, without
// the words; what they mean is for a mapping of the source.
func TestDatesOfDSpace(t *testing.T) {
	s := newShelf(t, 1)
	s.set(func() {
		s.size, s.more = 1, "<dc:date>2012-03-01T10:00:00Z</dc:date><dc:date>2012-03-02T10:00:00Z</dc:date><dc:date>1983</dc:date><dc:date>Published in 1984</dc:date>"
	})
	want(t, exitDone, "harvest", "up")
	const id = "oai:test.example.org:up/oai:a.example:0"
	holds(t, "the record", want(t, exitDone, "show", id).stdout, "2012-03-01T10:00:00Z", "2012-03-02T10:00:00Z", "1983", "1984")
}

// A set whose spec has blanks and other letters than the specification allows, as ListSets names it, can be asked for, and is
// encoded once on its way; its records are served in it.
func TestSetWithBlanks(t *testing.T) {
	s := newShelf(t, 3)
	s.set(func() { s.setSpec = "Food and Fütterung" })
	withSource(t, "{sets: [Food and Fütterung], kind: oai")
	want(t, exitDone, "config", "check")
	holds(t, "the harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 3 new")
	holds(t, "the records", want(t, exitDone, "export").stdout, `"up:Food~20and~20F~C3~BCtterung"`)
	if asked := s.asked[0]; asked != "metadataPrefix=oai_dc&set=Food+and+F%C3%BCtterung" {
		t.Errorf("the set was asked for with %s", asked)
	}
}

// A record of two sets, from a repository that names in a header only the set that was asked for, is in both sets, and the
// next harvest changes nothing.
func TestSetsNamedOneByOne(t *testing.T) {
	in := map[string][]int{"A": {1, 2}, "B": {1, 3}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-05-01T10:00:00Z</responseDate><request>x</request>`)
		defer io.WriteString(w, "</OAI-PMH>")
		switch set := r.FormValue("set"); r.FormValue("verb") {
		case "Identify":
			io.WriteString(w, "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>")
		case "ListMetadataFormats":
			io.WriteString(w, "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>")
		case "ListRecords":
			io.WriteString(w, "<ListRecords>")
			for _, i := range in[set] {
				fmt.Fprintf(w, `<record><header><identifier>oai:a.example:%d</identifier><datestamp>2020-01-02T03:04:05Z</datestamp><setSpec>%s</setSpec></header><metadata>`+
					`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Paper %[1]d</dc:title></oai_dc:dc></metadata></record>`, i, set)
			}
			io.WriteString(w, "</ListRecords>")
		default:
			io.WriteString(w, `<error code="badVerb"/>`)
		}
	}))
	t.Cleanup(server.Close)
	folder(t, map[string]string{"sheaf.yaml": "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\n" +
		"events: {kind: none}\nsources: {up: {kind: oai, sets: [A, B], from: '" + server.URL + "/oai'}}\n"})
	holds(t, "the first harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 3 new, 1 changed")
	for range 2 {
		holds(t, "the next harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 0 new, 0 changed, 0 deleted, 4 unchanged")
		holds(t, "the record of both", want(t, exitDone, "show", "up/oai:a.example:1").stdout, "up:A", "up:B")
	}
	holds(t, "all records", want(t, exitDone, "export").stdout, `"sets":["up","up:A","up:B"]`, `"sets":["up","up:A"]`, `"sets":["up","up:B"]`)
}
