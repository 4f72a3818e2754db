package listing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// checkPage holds what is true of every page, whatever its bytes.
func checkPage(t *testing.T, c listing.Config, page []byte) {
	t.Helper()
	c.From = []string{"https://archive.example.org/list"}
	got, err := newSiteSource(t, c, func(string) (string, error) { return string(page), nil }).Page(t.Context(), "")
	if err != nil {
		var e *harvest.Error
		if !errors.As(err, &e) || e.Kind == "" || e.Detail == "" {
			t.Fatalf("an error without a name: %v", err)
		}
		return
	}
	keys := map[string]bool{}
	for _, it := range got.Items {
		if it.Key == "" || !utf8.ValidString(it.Key) {
			t.Fatalf("key %q", it.Key)
		}
		if keys[it.Key] {
			t.Fatalf("the key %q comes twice", it.Key)
		}
		keys[it.Key] = true
		if it.Rejected != nil {
			continue
		}
		var o original
		d := json.NewDecoder(bytes.NewReader(it.Original))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil || o.Title == "" || o.Row == "" {
			t.Fatalf("original %q: %v", it.Original, err)
		}
		var c original
		if err := json.Unmarshal(it.Canonical, &c); err != nil || c.Row != "" || c.Title != o.Title || c.Summary != o.Summary {
			t.Fatalf("canonical form %q of %q: %v", it.Canonical, it.Original, err)
		}
		if got := listing.Canonical(it.Original); !bytes.Equal(got, it.Canonical) {
			t.Fatalf("canonical form of what is kept: %q, want %q", got, it.Canonical)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("Skip to content\n\nResults:\n\n1 - 2 of 2\n\nDocuments\n\nJune 7, 1960\n\nA\n\nText.\n\nApril, 1957\n\nB\n"))
	f.Add([]byte("1958\nA\n1958\na\n1958\nA\nB\n"))
	f.Add([]byte("\xff\xfe1\x009\x005\x008\x00\n\x00A\x00"))
	f.Add([]byte("1958\n\n\xe9\n\n\xe9"))
	f.Fuzz(func(t *testing.T, page []byte) {
		checkPage(t, listing.Config{MaxRows: 50}, page)
		listing.IsDateLine(string(page))
	})
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte(`<p>1 - 2 of 2</p><h2>D</h2><div class=row id=1><i class=date>1958</i><h3>A</h3><a href="/x?y=1#z">.</a></div><div class=row><h3>A`))
	f.Add([]byte(`<base href="//x"><div class=row id=h-1><h3>A</h3><a href="%zz"></div><nav>1 - 1 of 1`))
	f.Add([]byte("<meta charset=utf-16le><table class=row><h3>\xff\xfe<select><svg><h3>"))
	f.Fuzz(func(t *testing.T, page []byte) {
		page = append([]byte("<p>"), page...)
		checkPage(t, listing.Config{MaxRows: 50, Select: listing.Select{
			Row: ".row", Date: ".date", Title: "h3", Summary: "p", Link: "a", ID: "@id", Kind: "h2", End: ".end",
		}}, page)
		checkPage(t, listing.Config{MaxRows: 50}, page)
		look, err := listing.Probe(page, "text/html", "https://archive.example.org/list")
		if err != nil || look.Select.Row == "" {
			return
		}
		if _, err := listing.New(listing.Config{Canonical: "x", From: []string{"x"}, Select: look.Select}, nil); err != nil {
			t.Fatalf("selectors that can't be configured: %+v: %v", look.Select, err)
		}
	})
}

// FuzzDetail: whatever the page of a record is, the row is kept with what was found, or rejected, as JSON that can be compared.
func FuzzDetail(f *testing.F) {
	f.Add(letter, ".by", "main")
	f.Add("<html><meta name=a content='x\"y\\'><p>\x00\xff", "meta[name=a]@content", "")
	f.Fuzz(func(t *testing.T, page, field, within string) {
		c := listing.Config{
			From: []string{"https://archive.example.org/list"}, Canonical: "archive", Select: listing.Select{Row: "p", Title: "a", Link: "a"},
			Detail: listing.Detail{Select: map[string]string{"field": field}, Within: within},
		}
		source, err := listing.New(c, site(func(url string) (string, error) {
			if strings.HasSuffix(url, "/list") {
				return `<html><p><a href="/d/1">A</a></p>`, nil
			}
			return page, nil
		}))
		if err != nil {
			return
		}
		list, err := source.Page(t.Context(), "")
		if err != nil || len(list.Items) != 1 || !list.Items[0].Listed {
			t.Fatalf("%+v, %v", list, err)
		}
		item, err := source.Ask(t.Context(), "", list.Items[0])
		if err != nil {
			return
		}
		if !json.Valid(item.Original) || string(listing.Canonical(item.Original)) != string(item.Canonical) || item.Listed {
			t.Errorf("%+v: %s", item, item.Original)
		}
	})
}
