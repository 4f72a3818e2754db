package listing_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// detailOf reads a site whose list has one row, and asks for the page that the row links to.
func detailOf(t *testing.T, link string, d listing.Detail, access harvest.Access, handle func(w http.ResponseWriter, r *http.Request)) (harvest.Item, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			_, _ = w.Write([]byte("User-agent: *\nDisallow: /private"))
		case "/list":
			_, _ = w.Write([]byte(`<html><p>1 - 1 of 1</p><div class="r"><a href="` + link + `">A letter</a></div>`))
		default:
			handle(w, r)
		}
	}))
	t.Cleanup(server.Close)
	to, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	fetcher := harvest.NewFetcher(harvest.Options{Attempts: 1, Reach: harvest.Reach{From: []string{server.URL, to.Scheme + "://" + to.Host}}})
	source, err := listing.New(listing.Config{
		From: []string{server.URL + "/list"}, Canonical: "archive", Access: access,
		Select: listing.Select{Row: ".r", Title: "a", Link: "a"}, Detail: d,
	}, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	page, err := source.Page(t.Context(), "")
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if item := page.Items[0]; !item.Listed {
		return item, nil
	}
	return source.Ask(t.Context(), "", page.Items[0])
}

const letter = `<!doctype html><title>A letter</title><form><input type="password" name="p"></form><main><p class="by">Ana</p><p class="by">Max</p><p class="by">Ana</p></main>`

// TestDetail: what a page of a record adds, and what is no page of a record.
func TestDetail(t *testing.T) {
	by := listing.Detail{Select: map[string]string{"creator": ".by", "none": ".none"}}
	to := func(place string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/d/1" {
				http.Redirect(w, r, place, http.StatusFound)
				return
			}
			_, _ = w.Write([]byte(letter))
		}
	}
	send := func(text string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	status := func(code int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }
	}
	for _, tc := range []struct {
		name, link string
		detail     listing.Detail
		handle     func(http.ResponseWriter, *http.Request)
		why        string       // of the rejection
		kind       harvest.Kind // of the error
	}{
		{"a page, with a small login", "/d/1", by, send(letter), "", ""},
		{"a redirect to where the page is now", "/d/1", by, to("/new/1"), "", ""},
		{"gone", "/d/1", by, status(410), "can't be had", ""},
		{"for members", "/d/1", by, status(403), "can't be had", ""},
		{"a server that is broken", "/d/1", by, status(500), "", harvest.HTTP5xx},
		{"a login", "/d/1", by, to("/user/login"), "login page", ""},
		{"a login in place of the page", "/d/1", by, send(`<html><title>Log in | Archive</title><p class="by">x</p><input type="password">`), "login page", ""},
		{"the front page", "/d/1", by, to("/"), "front page", ""},
		{"another host", "/d/1", by, to("http://localhost:1/x"), "not_public", ""},
		{"a bot wall", "/d/1", by, send(`<html><title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/x.js"></script>`), "", harvest.Challenged},
		{"another page", "/d/1", by, send(`<html><main><h1>Not found</h1></main>`), "none of the selectors", ""},
		{"a file", "/d/1", by, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write([]byte("%PDF-1.7"))
		}, "not a web page", ""},
		{"robots.txt", "/private/1", by, send(letter), "robots.txt", ""},
		{"a row that links to another host", "https://other.example.org/d/1", by, send(letter), "detail.hosts", ""},
		{"too large", "/d/1", by, send("<html>" + strings.Repeat("<p>0123456789</p>", 300_000)), "too_large", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			item, err := detailOf(t, tc.link, tc.detail, harvest.Access{}, tc.handle)
			if harvest.KindOf(err) != tc.kind || tc.kind == "" && err != nil {
				t.Fatalf("error %v, want %q", err, tc.kind)
			}
			switch original := string(item.Original); {
			case tc.kind != "":
			case tc.why != "":
				if item.Rejected == nil || item.Rejected.Reason != "unfetchable" || !strings.Contains(item.Rejected.Detail, tc.why) || item.Listed {
					t.Errorf("rejected %+v, listed %v, want %q", item.Rejected, item.Listed, tc.why)
				}
				if !strings.Contains(original, `"title":"A letter"`) {
					t.Errorf("quarantine would have %q", original)
				}
			case item.Rejected != nil || item.Listed || !strings.Contains(original, `"detail":{"creator":["Ana","Max"]},"row":"<div`) || !strings.Contains(original, `,"page":"<!DOCTYPE html>`):
				t.Errorf("%+v %s", item.Rejected, original)
			case string(listing.Canonical(item.Original)) != string(item.Canonical) || strings.Contains(string(item.Canonical), "page") || !strings.Contains(string(item.Canonical), "Ana"):
				t.Errorf("compared is %s", item.Canonical)
			}
		})
	}
}

// TestDetailElsewhere: other hosts are asked if they are named, and never get the secrets of the listing's site.
func TestDetailElsewhere(t *testing.T) {
	var seen string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen += r.Header.Get("Authorization")
		_, _ = w.Write([]byte(letter))
	}))
	defer other.Close()
	host := strings.TrimPrefix(other.URL, "http://")
	d := listing.Detail{Select: map[string]string{"creator": ".by"}, Hosts: []string{host}}
	item, err := detailOf(t, other.URL+"/d/1", d, harvest.Access{Token: "secret"}, http.NotFound)
	if err != nil || item.Rejected != nil || !strings.Contains(string(item.Original), "Ana") || seen != "" {
		t.Errorf("%+v, %v; the other host was told %q", item, err, seen)
	}
}

// TestDetailConfig: what can't work is told.
func TestDetailConfig(t *testing.T) {
	sel := listing.Select{Row: ".r", Title: "a", Link: "a"}
	for want, d := range map[string]listing.Detail{
		"not the name of a field": {Select: map[string]string{"Main Title": "h1"}},
		"not a CSS selector":      {Select: map[string]string{"title": "h1["}},
		"say where on the page":   {Select: map[string]string{"title": "@id"}},
		"must be an element":      {Select: map[string]string{"title": "h1"}, Within: "main@id"},
	} {
		_, err := listing.New(listing.Config{From: []string{"x.html"}, Canonical: "x", Select: sel, Detail: d}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	sel.Link = ""
	_, err := listing.New(listing.Config{From: []string{"x.html"}, Canonical: "x", Select: sel, Detail: listing.Detail{Select: map[string]string{"title": "h1"}}}, nil)
	if err == nil || !strings.Contains(err.Error(), "select.link") {
		t.Error(err)
	}
}
