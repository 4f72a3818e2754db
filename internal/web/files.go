package web

import (
	"bytes"
	"net/http"
	"time"
)

// A file is one of the few files that the pages use. Its tag is part of the URL that the pages ask
// for, so that it can be kept for ever.
type file struct {
	body []byte
	tag  string
	mime string
}

func readFiles(names ...string) map[string]file {
	files := map[string]file{}
	for _, name := range names {
		body, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic(err)
		}
		mime := "text/css; charset=utf-8"
		if name == "icon.svg" {
			mime = "image/svg+xml"
		}
		tag := etag(body)
		files[name] = file{body, tag[1 : len(tag)-1], mime}
	}
	return files
}

// File is the URL of a file, for the templates.
func (s *site) File(name string) string { return s.Root + "/" + name + "?v=" + s.files[name].tag }

func (s *site) file(w http.ResponseWriter, r *http.Request) {
	f := s.files[r.URL.Path[1:]]
	w.Header().Set("Content-Type", f.mime)
	w.Header().Set("ETag", `"`+f.tag+`"`)
	if r.URL.Query().Get("v") == f.tag {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "public, no-cache")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
