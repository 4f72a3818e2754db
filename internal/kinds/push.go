package kinds

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed push.go
var pushCode string

// pushKind takes what systems send that can't be asked. A file that somebody saved of it is what they send.
var pushKind = Kind{
	Kind: config.Kind{Name: "push", Settings: &Push{MaxSize: 100e6}, Check: checkPush, Sends: true, Code: pushCode},
	What: "records that are sent", Build: buildPush, Sent: pagesSent, Tokens: pushTokens,
	MaxSize: func(s *config.Source) int64 { return int64(s.Settings.(*Push).MaxSize) },
	IsPage:  func(content []byte) bool { return len(bytes.TrimSpace(content)) > 0 }, ItemsOf: itemsSent,
}

// Push has the keys of kind push.
type Push struct {
	// A file that holds the token with which records of this source are sent, at least 16 bytes. It may have several
	// lines, each with a token, so that one can be exchanged for another.
	Tokens config.Secret `yaml:"token_file" also:"token,tokens_file"`
	// Where a record has its identifier, which is part of ours for ever: the name of a column, a path in JSON such as
	// meta.id, a path in XML such as recordInfo/recordIdentifier or @id, or a place in MARC such as 001 or 999$c. A record
	// that is sent to an address of its own needs none.
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
	// of named levels, such as file. One that is sent to an address of its own is one record. Default: a finding aid is one
	// record.
	Components []string `yaml:"components" as:"level" also:"component,levels"`
	// How large what is sent at once may be, before and after it is unpacked. Default: 100MB.
	MaxSize config.Size `yaml:"max_size" min:"1kB" max:"10GB" also:"max_bytes,limit"`
}

// minToken is the least length of a token, in bytes.
const minToken = 16

func checkPush(s *config.Source, r *config.Report) {
	p := s.Settings.(*Push)
	if !r.Has("token_file") {
		r.Problem("token_file", "is needed: it names a file with the token that those who send must know. Make one with: openssl rand -hex 32")
	}
	for i, token := range pushTokens(s) {
		if len(token) < minToken {
			r.Problem("token_file", "holds %d bytes in line %d; a token needs at least %d. Make one with: openssl rand -hex 32", len(token), i+1, minToken)
		}
	}
	form := p.form()
	if err := form.Check(); err != nil {
		key, what, _ := strings.Cut(err.Error(), ": ")
		r.Problem(key, "%s", what)
	}
}

// form is how documents are taken apart.
func (p *Push) form() files.Documents {
	return files.Documents{Key: p.Key, Records: p.Records, Delimiter: p.Delimiter, Encoding: p.Encoding, Sheet: p.Sheet, Components: p.Components}
}

// pushTokens are the tokens of a source, a line each.
func pushTokens(s *config.Source) (out []string) {
	for line := range strings.Lines(s.Settings.(*Push).Tokens.Value()) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func buildPush(string, *config.Source, *harvest.Fetcher) (harvest.Source, error) {
	return push.Source{}, nil
}

// pagesSent takes a document apart.
func pagesSent(s *config.Source, d *push.Document) (iter.Seq2[*harvest.Page, error], error) {
	p := s.Settings.(*Push)
	form := &files.Mixed{Unkeyed: d.Named, Documents: p.form()}
	if d.Named {
		form.Components = nil // an address has one record
	}
	if other := strings.ToLower(d.Charset); form.Encoding == "" && slices.Contains([]string{"utf-16", "windows-1252", "iso-8859-1"}, other) {
		form.Encoding = other
	}
	if d.Tabs && form.Delimiter == "" {
		form.Delimiter = "tab"
	}
	src, err := files.New(files.Config{From: []string{"-"}, Form: form, MaxUnpacked: int64(p.MaxSize)}, nil)
	if err != nil {
		return nil, err
	}
	return src.Pages(d.Name, d.Content, d.Size), nil
}

// itemsSent reads a saved file as one that is sent. If it holds one record without an identifier, that is read as one that
// is sent to an address of its own.
func itemsSent(_ context.Context, _ string, s *config.Source, f File) ([]harvest.Item, error) {
	d := &push.Document{Name: f.Path, Content: bytes.NewReader(f.Content), Size: int64(len(f.Content))}
	items, err := shownOf(s, d)
	if err != nil || len(items) != 1 || items[0].Rejected == nil || items[0].Rejected.Reason != "no_identifier" {
		return items, err
	}
	d.Named = true
	if items, err = shownOf(s, d); len(items) == 1 && items[0].Key == "" {
		items[0].Key = "preview"
	}
	return items, err
}

// shownOf are the first items of a document. Deleted ones have nothing to show.
func shownOf(s *config.Source, d *push.Document) (out []harvest.Item, err error) {
	pages, err := pagesSent(s, d)
	if err != nil {
		return nil, err
	}
	for page, err := range pages {
		if err != nil {
			return out, fmt.Errorf("read %s: %w", d.Name, err)
		}
		for _, item := range page.Items {
			if !item.Deleted {
				out = append(out, item)
			}
		}
		if len(out) >= maxShown {
			break
		}
	}
	return out, nil
}
