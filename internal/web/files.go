package web

import (
	"io/fs"
	"net/http"
	"path"
)

// A file is one of the few files that the pages use. Its tag, a hash of its content, is part of the URL that pages ask
// for, so browsers can keep the file for ever.
type file struct {
	body []byte
	tag  string
	mime string
}

// types are the files that browsers may ask for, by how their names end.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp",
}

// readFiles reads files of the program. Pages ask for them by the last part of their paths.
func readFiles(from fs.FS, paths ...string) map[string]file {
	files := map[string]file{}
	for _, name := range paths {
		body, err := fs.ReadFile(from, name)
		if err != nil {
			panic(err)
		}
		files[path.Base(name)] = newFile(body, types[path.Ext(name)])
	}
	return files
}

func newFile(body []byte, mime string) file {
	tag := etag(body)
	return file{body, tag[1 : len(tag)-1], mime}
}

// globs gives the files with names of these patterns.
func globs(of fs.FS, patterns ...string) (names []string) {
	for _, pattern := range patterns {
		found, err := fs.Glob(of, pattern)
		if err != nil {
			panic(err)
		}
		names = append(names, found...)
	}
	return names
}

// File returns the URL of a file, for the templates.
func (f *Frame) File(name string) string { return f.Root + "/" + name + "?v=" + f.files[name].tag }

// Serve answers with the file whose name is the path.
func (f *Frame) Serve(w http.ResponseWriter, r *http.Request) { serve(w, r, f.files[r.URL.Path[1:]]) }

// Handle puts the files into a table of routes.
func (f *Frame) Handle(mux *http.ServeMux) {
	for name := range f.files {
		mux.HandleFunc("GET /"+name, f.Serve)
	}
}

func serve(w http.ResponseWriter, r *http.Request, f file) {
	w.Header().Set("Content-Type", f.mime)
	if r.URL.Query().Get("v") == f.tag {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "public, no-cache")
	}
	serveTagged(w, r, `"`+f.tag+`"`, f.body)
}
