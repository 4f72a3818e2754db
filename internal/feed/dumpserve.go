package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// serveManifest answers /dump.
func (d *Door) serveManifest(w http.ResponseWriter, r *http.Request) {
	one := d.o.Dumps.present()
	if one != nil {
		if _, err := d.o.Dumps.followed(r.Context(), one); err != nil {
			d.o.Dumps.want()
			one = nil
		}
	}
	switch {
	case one == nil && !d.o.MakesDumps():
		(&problem{Title: "This gateway makes no dumps", Status: http.StatusNotFound, Detail: "Begin with /changes: it gives everything too.", Again: d.again()}).write(w)
		return
	case one == nil:
		(&problem{Title: "The dump is being made", Status: http.StatusServiceUnavailable, Detail: "Ask again later, or begin with /changes: it gives everything too.", Again: d.again(), retry: 30 * time.Second}).write(w)
		return
	}
	m := one.Manifest
	m.Schema = d.o.URL + SchemaPath
	m.Parts = make([]Part, len(one.Parts))
	for i, p := range one.Parts {
		p.URL = d.o.URL + "/dump/" + one.name + "/" + p.URL
		m.Parts[i] = p
	}
	text, err := json.Marshal(&m)
	if err != nil {
		asProblem(err).write(w)
		return
	}
	sum := sha256.Sum256(text)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, no-cache") // after a takedown no copy of it may be served
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	h.Set("Link", "<"+d.o.URL+SchemaPath+`>; rel="describedby"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// servePart answers with a file of a dump, or a range of it.
func (d *Door) servePart(w http.ResponseWriter, r *http.Request) {
	one := d.o.Dumps.named(r.PathValue("dump"))
	var p *Part
	if one != nil {
		p = one.part(r.PathValue("part"))
	}
	if p == nil {
		d.noPart(w)
		return
	}
	f, err := os.Open(filepath.Join(d.o.Dumps.dir, one.name, p.URL))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			d.noPart(w)
		} else {
			d.o.Logger.Error("a part of the dump can't be read", "err", err)
			asProblem(err).write(w)
		}
		return
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", "application/zstd")
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", `"`+p.SHA256+`"`)
	http.ServeContent(w, r, "", one.Created, &partReader{f, one})
}

func (d *Door) noPart(w http.ResponseWriter) {
	(&problem{Title: "There is no such part any more", Status: http.StatusNotFound, Detail: "Another dump has taken the place of the one that it was of. Ask for /dump again.", Again: d.again()}).write(w)
}

// A partReader reads a part until a record is taken down: the rest of an answer that is under way is not sent.
type partReader struct {
	file *os.File
	of   *dump
}

var errGone = errors.New("a record was removed")

func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.file.Read(b)
	if p.of.gone.Load() {
		return 0, errGone
	}
	return n, err
}

func (p *partReader) Seek(offset int64, whence int) (int64, error) {
	return p.file.Seek(offset, whence)
}
