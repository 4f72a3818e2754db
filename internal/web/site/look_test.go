package site

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/palette"
)

func TestLook(t *testing.T) {
	o := newSite(listing(t)).Options
	logo := filepath.Join(t.TempDir(), "mark.svg")
	if err := os.WriteFile(logo, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Look = web.Look{
		Light: palette.Colours{Link: "#7a1f3d"}, Footer: "1 High Street <b>", Imprint: "https://archive.example.org/imprint", Privacy: "https://archive.example.org/privacy",
		Templates: fstest.MapFS{
			"start.html": {Data: []byte(`{{define "main"}}<h1>{{t "Records"}} – ours</h1><p>{{count .Data.Total}}</p>{{end}}`)},
			"notes.txt":  {Data: []byte("not a template")},
		},
	}
	if err := o.Look.ReadLogo(logo); err != nil {
		t.Fatal(err)
	}
	if err := CheckLook(o.Look); err != nil {
		t.Fatal(err)
	}
	h := New(o)
	doc := see(t, h, "/", 200, in("h1", hasText("Records – ours")), in(".site img", attr("alt", "")),
		texts("footer a[href^='https:']", "Imprint", "Privacy"))
	if foot := doc.Find("footer").Text(); !strings.Contains(foot, "1 High Street <b>") {
		t.Errorf("the foot says %q", foot)
	}
	if w := request(t, h, http.MethodGet, doc.Find(".site img").AttrOr("src", "")); w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the logo: %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	if css := request(t, h, http.MethodGet, doc.Find(`link[rel="stylesheet"]`).AttrOr("href", "")).Body.String(); !strings.Contains(css, "--link: #7a1f3d") {
		t.Error("the colour is not in the style sheet")
	}
	see(t, h, "/search", 200, in("h1", hasText("All records")))
}

// A template that can't be used is refused, with its place and what to do; a gateway that meets one later goes on without it.
func TestBrokenTemplates(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"syntax":   {"start.html", "{{define \"main\"}}\n<h1>{{.Name}</h1>{{end}}", "start.html:2:"},
		"function": {"record.html", "{{define \"main\"}}{{shout .Name}}{{end}}", `function "shout" not defined`},
		"context":  {"search.html", "{{define \"main\"}}<a href='{{.Name}}{{end}}", "search.html"},
		"layout":   {"layout.html", "<html>{{if}}", "layout.html:1"},
		"stranger": {"about.html", "", "no page is called so; they are layout.html, message.html, start.html"},
	} {
		t.Run(name, func(t *testing.T) {
			l := web.Look{Templates: fstest.MapFS{c.file: {Data: []byte(c.text)}}}
			if err := CheckLook(l); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "mend it, or take the file out") {
				t.Errorf("%v, want %q and what to do", err, c.want)
			}
			var log bytes.Buffer
			o := newSite(listing(t)).Options
			o.Look, o.Logger = l, slog.New(slog.NewTextHandler(&log, nil))
			h := New(o)
			for _, path := range []string{"/", "/search", "/records/cold-war/doc-1"} {
				see(t, h, path, 200)
			}
			if !strings.Contains(log.String(), "file="+c.file) {
				t.Errorf("the log says %q", log.String())
			}
		})
	}
}

func TestReadLogo(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"a.gif":  {"GIF89a", "its name must end with one of"},
		"b.png":  {"GIF89a", "is not what its name says"},
		"c.svg":  {strings.Repeat("<svg>", 60_000), "is larger than 256 KiB"},
		"d.jpeg": {"\xff\xd8\xff\xe0", ""},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var l web.Look
		if err := l.ReadLogo(file); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
