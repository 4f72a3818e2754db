package ops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// workbenchRecords is how many records of a source can be chosen from, and sampleRecords how many a sample has.
	workbenchRecords, sampleRecords = 20, 500
	workbenchPath                   = "/workbench"
)

// A bench is what the workbench shows of one source: an original, what its rules make of it, and the rules.
type bench struct {
	Source    string
	Records   []string // identifiers of records to look at
	ID        string   // of the one that is shown
	Format    harvest.Format
	Name      string // of the mapping's file
	BuiltIn   bool
	Draft     string // the rules as they are being edited
	Edited    bool   // they are not those of the source
	Explained *rules.Explained
	Original  string
	Cut       bool
	Wrong     string // why the draft can't be used
	Report    *pipeline.RemapReport
	Sample    bool // the report is about a sample
}

// benches lists the sources whose mappings can be worked on.
func (s *ops) benches(r *http.Request) (*finding, error) {
	all, err := s.Commands.Brief(r.Context())
	if err != nil {
		return nil, err
	}
	var names []standing
	for _, st := range all {
		if st.Configured && st.Status.Live > 0 {
			names = append(names, standing{SourceInfo: st})
		}
	}
	first, last, pages := piece(r, len(names), sourcesPage)
	return &finding{template: "benches", here: workbenchPath, title: "Workbench", data: map[string]any{"Sources": names[first:last], "Pages": pages}}, nil
}

// bench shows the workbench with the rules of the source, or with a draft of somebody who asked what it would change.
func (s *ops) bench(r *http.Request) (*finding, error) {
	b, err := s.openBench(r, r.FormValue("id"))
	if err != nil {
		return nil, err
	}
	every := 0
	if t := s.taskOf(r); t != nil && t.count != nil && t.count.source == b.Source && t.Who == visitor(r).Name {
		b.Draft, b.Edited, b.Report, b.Sample = t.count.draft, true, t.count.report, t.count.sample
		if t.Ended.IsZero() {
			every = everyRunning
		}
	}
	if err := s.explain(r.Context(), b); err != nil {
		return nil, err
	}
	return &finding{template: "bench", here: workbenchPath, title: "Workbench: " + b.Source, every: every, data: b}, nil
}

// openBench finds the records and the mapping of a source.
func (s *ops) openBench(r *http.Request, id string) (*bench, error) {
	b := &bench{Source: r.PathValue("source"), ID: strings.TrimSpace(id)}
	originals, err := s.Commands.Originals(r.Context(), b.Source, workbenchRecords)
	if err != nil {
		return nil, err
	}
	if len(originals) == 0 {
		return nil, &web.Problem{Status: http.StatusNotFound, Title: "There is nothing to work on", Text: "The log has no original of such a source yet; a harvest brings some."}
	}
	for i := range originals {
		b.Records = append(b.Records, originals[i].Identifier)
	}
	if b.ID == "" {
		b.ID = b.Records[0]
	}
	rec, err := s.Commands.Record(r.Context(), b.ID)
	if err != nil {
		return nil, err
	}
	b.Format = rec.Origin.Format
	m, err := s.Commands.Mapping(r.Context(), b.Source, b.Format)
	if err != nil {
		return nil, err
	}
	b.Name, b.Draft, b.BuiltIn = m.Name, m.Text, m.BuiltIn
	return b, nil
}

// explain says what the rules make of the original. What is wrong with a draft is told on the page.
func (s *ops) explain(ctx context.Context, b *bench) (err error) {
	draft := ""
	if b.Edited {
		draft = b.Draft
	}
	b.Explained, err = s.Commands.Explain(ctx, b.Source, b.ID, draft)
	if err != nil && b.Edited {
		b.Wrong = err.Error()
		b.Explained, err = s.Commands.Explain(ctx, b.Source, b.ID, "")
	}
	if err != nil {
		return err
	}
	b.Original, b.Cut = shownBytes([]byte(b.Explained.Legible()))
	return nil
}

