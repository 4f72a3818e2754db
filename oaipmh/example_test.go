package oaipmh_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A Shelf is a small repository: books in the order in which they came, each one Dublin Core.
type Shelf struct {
	books []oaipmh.Record
	now   time.Time
}

// Clock is the clock of the shelf: nothing that comes later is older.
func (s *Shelf) Clock(context.Context) (time.Time, error) { return s.now, nil }

func (s *Shelf) Identify(context.Context) (*oaipmh.Identity, error) {
	return &oaipmh.Identity{
		Head: s.now, Name: "A shelf of books", AdminEmails: []string{"librarian@example.org"},
		EarliestDatestamp: s.books[0].Datestamp, DeletedRecord: oaipmh.No,
	}, nil
}

func (s *Shelf) Formats(_ context.Context, identifier string) (*oaipmh.Formats, error) {
	if identifier != "" && s.find(identifier) < 0 {
		return nil, oaipmh.ErrNoItem
	}
	return &oaipmh.Formats{Head: s.now, Formats: []oaipmh.Format{{
		Prefix:    "oai_dc",
		Schema:    "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
		Namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/",
	}}}, nil
}

// Sets offers nothing: a shelf has no sets.
func (s *Shelf) Sets(context.Context, string, func(*oaipmh.Set) bool) (time.Time, error) {
	return s.now, nil
}

func (s *Shelf) Get(_ context.Context, identifier, prefix string) (*oaipmh.Record, time.Time, error) {
	i := s.find(identifier)
	switch {
	case i < 0:
		return nil, s.now, oaipmh.ErrNoItem
	case prefix != "oai_dc":
		return nil, s.now, oaipmh.ErrNoFormat
	}
	return &s.books[i], s.now, nil
}

// List walks along the shelf. A position is the number of books that were passed.
func (s *Shelf) List(_ context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	l := &oaipmh.Listing{Head: s.now, Size: -1}
	if q.Prefix != "oai_dc" {
		return l, oaipmh.ErrNoSuchFormat
	}
	if q.Set != "" {
		return l, oaipmh.ErrNoSuchSet
	}
	passed := 0
	if q.After != "" {
		n, err := strconv.Atoi(q.After)
		if err != nil || n < 0 || n > len(s.books) {
			return l, oaipmh.ErrBadPosition
		}
		passed = n
	}
	for i := passed; i < len(s.books); i++ {
		b := &s.books[i]
		if b.Datestamp.Before(q.From) || !q.Until.IsZero() && b.Datestamp.After(q.Until) {
			continue
		}
		if !offer(b) {
			l.Next = strconv.Itoa(passed)
			break
		}
		passed = i + 1
	}
	return l, nil
}

func (s *Shelf) find(identifier string) int {
	return slices.IndexFunc(s.books, func(b oaipmh.Record) bool { return b.Identifier == identifier })
}

// A program that serves a repository: here one in memory. Any other implements Repository, as the Shelf does.
func Example() {
	var shelf oaitest.Memory
	shelf.Identity = oaipmh.Identity{Name: "A shelf of books", AdminEmails: []string{"librarian@example.org"}}
	shelf.Put(oaitest.Item{Identifier: "oai:shelf.example.org:1", Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC("Emma")}})
	h, err := oaipmh.NewHandler(&shelf, oaipmh.Options{
		BaseURL: "https://shelf.example.org/oai",
		Keys:    [][]byte{[]byte("a secret that survives restarts")},
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/oai", h) // and http.ListenAndServe
	// Output:
}

// A program that harvests a repository. The iterator follows the resumption tokens, waits when it is told to, and
// tries again when the line breaks.
func ExampleClient_Records() {
	repository := exampleServer()
	defer repository.Close()

	c := oaipmh.Client{BaseURL: repository.URL, Contact: "librarian@example.org"}
	for rec, err := range c.Records(context.Background(), oaipmh.Selection{Prefix: "oai_dc"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(rec.Identifier, rec.Deleted, len(rec.Metadata) > 0)
	}
	// Output:
	// oai:shelf.example.org:1 false true
	// oai:shelf.example.org:2 false true
	// oai:shelf.example.org:3 true false
}

// exampleServer serves three records, two on a page.
func exampleServer() *httptest.Server {
	var shelf oaitest.Memory
	for i, title := range []string{"Emma", "Persuasion", "Sanditon"} {
		shelf.Put(oaitest.Item{Identifier: fmt.Sprintf("oai:shelf.example.org:%d", i+1), Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC(title)}})
	}
	shelf.Delete("oai:shelf.example.org:3")
	h, err := oaipmh.NewHandler(&shelf, oaipmh.Options{BaseURL: "https://shelf.example.org/oai", Keys: [][]byte{make([]byte, 32)}, PageSize: 2})
	if err != nil {
		log.Fatal(err)
	}
	return httptest.NewServer(h)
}

// A repository of one's own: it implements Repository in five short methods, and is served by a Handler.
func ExampleRepository() {
	now := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	shelf := &Shelf{now: now}
	for i, title := range []string{"Emma", "Persuasion", "Sanditon"} {
		shelf.books = append(shelf.books, oaipmh.Record{
			Identifier: fmt.Sprintf("oai:shelf.example.org:%d", i+1),
			Datestamp:  now.AddDate(0, 0, i-3),
			Metadata: []byte(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">` +
				`<dc:title>` + title + `</dc:title></oai_dc:dc>`),
		})
	}
	h, err := oaipmh.NewHandler(shelf, oaipmh.Options{
		BaseURL:  "https://shelf.example.org/oai",
		Keys:     [][]byte{[]byte("a secret that survives restarts")},
		PageSize: 2,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/oai", h)
	mux.Handle("/oai/{$}", h)

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&from=2024-02-28", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "<header>") {
			fmt.Print(line)
		}
	}
	// Output:
	// <header><identifier>oai:shelf.example.org:2</identifier><datestamp>2024-02-28T12:00:00Z</datestamp></header>
	// <header><identifier>oai:shelf.example.org:3</identifier><datestamp>2024-02-29T12:00:00Z</datestamp></header>
}

// The provenance of a record that was harvested, for its about container.
func ExampleAppendProvenance() {
	about := oaipmh.AppendProvenance(nil, &oaipmh.Origin{
		BaseURL:    "https://repository.example.edu/oai",
		Identifier: "oai:repository.example.edu:7",
		Datestamp:  "2024-02-01",
		Namespace:  "http://www.openarchives.org/OAI/2.0/oai_dc/",
		Harvested:  time.Date(2024, 2, 2, 3, 4, 5, 0, time.UTC),
		Altered:    true,
	})
	_, origin, _ := strings.Cut(string(about), ">")
	fmt.Println(strings.ReplaceAll(origin, "><", ">\n<"))
	// Output:
	// <originDescription harvestDate="2024-02-02T03:04:05Z" altered="true">
	// <baseURL>https://repository.example.edu/oai</baseURL>
	// <identifier>oai:repository.example.edu:7</identifier>
	// <datestamp>2024-02-01</datestamp>
	// <metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace>
	// </originDescription>
	// </provenance>
}
