package kinds

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed marc.go
var marcCode string

// marcKind harvests files of MARC records. What people save of it is such a file, with any number of records.
var marcKind = Kind{
	Kind: config.Kind{Name: "marc", Settings: &MARC{}, Check: checkMARC, Code: marcCode},
	What: "a MARC file", Probe: probeMARC, Build: buildMARC, FileFormat: "marc21",
	IsPage:  func(content []byte) bool { return files.MayHold(bytes.NewReader(content), int64(len(content))) },
	ItemsOf: itemsOfMARC,
}

// MARC has the keys of kind marc.
type MARC struct {
	// Where a record has its identifier, which is part of ours for ever: 001, 003+001, or a subfield such as 999$c.
	// Default: 001, with the organization in 003 before it where the record names one: (DE-599)BV001.
	Key string `yaml:"key"`
	// Whether the files together hold everything. Else each brings changes, and what is not in it stays as it is.
	Complete bool `yaml:"complete"`
}

func checkMARC(s *config.Source, r *config.Report) {
	for _, from := range s.From {
		if strings.Contains(from, "{page}") {
			r.Problem("from", "has {page} in it, which is for kind listing")
		}
	}
	if s.Absent != nil && !s.Settings.(*MARC).Complete {
		r.Problem("absent", "needs complete: true; files of changes say nothing of the records that are not in them")
	}
	if err := files.CheckKey(s.Settings.(*MARC).Key); err != nil {
		r.Problem("key", "%v", err)
	}
}

func buildMARC(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return filesOf(s, f)
}

func filesOf(s *config.Source, f *harvest.Fetcher) (*files.Source, error) {
	m := s.Settings.(*MARC)
	c := files.Config{From: s.From, Key: m.Key, Complete: m.Complete, Access: access(s)}
	if f == nil {
		return files.New(c, nil)
	}
	return files.New(c, f)
}

// maxShown bounds the records of a file that are looked at.
const maxShown = 1000

// itemsOfMARC reads the records as a harvest would. The deleted ones have nothing to show.
func itemsOfMARC(_ context.Context, _ string, s *config.Source, f File) (out []harvest.Item, err error) {
	local := *s
	local.From = []string{config.Literal(cmp.Or(f.Path, "-"))}
	src, err := filesOf(&local, nil)
	if err != nil {
		return nil, err
	}
	items, err := src.Items(cmp.Or(f.Path, "standard input"), f.Content, maxShown)
	for _, item := range items {
		if !item.Deleted {
			out = append(out, item)
		}
	}
	return out, err
}
