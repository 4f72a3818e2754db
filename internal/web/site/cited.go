package site

import (
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A citedForm is a link to a record in a form that reference managers read.
type citedForm struct{ Title, Type, Path string }

// work is what is cited of a record. Its holder is the source, unless the record names one.
func (s *site) work(rec *pipeline.Record, dc *dublincore.Record, path string) *cite.Work {
	return cite.Of(dc, rec.Identifier, s.title(rec.Source), s.Frame.URL+path, time.Now())
}

// citedForms are the forms of a record, as the page links to them.
func (s *site) citedForms(path string) (out []citedForm) {
	for _, f := range cite.Forms {
		out = append(out, citedForm{f.Title, f.Type, s.Root + path + "?as=" + f.Name})
	}
	return out
}

// cited answers with a record in one of the forms.
func (s *site) cited(w *cite.Work, f cite.Form) *web.Answer {
	h := http.Header{}
	h.Set("Content-Type", f.Type+"; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+w.FileName()+f.End+`"`)
	h.Set("X-Robots-Tag", "noindex")
	return &web.Answer{Header: h, Body: f.Write(w)}
}
