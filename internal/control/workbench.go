package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A MappingText is the mapping of a source as it is written.
type MappingText struct {
	Name    string `json:"name"` // of its file
	Text    string `json:"text"`
	BuiltIn bool   `json:"built_in,omitempty"`
}

// MaxMapping bounds a draft of a mapping, in bytes.
const MaxMapping = 256 << 10

// serveMapping gives the mapping by which originals of a format are mapped that come from a source.
func (g *Gateway) serveMapping(w http.ResponseWriter, r *http.Request) {
	s := g.Config.Sources[r.FormValue("source")]
	if s == nil {
		refuse(w, fmt.Errorf("%w: there is no source %q", pipeline.ErrNotFound, r.FormValue("source")))
		return
	}
	name, text, builtIn, err := rules.MappingText(s, harvest.Format{Prefix: r.FormValue("prefix"), Namespace: r.FormValue("namespace")})
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, MappingText{name, text, builtIn})
}

// draft is the mapping that a request brings, to be tried instead of the source's; nil if it brings none.
func draft(r *http.Request) ([]byte, error) {
	text := r.FormValue("mapping")
	if text == "" {
		return nil, nil
	}
	if len(text) > MaxMapping {
		return nil, fmt.Errorf("a draft of a mapping may have %d KiB", MaxMapping>>10)
	}
	return []byte(text), nil
}

// serveExplain says what the rules of a source make of the original of a record, and why: the rules as their files are now,
// or with a draft of the mapping in the place of theirs. Nothing is stored.
func (g *Gateway) serveExplain(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	text, err := draft(r)
	if err != nil {
		refuse(w, err)
		return
	}
	own, err := g.Rules(src, false, text)
	if err != nil {
		refuse(w, err)
		return
	}
	explains, ok := own.(interface {
		Explain(*pipeline.Record) *rules.Explained
	})
	if !ok {
		refuse(w, errors.New("these rules do not explain themselves"))
		return
	}
	rec, err := g.Log.Record(r.Context(), r.FormValue("id"))
	switch {
	case err != nil:
		refuse(w, err)
	case rec.Source != src.Name:
		refuse(w, fmt.Errorf("the record is of the source %s", rec.Source))
	case len(rec.Original) == 0:
		refuse(w, fmt.Errorf("the record has no original: it is deleted (%s)", rec.Deleted))
	default:
		answer(w, explains.Explain(rec))
	}
}

// Mapping gives the mapping of a source for originals of a format; [pipeline.ErrNotFound] if there is no such source.
func (c *Client) Mapping(ctx context.Context, source string, f harvest.Format) (m MappingText, err error) {
	return m, c.get(ctx, "/mapping", url.Values{"source": {source}, "prefix": {f.Prefix}, "namespace": {f.Namespace}}, &m)
}

// Explain says what the rules of a source make of the original of a record. mapping is a draft to try, at most [MaxMapping]
// long; empty for the mapping of the source.
func (c *Client) Explain(ctx context.Context, source, id, mapping string) (*rules.Explained, error) {
	var e rules.Explained
	return &e, c.ask(ctx, http.MethodPost, "/explain", url.Values{"source": {source}, "id": {id}, "mapping": {mapping}}, &e)
}
