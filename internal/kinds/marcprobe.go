package kinds

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// notMARC is what is said of other places.
var notMARC = NotThis{Why: "It does not begin like a MARC record."}

func probeMARC(ctx context.Context, p *Place) (*Proposal, error) {
	if p.URL == nil {
		return probeMARCFile(ctx, p)
	}
	content, err := p.Content(ctx)
	switch {
	case err != nil:
		return nil, err
	case !files.MayHold(bytes.NewReader(content.Body), int64(len(content.Body))):
		return nil, notMARC
	}
	return lookAtFiles(ctx, p, false)
}

// probeMARCFile looks at a file or a folder, however large: only what it needs is in memory.
func probeMARCFile(ctx context.Context, p *Place) (*Proposal, error) {
	info, err := os.Stat(p.Path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return lookAtFiles(ctx, p, true)
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "open", Path: p.Path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(p.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !files.MayHold(f, info.Size()) {
		return nil, notMARC
	}
	return lookAtFiles(ctx, p, false)
}

func lookAtFiles(ctx context.Context, p *Place, folder bool) (*Proposal, error) {
	from := config.Literal(p.Path)
	var ask files.Fetcher
	if p.URL != nil {
		from, ask = p.URL.String(), p
	}
	look, err := lookAtMARC(ctx, files.Config{From: []string{from}}, ask)
	switch {
	case folder && harvest.KindOf(err) == harvest.Config:
		return nil, errors.New("there is no file in the folder " + wording.ClipLine(p.Path, 200))
	case err != nil:
		return nil, err
	case folder && look.Records == 0: // its files may be of another kind
		return nil, NotThis{Why: "No file in it holds a MARC record that can be read."}
	case look.Records == 0 && look.Why == "":
		return nil, NotThis{Why: "It holds no MARC records."}
	case look.Records == 0:
		return nil, NotThis{Why: "No MARC record in it can be read: " + wording.ClipLine(look.Why, 300) + "."}
	}
	return proposeMARC(p, from, folder, look), nil
}

// lookAtMARC says what is there. If records are not in the encoding that they claim, it is what there is in the one that is
// likely.
func lookAtMARC(ctx context.Context, c files.Config, ask files.Fetcher) (*files.Look, error) {
	src, err := files.New(c, ask)
	if err != nil {
		return nil, err
	}
	look, err := src.Probe(ctx)
	if err != nil || look.Encoding == "" || c.Encoding != "" {
		return look, err
	}
	c.Encoding = look.Encoding
	better, err := lookAtMARC(ctx, c, ask)
	if err != nil {
		return nil, err
	}
	better.Encoding, better.Words = look.Encoding, look.Words
	return better, nil
}

// Fetch gives what was fetched for all kinds: nothing is asked for twice.
func (p *Place) Fetch(ctx context.Context, _ harvest.Request) (*harvest.Response, error) {
	return p.Content(ctx)
}

func proposeMARC(at *Place, from string, folder bool, look *files.Look) *Proposal {
	name := filepath.Base(at.Path)
	if at.URL != nil {
		name = at.URL.String()
	} else if !folder {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	p := &Proposal{Name: nameOf(name)}
	what := "A MARC file"
	if folder {
		what = wording.Count(int64(look.Files), "file", "files") + " of MARC"
	}
	more := ""
	if look.More {
		more = " and more"
	}
	p.note("%s (%s) with %s%s: %s", what, strings.Join(look.Forms, ", "), wording.Count(int64(look.Records), "record", "records"), more, wording.ClipLine(at.String(), 300))
	for _, title := range look.Titles {
		p.note("  title        %s", wording.ClipLine(title, 100))
	}
	if look.Deleted > 0 {
		p.note("  deletions    %s", wording.Count(int64(look.Deleted), "record", "records"))
	}
	if look.Rejected > 0 {
		p.note("Note: %s can't be used and would go to quarantine, the first of them because: %s", wording.Count(int64(look.Rejected), "record or file", "records or files"), wording.ClipLine(look.Why, 300))
	}
	if look.UNIMARC > 0 {
		p.note("  UNIMARC      %s", wording.Count(int64(look.UNIMARC), "record", "records"))
	}
	p.Keys = []Key{{"title", p.Name}, {"kind", "marc"}, {"from", from}}
	if look.Encoding != "" {
		p.note("Note: records are neither in UTF-8 nor in what they claim. In %s they have words such as: %s", look.Encoding, wording.ClipLine(strings.Join(look.Words, ", "), 200))
		p.note("  If letters of these are wrong, encoding: must name another one.")
		p.Keys = append(p.Keys, Key{"encoding", look.Encoding})
	}
	p.note("If each new export holds everything, add complete: true.")
	p.Keys = append(p.Keys, Key{"every", "1d"})
	return p
}
