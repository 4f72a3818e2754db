package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Look is what is found in files.
type Look struct {
	Files    int
	Forms    []string // those that were met: "ISO 2709", "MARCXML"
	Records  int      // that can be read, deletions among them
	Deleted  int
	Rejected int    // what can't be used
	Why      string // the reason of the first of those
	UNIMARC  int    // records that are UNIMARC and not MARC 21
	Titles   []string
	// Encoding is the one in which records are likely to be that can't be read as they claim, with words of them; empty if
	// there are none, or none is likely.
	Encoding string
	Words    []string

	misread [][]byte // records that can't be read as they claim
	kept    int      // their bytes
	More    bool     // there is more than was looked at
}

// Bounds of a look.
const (
	lookRecords = 200_000
	lookTitles  = 3
)

// Probe reads what the source has, and says what is there.
func (s *Source) Probe(ctx context.Context) (*Look, error) {
	list, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	look := &Look{Files: len(list.files)}
	list.close()
	if look.Files == 0 {
		return nil, s.nothing()
	}
	for at := harvest.Cursor(""); ; {
		page, err := s.Page(ctx, at)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			look.note(&page.Items[i])
		}
		if look.More = !page.Done && look.Records+look.Rejected >= lookRecords; page.Done || look.More {
			look.Encoding, look.Words = likelyEncoding(look.misread)
			return look, nil
		}
		at = page.Next
	}
}

// note counts an item.
func (l *Look) note(item *harvest.Item) {
	switch {
	case item.Rejected != nil:
		if l.Rejected++; l.Why == "" {
			l.Why = item.Rejected.Detail
		}
		if _, err := marc.Parse(item.Original); errors.Is(err, marc.ErrEncoding) && l.kept < lookBytes {
			l.misread, l.kept = append(l.misread, item.Original), l.kept+len(item.Original)
		}
		return
	case item.Deleted:
		l.Records++
		l.Deleted++
		return
	}
	l.Records++
	l.noteForm(form(item.Original))
	rec, err := marc.Parse(item.Original)
	if err != nil {
		return // it was read before
	}
	title := rec.Field("245").Subfield('a')
	if rec.IsUNIMARC() {
		l.UNIMARC++
		title = rec.Field("200").Subfield('a')
	}
	if len(l.Titles) < lookTitles && title != "" {
		l.Titles = append(l.Titles, title)
	}
}

func (l *Look) noteForm(name string) {
	for _, had := range l.Forms {
		if had == name {
			return
		}
	}
	l.Forms = append(l.Forms, name)
}

// MayHold reports whether a file may hold MARC records, alone, compressed or in an archive, by what it holds.
func MayHold(content io.ReaderAt, size int64) bool {
	found := errors.New("found")
	err := unpack(content, size, budgetOf(size), func(e entry) error {
		if e.refused != "" {
			return nil
		}
		if start, err := peek(e.in); err == nil && LooksLikeMARC(start) && !otherXML(start) {
			return found
		}
		return nil
	})
	return errors.Is(err, found)
}

// otherXML reports whether a file begins like XML that names nothing of MARC.
func otherXML(start []byte) bool {
	if !bytes.HasPrefix(bytes.TrimLeft(start, blank), []byte("<")) {
		return false
	}
	return !bytes.Contains(start, []byte("controlfield")) && !bytes.Contains(start, []byte("datafield")) && !bytes.Contains(start, []byte("MARC21/slim"))
}

// Items reads the items of a file that somebody saved, at most so many.
func (s *Source) Items(name string, content []byte, most int) (out []harvest.Item, err error) {
	for m, err := range s.read(name, bytes.NewReader(content), int64(len(content))) {
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return out, fmt.Errorf("read %s: %w", name, err)
		case m.warn == "":
			out = append(out, m.item)
		}
		if len(out) >= most {
			break
		}
	}
	return out, nil
}
