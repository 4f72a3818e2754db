package ops

import (
	"cmp"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Surveys know how good the metadata of sources was when it was measured last.
type Surveys interface {
	Each(f func(source string, measured time.Time, byRules iter.Seq2[string, *quality.Shares]))
}

// A measured is what is known of the records that one version of a source's rules has made.
type measured struct {
	Source, Rules string
	At            time.Time
	*quality.Shares
}

// Complete is the mean share of the fifteen elements that records have.
func (m *measured) Complete() float64 {
	if len(m.Elements) == 0 {
		return 0
	}
	sum := 0.0
	for _, share := range m.Elements {
		sum += share
	}
	return sum / float64(len(m.Elements))
}

// A part is a share with its name.
type part struct {
	Name  string
	Share float64
}

// parts are shares, the largest first.
func parts(of map[string]float64) (out []part) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		out = append(out, part{name, of[name]})
	}
	slices.SortStableFunc(out, func(a, b part) int { return -cmp.Compare(a.Share, b.Share) })
	return out
}

func (s *ops) measures(source string) (out []measured) {
	s.Surveys.Each(func(name string, at time.Time, byRules iter.Seq2[string, *quality.Shares]) {
		if source != "" && name != source {
			return
		}
		for rules, shares := range byRules {
			out = append(out, measured{name, rules, at, shares})
		}
	})
	slices.SortStableFunc(out, func(a, b measured) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// qualities compares the sources.
func (s *ops) qualities(r *http.Request) (*finding, error) {
	all := s.measures("")
	first, last, pages := piece(r, len(all), sourcesPage)
	return &finding{template: "qualities", here: "/quality", title: "Quality", data: struct {
		Measures []measured
		Pages    []pageLink
	}{all[first:last], pages}}, nil
}

// report measures the records of a source, and answers with the page that can be sent to its provider: it needs no other
// file. That takes a while for a large source, and reads only.
func (s *ops) report(w http.ResponseWriter, r *http.Request) {
	p := visitor(r)
	if !p.May(config.RoleAct) {
		s.mayNot(w, r, p, config.RoleAct)
		return
	}
	source := r.PathValue("source")
	q, err := s.Commands.Quality(r.Context(), source)
	if err != nil {
		s.problemPage(w, r, http.StatusNotFound, "Nothing was measured", sentence(err))
		return
	}
	h := w.Header()
	web.Protect(h, nil, "")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="quality-`+strings.Map(plainName, source)+`.html"`)
	h.Set("Cache-Control", "no-store")
	if err := q.Report.WriteHTML(w, q.Page(pipeline.RecordPath)); err != nil {
		s.Logger.Warn("a page about quality was not sent whole", "source", source, "err", err)
	}
}

// quality shows the figures of one source.
func (s *ops) quality(r *http.Request) (*finding, error) {
	of := s.measures(r.PathValue("source"))
	if len(of) == 0 {
		return nil, errNoPage
	}
	type figures struct {
		measured
		Elements, Standard, Problems, Accepted, Tiers []part
	}
	var shown []figures
	for _, m := range of {
		problems := slices.DeleteFunc(parts(m.Shares.Problems), func(p part) bool { return p.Share == 0 })
		shown = append(shown, figures{m, parts(m.Shares.Elements), parts(m.Shares.Standard), problems, parts(m.Shares.Accepted), parts(m.Shares.Tiers)})
	}
	return &finding{template: "quality", here: "/quality", title: "Quality of " + of[0].Source, data: struct {
		Source string
		Of     []figures
	}{of[0].Source, shown}}, nil
}
