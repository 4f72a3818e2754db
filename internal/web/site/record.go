package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How much of a record its page shows. The OAI-PMH endpoint has the whole record.
const (
	maxValues = 200     // under one term
	maxValue  = 16_000  // bytes of one value
	maxRecord = 400_000 // bytes of all of them
	maxNotes  = 100
	maxSets   = 100
	maxScheme = 40 // bytes

	maxIdentifier = 1024 // bytes; DESIGN §3
)

type recordData struct {
	*pipeline.Record
	Heading     text
	SourceTitle string
	SourcePath  string
	Terms       []termData
	Warnings    []noteData
	Notes       []noteData
	MoreNotes   int64
	InSets      []setLink
	MoreSets    int64
	Formats     []citedForm // as OAI-PMH has it
	Complete    time.Time   // when its source was last harvested to the end
	Reason      string      // why it is deleted, in words
	Original    string      // how large the original is; empty if there is none
	MappingPath string      // of the page that shows it; empty if there is none
	Citations   []cite.Citation
	Cited       []citedForm
	Metas       []meta
	Linked      map[string]any // as linked data
	UnAPI       string
	Linkset     string
	Map         *mapData     // nil if it has no coordinates
	Picture     string       // the URL of one that may be shown; empty if there is none
	Trail       *trailData   // nil if it was not opened from the results of a search
	Related     *relatedData // nil if nothing is like it
	Tree        *treeData    // nil if it is neither part of another record nor has parts
}

// Upstream returns the source's own identifier of the record, UpstreamDate the source's own datestamp, and Format the
// prefix of the format in which the record was harvested.
func (d *recordData) Upstream() string     { return web.Clipped(d.Origin.Identifier, maxLink) }
func (d *recordData) UpstreamDate() string { return web.Clipped(d.Origin.Datestamp, listDate) }
func (d *recordData) Format() string       { return web.Clipped(d.Origin.Format.Prefix, listDate) }

// Marked reports whether the page shows a value that did not come from the record itself.
func (d *recordData) Marked() bool {
	return slices.ContainsFunc(d.Terms, func(t termData) bool {
		return slices.ContainsFunc(t.Values, func(v valueData) bool { return v.From != "" })
	})
}

type termData struct {
	Name, Label string
	Values      []valueData
	More        int64 // values that are not shown
}

type valueData struct {
	text
	Name     string // what a code is called; empty for other values
	Link     string
	Machine  string // for <time>
	Original string // what the source wrote, if that differs
	Scheme   string
	From     string // "context", "curated"; empty if it was extracted
}

type noteData struct{ Label, Kind, Text string }

