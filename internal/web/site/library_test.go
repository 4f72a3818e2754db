package site

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const namespace = "archive.example"

// memory is a Library of a few records, in seq order.
type memory struct {
	epoch   int64
	records []pipeline.Record
	aliases map[string]string
	err     error // what every call answers
}

func (m *memory) Namespace() string { return namespace }

func (m *memory) Holdings(context.Context) (out []pipeline.SourceCounts, err error) {
	by := map[string]*pipeline.SourceCounts{}
	for _, r := range m.records {
		if by[r.Source] == nil {
			by[r.Source] = &pipeline.SourceCounts{Source: r.Source}
		}
		if r.Deleted == pipeline.Live {
			by[r.Source].Live++
		} else {
			by[r.Source].Deleted++
		}
	}
	for _, h := range by {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b pipeline.SourceCounts) int { return strings.Compare(a.Source, b.Source) })
	return out, m.err
}

func (m *memory) head() pipeline.Head {
	h := pipeline.Head{Cursor: pipeline.Cursor{Epoch: m.epoch}}
	if n := len(m.records); n > 0 {
		h.Seq = m.records[n-1].Seq
	}
	return h
}

func (m *memory) Browse(_ context.Context, source string, from int64, down bool, limit int) (out pipeline.BrowsedPage, err error) {
	all := slices.Clone(m.records)
	if down {
		slices.Reverse(all)
	}
	for _, r := range all {
		beyond := r.Seq > from
		if down {
			beyond = r.Seq < from
		}
		if beyond && r.Deleted == pipeline.Live && (source == "" || r.Source == source) {
			out.Records = append(out.Records, r)
		}
	}
	if len(out.Records) > limit {
		out.Records, out.More = out.Records[:limit], true
	}
	out.Head = m.head()
	return out, m.err
}

func (m *memory) Changes(_ context.Context, w pipeline.Wanted) (out pipeline.Changes, err error) {
	for _, r := range slices.Backward(m.records) {
		if r.Seq < w.After && (w.Source == "" || r.Source == w.Source) && (w.Set == "" || slices.Contains(r.Sets, w.Set)) && len(out.Records) < w.Limit {
			out.Records = append(out.Records, r)
		}
	}
	out.Head = m.head()
	return out, m.err
}

func (m *memory) Record(_ context.Context, identifier string) (*pipeline.Record, error) {
	if of := m.aliases[identifier]; of != "" {
		identifier = of
	}
	for i := range m.records {
		if m.records[i].Identifier == identifier {
			return &m.records[i], m.err
		}
	}
	return nil, fmt.Errorf("%s: %w", identifier, pipeline.ErrNotFound)
}

// add puts a record at the end of the log.
func (m *memory) add(t testing.TB, source, local string, dc *dublincore.Record) *pipeline.Record {
	t.Helper()
	id, err := pipeline.Mint(namespace, source, local)
	if err != nil {
		t.Fatal(err)
	}
	m.records = append(m.records, pipeline.Record{
		Identifier: id, Source: source, Seq: m.head().Seq + 1, Version: 1, Sets: []string{source},
		Datestamp: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), DC: dc.AppendJSON(nil),
	})
	return &m.records[len(m.records)-1]
}

// titled is a record with a title.
func titled(title string) *dublincore.Record {
	r := &dublincore.Record{}
	r.AddText(dublincore.Title, title)
	return r
}
