package site

import (
	"context"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web/axetest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Every public page can be read by everybody, in the light and in the dark, on a narrow screen too.
func TestPagesInABrowser(t *testing.T) {
	ctx := axetest.Browser(t)
	log, h := library(t, 30)
	mapped, _, _ := explained(t, `{"title":"Notes from talks","date":"April 1957","call":"AQPPSH 14/1"}`)
	if _, err := log.Remove(t.Context(), pipeline.Removal{Identifier: "oai:archive.example:old/1", Final: true, Who: "a test"}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.StripPrefix("/below", h))
	defer server.Close()
	mapping := httptest.NewServer(New(mapped.Options))
	defer mapping.Close()
	_, _, o := shelvedOptions(t, 3, func(i int) ([]dublincore.Value, []string) {
		return []dublincore.Value{
			{Term: dublincore.Title, Text: []string{"Harta e Shqipërisë", "Bregu", "Mali"}[i]},
			{Term: dublincore.IsPartOf, Text: []string{"", "Harta e Shqipërisë", "Harta e Shqipërisë"}[i]},
			{Term: dublincore.Language, Text: "sqi"},
			{Term: dublincore.License, Text: "http://creativecommons.org/licenses/by-nc/4.0/"},
			{Term: dublincore.Spatial, Text: "39.6 19.3 42.7 21.1"}, {Term: dublincore.Spatial, Text: "41.33 19.82"},
			{Term: dublincore.Thumbnail, Text: "https://images.example.org/1.jpg"},
		}, []string{"old"}
	})
	o.Look.Pictures = []string{"images.example.org"}
	maps := httptest.NewServer(http.StripPrefix("/below", New(o)))
	defer maps.Close()
	for _, path := range []string{"/records/old/1", "/search?q=harta"} {
		axetest.Do(t, ctx, chromedp.Navigate(maps.URL+"/below"+path))
		axetest.All(t, ctx, "with a map, a picture and a tree: "+path)
	}
	axetest.Do(t, ctx, chromedp.Navigate(mapping.URL+"/records/cold-war/1?as=mapping"))
	axetest.All(t, ctx, "the page of a mapping")
	for _, path := range []string{
		"/", "/search", "/search?source=new&order=newest", "/search?q=hoxha", "/search?q=hoxha&kind=Images&from=1940&sort=early", "/search?q=hoxha&view=kinds", "/search?q=hohxa", "/search?q=-hoxha", "/search/subject?q=hoxha", "/search/place", "/search?decade=1950",
		"/records/old/2", "/records/old/2?q=hoxha", "/records/old/1", "/sources/new", "/sets/old:box", "/nothing", "/search?after=9.9",
	} {
		axetest.Do(t, ctx, chromedp.Navigate(server.URL+"/below"+path))
		axetest.All(t, ctx, path)
	}
}

// A picture that may be shown is seen, and the host that has it is not told from which page it is asked for; that of a host
// that the operator does not name is never asked for.
func TestPictureInABrowser(t *testing.T) {
	ctx := axetest.Browser(t)
	var asked sync.Map
	pictures := func() *httptest.Server {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Store(r.Host+r.URL.Path, r.Referer())
			_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 30, 20))) // who reads it looks at its size
		}))
		t.Cleanup(server.Close)
		return server
	}
	ours, other := pictures(), pictures()
	_, _, o := shelvedOptions(t, 2, func(i int) ([]dublincore.Value, []string) {
		return []dublincore.Value{
			{Term: dublincore.Title, Text: "A letter"}, {Term: dublincore.Thumbnail, Text: []string{ours.URL, other.URL}[i] + "/1.png"},
		}, []string{"old"}
	})
	host := strings.TrimPrefix(ours.URL, "https://")
	o.Look.Pictures = []string{host}
	server := httptest.NewServer(http.StripPrefix("/below", New(o)))
	defer server.Close()
	axetest.Do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error { // the host's certificate is made for the test
		_, err := cdp.Call(ctx, target, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		return err
	}))
	for _, path := range []string{"/search?q=letter", "/records/old/0"} {
		axetest.Do(t, ctx, chromedp.Navigate(server.URL+"/below"+path))
		axetest.Until(t, ctx, `Array.from(document.images, i => i.naturalWidth + "x" + i.naturalHeight).join() === "30x20"`)
		axetest.Picture(t, ctx, "picture"+strconv.Itoa(len(path))+".png")
	}
	axetest.Do(t, ctx, chromedp.Navigate(server.URL+"/below/records/old/1"))
	asked.Range(func(what, referer any) bool {
		if what != host+"/1.png" || referer != "" {
			t.Errorf("%v was asked for, by a page that calls itself %q", what, referer)
		}
		return true
	})
}