// record makes the page of one record. The page of a deleted record is its tombstone.
func (s *site) record(r *http.Request) (*web.Answer, error) {
	source, local := r.PathValue("source"), r.PathValue("local")
	if local == "" {
		return &web.Answer{Redirect: s.Root + sourcePath(source), Status: http.StatusFound}, nil
	}
	id := identifier(s.Library.Namespace(), source, local)
	if len(id) > maxIdentifier {
		return nil, errNoRecord
	}
	rec, err := s.Library.Record(r.Context(), id)
	if err != nil {
		return nil, err
	}
	path := recordPath(s.Library.Namespace(), rec.Identifier)
	if path != "" && rec.Identifier != id { // id is an alias
		return &web.Answer{Redirect: s.Root + path, Status: http.StatusMovedPermanently}, nil
	}
	d := &recordData{Record: rec, SourceTitle: s.title(rec.Source), SourcePath: s.Root + sourcePath(rec.Source)}
	if rec.Deleted != pipeline.Live {
		d.Reason = reason(rec.Deleted)
		return &web.Answer{Template: "tombstone", Status: http.StatusGone, Title: words.Of(r.Context()).T("Deleted record"), Data: d}, nil
	}
	var dc dublincore.Record
	if err := dc.UnmarshalJSON(rec.DC); err != nil {
		return nil, fmt.Errorf("show %s: %w", rec.Identifier, err)
	}
	l := words.Of(r.Context())
	notes, err := dublincore.UnmarshalNotes(rec.Notes)
	if err != nil {
		return nil, fmt.Errorf("show %s: %w", rec.Identifier, err)
	}
	d.Heading = heading(rec, &dc)
	d.Terms = terms(l, &dc, path)
	d.notes(notes)
	for _, spec := range rec.Sets[:min(len(rec.Sets), maxSets)] {
		d.InSets = append(d.InSets, s.setLink(spec, ""))
	}
	d.MoreSets = int64(max(0, len(rec.Sets)-maxSets))
	if n := len(rec.Original); n > 0 {
		d.Original = size(l, n)
		if s.Explain != nil {
			d.MappingPath = s.Root + path + "?as=" + asMapping
		}
	}
	w := s.work(rec, &dc, path)
	if d.Formats, err = s.formats(r.Context(), rec); err != nil {
		return nil, err
	}
	d.Cited = s.citedForms(path)
	posts := s.signposts(rec, &dc, w, append(slices.Clip(d.Formats), d.Cited...))
	switch as := r.URL.Query().Get("as"); as {
	case "":
	case asMapping:
		return s.mapping(l, rec, d, path)
	case asLinkset:
		return s.linkset(path, posts)
	case "oai_dc":
		h := s.described(http.Header{"Content-Type": {"application/xml; charset=utf-8"}, "X-Robots-Tag": {"noindex"}}, path)
		return &web.Answer{Header: h, Body: dc.AppendOAIDC([]byte(xmlStart))}, nil
	default:
		f, known := cite.FormNamed(as)
		if !known {
			return nil, &web.Problem{Status: http.StatusNotFound, Title: "There is no such form", Text: "The forms of a record are %s.", Parts: []any{formNames()}}
		}
		a := s.cited(w, f)
		s.described(a.Header, path)
		return a, nil
	}
	if d.Complete, err = s.complete(r.Context(), rec.Source); err != nil {
		return nil, err
	}
	d.Citations, d.Metas, d.Linked, d.UnAPI = w.Citations(), metas(&dc, w), s.linked(rec, &dc, w), s.Root+unapiPath
	d.Trail, d.Related = s.trail(r.Context(), rec, r.URL.Query()), s.related(r.Context(), rec)
	behind, _ := strconv.ParseInt(r.URL.Query().Get(behindParameter), 10, 64)
	d.Tree = s.tree(r.Context(), rec, &dc, behind)
	d.Picture, d.Map = s.picture(&dc), mapOf(l, &dc)
	d.Linkset = s.Root + path + "?as=" + asLinkset
	return &web.Answer{Template: "record", Title: d.Heading.Text, Path: path, Data: d, Header: s.header(path, posts)}, nil
}

// complete says when a source was last harvested to the end; the zero time if it never was.
func (s *site) complete(ctx context.Context, source string) (time.Time, error) {
	holdings, err := s.Library.Holdings(ctx)
	for _, h := range holdings {
		if h.Source == source {
			return h.Complete, err
		}
	}
	return time.Time{}, err
}

// formatTitles are the names of the formats that are made of records, in English.
var formatTitles = map[string]string{
	"oai_dc": "Dublin Core", "oai_qdc": "qualified Dublin Core", "mods": "MODS", "edm": "Europeana Data Model", "oai_openaire": "OpenAIRE",
}

// formats are the formats in which the OAI-PMH endpoint has a record. It shows them to people as pages that can be read.
func (s *site) formats(ctx context.Context, rec *pipeline.Record) (out []citedForm, err error) {
	l, all := words.Of(ctx), []oaipmh.Format{{Prefix: "oai_dc"}}
	if s.Formats != nil {
		of, err := s.Formats(ctx, rec.Identifier)
		if err != nil {
			return nil, err
		}
		all = of.Formats
	}
	for _, f := range all {
		title := web.Clipped(f.Prefix, maxScheme)
		if t := formatTitles[f.Prefix]; t != "" {
			title = l.T(t) + " (" + title + ")"
		} else if f.Prefix == rec.Origin.Format.Prefix {
			title = l.T("%s, as the source sent it", title)
		}
		to := s.OAI() + "?verb=GetRecord&metadataPrefix=" + url.QueryEscape(f.Prefix) + "&identifier=" + url.QueryEscape(rec.Identifier)
		out = append(out, citedForm{title, "application/xml", to})
	}
	return out, nil
}

