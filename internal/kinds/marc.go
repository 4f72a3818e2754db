package kinds

import (
	"bytes"
	_ "embed"

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
	ItemsOf: itemsInFile(marcFiles),
}

// MARC has the keys of kind marc.
type MARC struct {
	// Where a record has its identifier, which is part of ours for ever: 001, 003+001, or a subfield such as 999$c.
	// Default: 001, with the organization in 003 before it where the record names one: (DE-599)BV001.
	Key string `yaml:"key"`
	// In which letters records in ISO 2709 are written that are not UTF-8, whatever their leaders say: marc-8, windows-1252,
	// iso-8859-1, iso-8859-2, windows-1251 and others. Default: auto, which is what their leaders say; one that calls itself
	// Unicode and is not UTF-8 goes to quarantine.
	Encoding string `yaml:"encoding" also:"charset"`
	// Whether the files together hold everything. Else each brings changes, and what is not in it stays as it is.
	Complete bool `yaml:"complete"`
}

func checkMARC(s *config.Source, r *config.Report) {
	m := s.Settings.(*MARC)
	checkFileSource(s, m.Complete, r)
	if err := files.CheckKey(m.Key); err != nil {
		r.Problem("key", "%v", err)
	}
	if err := files.CheckEncoding(m.Encoding); err != nil {
		r.Problem("encoding", "%v", err)
	}
}

func buildMARC(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return marcFiles(s, f)
}

func marcFiles(s *config.Source, f *harvest.Fetcher) (*files.Source, error) {
	m := s.Settings.(*MARC)
	return openFiles(files.Config{From: s.From, Key: m.Key, Encoding: m.Encoding, Complete: m.Complete, Access: access(s)}, f)
}
