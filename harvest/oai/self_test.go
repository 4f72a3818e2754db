package oai_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// One gateway harvests another: what our own handler serves, moving while it is walked, arrives as it
// was put in.
func TestHarvestOfOurOwnHandler(t *testing.T) {
	repo := &oaitest.Memory{Identity: oaipmh.Identity{Name: "R", AdminEmails: []string{"a@example.org"}}}
	put := func(i, version int) {
		item := oaitest.Item{Identifier: fmt.Sprintf("oai:example.org:%d", i), Sets: []string{"all"}}
		if i%7 == 0 {
			item.Deleted = true
		} else {
			item.Metadata = map[string][]byte{"oai_dc": fmt.Appendf(nil,
				`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%d, %d</dc:title></oai_dc:dc>`, i, version)}
		}
		repo.Put(item)
	}
	repo.PutSet(oaipmh.Set{Spec: "all", Name: "All"})
	for i := range 250 {
		put(i, 1)
	}
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String() + "/oai"
	handler, err := oaipmh.NewHandler(repo, oaipmh.Options{BaseURL: base, Keys: [][]byte{[]byte("0123456789abcdef")}, PageSize: 20})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	server.Start()
	t.Cleanup(server.Close)
	s, err := oai.New(oai.Config{BaseURL: base, Sets: []string{"all"}}, harvest.NewFetcher(harvest.Options{Reach: here}))
	if err != nil {
		t.Fatal(err)
	}
	if names, err := s.SetNames(t.Context()); err != nil || len(names) != 1 || names["all"] != "All" {
		t.Errorf("names of sets %v, %v", names, err)
	}
	have := map[string]string{}
	walk := func(at harvest.Cursor, between func()) harvest.Cursor {
		t.Helper()
		for {
			page, err := s.Page(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Warnings) > 0 || page.Unproven {
				t.Errorf("warnings %q, incomplete %v", page.Warnings, page.Unproven)
			}
			for _, item := range page.Items {
				have[item.Key] = string(item.Original)
				if item.Deleted {
					have[item.Key] = "deleted"
				}
			}
			at = page.Next
			if page.Done {
				return at
			}
			between()
		}
	}
	version := 1
	at := walk("", func() {
		if version++; version < 40 {
			put(version*6%250, version)
		}
	})
	put(3, 99)
	repo.Delete("oai:example.org:5")
	put(1000, 99)
	walk(at, func() {})
	want, gone := map[string]string{}, 0
	for i := range 1001 {
		rec, _, err := repo.Get(t.Context(), fmt.Sprintf("oai:example.org:%d", i), "oai_dc")
		if err != nil {
			continue
		}
		want[rec.Identifier] = string(rec.Metadata)
		if rec.Deleted {
			want[rec.Identifier] = "deleted"
			gone++
		}
	}
	if diff := cmp.Diff(want, have); diff != "" || len(want) < 200 || gone == 0 || !strings.Contains(want["oai:example.org:3"], "3, 99") {
		t.Errorf("%d records, %d deleted: %s", len(want), gone, diff)
	}
}