const xmlStart = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// standsIn reports whether a page of ours is given for the page at the source, because the source has none.
func standsIn(v *dublincore.Value, path string) bool {
	return v.From == dublincore.Context && path != "" && strings.HasSuffix(v.Text, path)
}

// terms groups the values by their terms, in canonical order. path is that of this page: where it stands in for a page at
// the source, because the source has none, it isn't shown.
func terms(l *words.Language, dc *dublincore.Record, path string) (out []termData) {
	dc.Sort()
	left := maxRecord
	for i := range dc.Values {
		v := &dc.Values[i]
		if v.Term == dublincore.Landing && standsIn(v, path) {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Name != v.Term.String() {
			out = append(out, termData{Name: v.Term.String(), Label: label(v.Term)})
		}
		t := &out[len(out)-1]
		if len(t.Values) >= maxValues || left <= 0 {
			t.More++
			continue
		}
		shown := value(l, v)
		left -= len(shown.Text) + len(shown.Original)
		t.Values = append(t.Values, shown)
	}
	return out
}

// selfEvident are encoding schemes that tell readers nothing which the value does not show: a date, a link, a word of the
// list of types. The formats and the page about the mapping name them.
var selfEvident = []string{"W3CDTF", "URI", "DCMIType"}

func value(l *words.Language, v *dublincore.Value) valueData {
	out := valueData{text: brief(v, maxValue), Name: nameOf(l, v), Link: link(v.Text)}
	if !slices.Contains(selfEvident, v.Scheme) {
		out.Scheme = web.Clipped(v.Scheme, maxScheme)
	}
	if v.Term.Element() == dublincore.Date {
		out.Machine = machine(v.Text)
	}
	if v.Original != "" && v.Original != v.Text {
		out.Original = asWritten(v, maxValue)
	}
	if v.From != dublincore.Extracted {
		out.From = v.From.String()
	}
	return out
}

// labels has words for the terms whose names would tell readers nothing, in English.
var labels = map[dublincore.Term]string{
	dublincore.Landing:   "Page at the source",
	dublincore.Object:    "Digital object",
	dublincore.Spatial:   "Place",
	dublincore.Temporal:  "Period",
	dublincore.IsPartOf:  "Part of",
	dublincore.Created:   "Date created",
	dublincore.Issued:    "Date issued",
	dublincore.Available: "Date available",
	dublincore.Modified:  "Date modified",
	dublincore.Valid:     "Date valid",
}

// label returns a term in words, in English: "Table of contents".
func label(t dublincore.Term) string {
	if l, ok := labels[t]; ok {
		return l
	}
	var b strings.Builder
	for i, r := range t.String() {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// notes separates the warnings, which are for readers, from the other notes, which are for those who look after the
// mapping.
func (d *recordData) notes(notes []dublincore.Note) {
	shown := notes[:min(len(notes), maxNotes)]
	d.MoreNotes = int64(len(notes) - len(shown))
	for _, n := range shown {
		note := noteData{Kind: noteKind(n.Kind)}
		if n.Term != 0 {
			note.Label = label(n.Term)
		}
		note.Text = web.Clipped(n.Text, listTitle)
		if n.Kind == dublincore.Warning {
			d.Warnings = append(d.Warnings, note)
		} else {
			d.Notes = append(d.Notes, note)
		}
	}
	d.Warnings = slices.Compact(d.Warnings)
}

// noteKind returns a kind of note in words, in English.
func noteKind(k dublincore.NoteKind) string { return strings.ReplaceAll(k.String(), "-", " ") }

// reason says why a record is deleted, in English.
func reason(r pipeline.Reason) string {
	switch r {
	case pipeline.SourceDeleted:
		return "Its source has deleted it."
	case pipeline.Absent:
		return "Its source no longer has it."
	case pipeline.Takedown:
		return "It was taken down."
	case pipeline.Withdrawn:
		return "It is withdrawn for the time being."
	case pipeline.SourceRetired:
		return "Its source is no longer harvested here."
	}
	return "It was deleted."
}

// size writes a number of bytes for people.
func size(l *words.Language, n int) string {
	switch {
	case n < 1000:
		return l.T("%d bytes", n)
	case n < 1000_000:
		return l.Decimal(float64(n)/1000) + " kB"
	}
	return l.Decimal(float64(n)/1000_000) + " MB"
}
