package kinds

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

func probeFiles(ctx context.Context, p *Place) (*Proposal, error) {
	from, ask := config.Literal(p.Path), files.Fetcher(nil)
	folder := false
	if p.URL != nil {
		content, err := p.Content(ctx)
		if err != nil {
			return nil, err
		}
		if harvest.LooksLikeHTML(content.Body) || !namesFile(content) {
			return nil, NotThis{}
		}
		from, ask = p.URL.String(), p
	} else {
		info, err := os.Stat(p.Path)
		if err != nil {
			return nil, err
		}
		if folder = info.IsDir(); !folder && isPageOfPeople(p.Path) {
			return nil, NotThis{}
		}
	}
	look, err := files.LookAtDocuments(ctx, files.Config{From: []string{from}}, ask)
	switch {
	case folder && harvest.KindOf(err) == harvest.Config:
		return nil, errors.New("there is no file in the folder " + wording.ClipLine(p.Path, 200))
	case err != nil:
		return nil, err
	case look.Read == 0:
		return nil, NotThis{Why: strings.TrimSpace("It holds no table, JSON or XML with records. " + sentence(look.Why))}
	case look.Form == "CSV" && len(look.Columns) < 2:
		return nil, NotThis{Why: "It is text, but no table: no sign parts it into columns."}
	}
	known := p.HasMapping != nil && p.HasMapping(look.Format)
	if look.Read == 1 && len(look.Keys) == 0 && len(look.Columns) == 0 && !look.OAI && !look.EAD && !known {
		return nil, NotThis{Why: "It is " + look.Form + ", and no list of records."}
	}
	return p.proposeFiles(from, folder, known, look), nil
}

// namesFile says whether an answer is a file, and not that of a service, which other kinds ask.
func namesFile(content *harvest.Response) bool {
	start := bytes.TrimLeft(content.Body[:min(len(content.Body), 1<<10)], "\ufeff \t\r\n")
	return len(start) > 0 && !jsonapi.IsJSON(content.Body) && !bytes.Contains(start, []byte("OAI-PMH"))
}

// isPageOfPeople says whether a file is a saved page of a listing, which another kind reads.
func isPageOfPeople(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, 4<<10)
	n, _ := f.Read(start)
	return harvest.LooksLikeHTML(start[:n])
}

func sentence(why string) string {
	if why == "" {
		return ""
	}
	return strings.ToUpper(why[:1]) + wording.ClipLine(strings.TrimSuffix(why[1:], "."), 300) + "."
}

func (p *Place) proposeFiles(from string, folder, known bool, look *files.DocumentsLook) *Proposal {
	out := &Proposal{Name: nameOf(strings.TrimSuffix(filepath.Base(p.String()), filepath.Ext(p.String())))}
	if p.URL != nil {
		out.Name = nameOf(p.URL.String())
	}
	out.note("%s: %s", describe(look, folder), wording.ClipLine(p.String(), 300))
	if look.More {
		out.note("  there is more than was looked at")
	}
	if len(look.Columns) > 0 {
		out.note("  columns      %s", wording.ClipLine(strings.Join(look.Columns, ", "), 600))
	}
	if look.Rejected > 0 {
		out.note("  can't be used  %d; the first: %s", look.Rejected, wording.ClipLine(look.Why, 300))
	}
	out.Keys = []Key{{"title", out.Name}, {"kind", "files"}, {"from", from}}
	if look.List != "" {
		out.Keys = append(out.Keys, Key{"records", look.List})
	}
	switch {
	case look.OAI:
	case look.EAD:
		out.Keys = append(out.Keys, Key{"components", "all"})
		out.note("  components   each becomes a record; components: lowest, or the levels to take, such as [series, file], chooses among them")
		if look.Unnamed {
			out.Keys = append(out.Keys, Key{"key", "CHANGE-ME"})
			out.note("Note: a finding aid has no identifier (eadid, or recordid in EAD3). key: must name a place that has one.")
		}
	case len(look.Keys) > 0:
		out.Keys = append(out.Keys, Key{"key", look.Keys[0]})
		if len(look.Keys) > 1 {
			out.note("  identifiers  each record has another value in %s; key: takes the first, and is part of identifiers for ever", wording.ClipLine(strings.Join(look.Keys, ", "), 300))
		}
	default:
		out.Keys = append(out.Keys, Key{"key", "CHANGE-ME"})
		out.note("Note: no place was found at which each record has an identifier of its own. key: must name one.")
	}
	if !known {
		out.MappingFile = out.Name + ".map"
		out.Mapping = draftFor(look)
		out.Keys = append(out.Keys, Key{"mapping", out.MappingFile})
	}
	out.Keys = append(out.Keys, Key{"every", "1d"})
	out.note("complete: true says that the files together hold everything, and not each only what has changed.")
	return out
}

// describe says what there is: "A CSV file with 5 columns and 212 rows".
func describe(look *files.DocumentsLook, folder bool) string {
	what, unit := "A file in XML", wording.Count(int64(look.Read), "record", "records")
	switch look.Form {
	case "CSV":
		what, unit = "A CSV file", fmt.Sprintf("%s and %s", wording.Count(int64(len(look.Columns)), "column", "columns"), wording.Count(int64(look.Read), "row", "rows"))
	case "spreadsheet":
		what, unit = "A spreadsheet", fmt.Sprintf("%s and %s", wording.Count(int64(len(look.Columns)), "column", "columns"), wording.Count(int64(look.Read), "row", "rows"))
	case "JSON":
		what = "A file in JSON"
	case "JSON Lines":
		what = "A file with an object of JSON a line"
	case "XML":
		switch {
		case look.OAI && look.Root == "Repository":
			what = "A static repository of OAI-PMH"
		case look.OAI:
			what = "A saved response of OAI-PMH"
		}
		if look.EAD {
			what = "A finding aid in EAD"
		}
	}
	if folder || look.Files > 1 {
		what = fmt.Sprintf("%s, of which the first is %s", wording.Count(int64(look.Files), "file", "files"), strings.ToLower(what[:1])+what[1:])
		return what + "; together " + unit
	}
	return what + " with " + unit
}

// draftFor drafts a mapping for records that no built-in one is for.
func draftFor(look *files.DocumentsLook) string {
	key := ""
	if len(look.Keys) > 0 {
		key = look.Keys[0]
	}
	switch look.Format.Prefix {
	case "json":
		return draftMapping("the file", key, look.Samples)
	case "csv":
		return draftTable(key, look)
	}
	return "# Nothing is known of this XML. Say where the values are, as docs/mapping-rules.md shows.\nformat xml\n\ntitle from " + xmlTitle(look) + "\n"
}

// xmlTitle is where the first record seems to have its title.
func xmlTitle(look *files.DocumentsLook) string {
	if len(look.Samples) > 0 && bytes.Contains(look.Samples[0], []byte("<title")) {
		return "//title"
	}
	return "//*"
}