// try does what somebody asks for with a draft: to show what it makes of the original, to count what it would change, or to
// have it as a file. Nothing is stored: the file that the configuration names stays the truth.
func (s *ops) try(w http.ResponseWriter, r *http.Request) {
	p := visitor(r)
	if !p.May(config.RoleAct) {
		s.mayNot(w, r, p, config.RoleAct)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4*control.MaxMapping) // what a form makes of it
	if err := r.ParseForm(); err != nil || len(r.PostFormValue("mapping")) > control.MaxMapping {
		s.problemPage(w, r, http.StatusRequestEntityTooLarge, "That is too much for a mapping", fmt.Sprintf("A draft may have %d KiB.", control.MaxMapping>>10))
		return
	}
	draft := strings.ReplaceAll(r.PostFormValue("mapping"), "\r\n", "\n")
	switch do := r.PostFormValue("do"); do {
	case "file":
		s.asFile(w, r, draft)
	case "sample", "all":
		s.count(w, r, p, draft, do == "sample")
	default:
		s.page(func(r *http.Request) (*finding, error) {
			b, err := s.openBench(r, r.PostFormValue("id"))
			if err != nil {
				return nil, err
			}
			b.Edited = strings.TrimSpace(draft) != strings.TrimSpace(b.Draft)
			if b.Draft = draft; strings.TrimSpace(draft) == "" {
				b.Edited, b.Wrong = false, "the draft is empty; what is shown is what the source's own rules make"
			}
			return &finding{template: "bench", here: workbenchPath, title: "Workbench: " + b.Source, data: b}, s.explain(r.Context(), b)
		}).ServeHTTP(w, r)
	}
}

// asFile hands the draft to the operator.
func (s *ops) asFile(w http.ResponseWriter, r *http.Request, draft string) {
	name := "mapping.map"
	if m, err := s.Commands.Mapping(r.Context(), r.PathValue("source"), harvest.Format{}); err == nil && !m.BuiltIn {
		name = filepath.Base(m.Name)
	} else {
		name = r.PathValue("source") + ".map"
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+strings.Map(plainName, name)+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	fmt.Fprint(w, draft)
}

// plainName keeps what can stand in the name of a file anywhere.
func plainName(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
		return r
	}
	return '_'
}

// A count is a task that counts what a draft would change.
type count struct {
	source, draft string
	sample        bool
	report        *pipeline.RemapReport
}

// count begins to count what a draft would change, in a sample or in all records.
func (s *ops) count(w http.ResponseWriter, r *http.Request, p *person, draft string, sample bool) {
	source := r.PathValue("source")
	order := control.RemapOrder{Source: source, Draft: draft}
	what := "Count what a draft would change of " + source
	if sample {
		order.Limit = sampleRecords
	}
	if strings.TrimSpace(draft) == "" {
		s.problemPage(w, r, http.StatusBadRequest, "The draft is empty", "There is nothing to count with.")
		return
	}
	own := &count{source: source, draft: draft, sample: sample}
	commands := s.Commands.For(p.Name, audit.ByPages, client(r))
	id, err := s.tasks.begin(what, p.Name, own, func(ctx context.Context, tell func(string)) (string, error) {
		var last control.RemapLine
		err := commands.Remap(ctx, order, func(l *control.RemapLine) error {
			last = *l
			tell(fmt.Sprintf("%d of %d records", l.Records, l.Total))
			return nil
		})
		if err == nil && last.Error != "" {
			err = errors.New(last.Error)
		}
		if err != nil || last.Report == nil {
			return "", err
		}
		s.tasks.report(own, last.Report)
		return fmt.Sprintf("of %d records, %d would change and %d could not be mapped.", last.Report.Records(), last.Report.Changed, last.Report.Failed), nil
	})
	if err != nil {
		s.problemPage(w, r, http.StatusServiceUnavailable, "Nothing was done", sentence(err))
		return
	}
	http.Redirect(w, r, withTask(workbenchPath+"/"+url.PathEscape(source)+"?id="+url.QueryEscape(r.PostFormValue("id")), id), http.StatusSeeOther)
}
