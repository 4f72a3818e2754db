package kinds

import (
	"bytes"
	_ "embed"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed files.go
var filesCode string

// filesKind harvests files of records in CSV, JSON or XML, and spreadsheets. What people save of it is such a file.
var filesKind = Kind{
	Kind: config.Kind{Name: "files", Settings: &Files{}, Check: checkFiles, Code: filesCode},
	What: "a file of records", Probe: probeFiles, Build: buildFiles,
	IsPage: func(content []byte) bool { return len(bytes.TrimSpace(content)) > 0 }, ItemsOf: itemsInFile(documentsOf),
}

// Files has the keys of kind files.
type Files struct {
	// Where a record has its identifier, which is part of ours for ever: the name of a column, a path in JSON such as
	// meta.id, or a path in XML such as recordInfo/recordIdentifier or @id. Saved responses of OAI-PMH have it in their
	// headers.
	Key string `yaml:"key" also:"id,identifier"`
	// Where the records are: the path in JSON to their list, or the name of their element in XML. Default: the list that
	// the file is, an object a line, a collection that is known, or the whole file.
	Records string `yaml:"records" also:"items,list,record"`
	// What stands between the columns of a table: one character, or tab. Default: it is found out.
	Delimiter string `yaml:"delimiter" also:"separator"`
	// In which letters tables are written: utf-8, utf-16, windows-1252, iso-8859-1. Default: it is found out.
	Encoding string `yaml:"encoding" also:"charset"`
	// The sheet of a spreadsheet. Default: the first.
	Sheet string `yaml:"sheet" also:"worksheet"`
	// What of a finding aid in EAD becomes a record of its own, beside the collection: all components, the lowest, or those
	// of named levels, such as file. Default: a finding aid is one record.
	Components []string `yaml:"components" as:"level" also:"component,levels"`
	// Whether the files together hold everything. Else each brings changes, and what is not in it stays as it is.
	Complete bool `yaml:"complete"`
}

func (f *Files) form() *files.Documents {
	return &files.Documents{Key: f.Key, Records: f.Records, Delimiter: f.Delimiter, Encoding: f.Encoding, Sheet: f.Sheet, Components: f.Components}
}

func checkFiles(s *config.Source, r *config.Report) {
	f := s.Settings.(*Files)
	checkFileSource(s, f.Complete, r)
	if err := f.form().Check(); err != nil {
		key, what, _ := strings.Cut(err.Error(), ": ")
		r.Problem(key, "%s", what)
	}
}

func buildFiles(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return documentsOf(s, f)
}

func documentsOf(s *config.Source, f *harvest.Fetcher) (*files.Source, error) {
	k := s.Settings.(*Files)
	return openFiles(files.Config{From: s.From, Form: k.form(), Complete: k.Complete, Access: access(s)}, f)
}
