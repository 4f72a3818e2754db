package files

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// A DocumentsLook is what is found in files of records.
type DocumentsLook struct {
	Form     string   // of the first file: "CSV", "JSON", "JSON Lines", "XML", "spreadsheet"
	Columns  []string // of the first table
	Root     string   // name of the root of the first file in XML
	Format   harvest.Format
	Files    int
	Read     int      // records that can be read
	Rejected int      // what can't be used
	Why      string   // the reason of the first of those
	List     string   // where the records are, if that has to be said
	Keys     []string // where all records have an identifier, each another; the likeliest first
	OAI      bool     // records have headers of OAI-PMH
	EAD      bool     // the first file is a finding aid; its components count as records
	Unnamed  bool     // a finding aid has no identifier
	Samples  [][]byte // originals
	More     bool     // there is more than was looked at
}

// Bounds of what is kept of records.
const (
	lookSamples = 2000
	lookBytes   = 8 << 20
)

// LookAtDocuments says what files of records there are.
func LookAtDocuments(ctx context.Context, c Config, fetcher Fetcher) (*DocumentsLook, error) {
	look := &DocumentsLook{}
	c.Form = &Documents{look: look}
	s, err := New(c, fetcher)
	if err != nil {
		return nil, err
	}
	list, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	look.Files = len(list.files)
	list.close()
	if look.Files == 0 {
		return nil, s.nothing()
	}
	size := 0
	for at := harvest.Cursor(""); ; {
		page, err := s.Page(ctx, at)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if item := &page.Items[i]; item.Rejected != nil {
				if look.Rejected++; look.Why == "" {
					look.Why = item.Rejected.Detail
				}
			} else if look.Read++; len(look.Samples) < lookSamples && size < lookBytes && !item.Deleted {
				look.Samples, size = append(look.Samples, item.Original), size+len(item.Original)
				look.Format = item.Format
			}
		}
		if look.More = !page.Done && look.Read+look.Rejected >= lookRecords; page.Done || look.More {
			look.findKeys()
			return look, nil
		}
		at = page.Next
	}
}

// form takes down the form of the first file.
func (l *DocumentsLook) form(name string) {
	if l != nil && l.Form == "" {
		l.Form = name
	}
}

func (l *DocumentsLook) columns(header []string) {
	if l.Form == "" {
		l.Form, l.Columns = "CSV", header
	} else if l.Columns == nil {
		l.Columns = header
	}
}

func (l *DocumentsLook) xml(root string, oai bool) {
	if l != nil && l.Form == "" {
		l.Form, l.Root, l.OAI = "XML", root, oai
	}
}

func (l *DocumentsLook) findingAid() {
	if l != nil && l.Form == "" {
		l.Form, l.Root, l.EAD = "XML", "ead", true
	}
}

func (l *DocumentsLook) unnamed(is bool) {
	if l != nil {
		l.Unnamed = l.Unnamed || is
	}
}

// records are roots of which one is a record, whatever is there again and again below it.
var records = []string{"mods", "ead", "dc", "qualifieddc", "resource", "record", "lido", "mads", "TEI", "article"}

// listBelow is the element below the root of a file that is there again and again; empty if nobody looks, or there is none.
func (l *DocumentsLook) listBelow(root string, body []byte) string {
	if l == nil || slices.Contains(records, root) {
		return ""
	}
	count, all := map[string]int{}, 0
	scan := xmlscan.New(body, xmlscan.Limits{})
	for {
		kind, err := scan.Next()
		if err != nil || kind == xmlscan.EOF {
			break
		}
		if kind == xmlscan.Start && scan.Depth() == 2 {
			count[string(scan.Local())]++
			all++
		}
	}
	for name, n := range count {
		if n >= 2 && n*10 >= all*8 {
			l.List = name
			return name
		}
	}
	return ""
}

// findKeys finds where all records have an identifier, each another.
func (l *DocumentsLook) findKeys() {
	if l.OAI || l.EAD || len(l.Samples) == 0 {
		return
	}
	seen := map[string]map[string]bool{}
	for i, sample := range l.Samples {
		values := valuesOf(l.Format, sample)
		if i == 0 {
			for at := range values {
				seen[at] = map[string]bool{}
			}
		}
		for at, had := range seen {
			if v := values[at]; v == "" || had[v] || len(v) > 500 {
				delete(seen, at)
			} else {
				had[v] = true
			}
		}
	}
	l.Keys = slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(likelihood(a), likelihood(b)), cmp.Compare(slices.Index(l.Columns, a), slices.Index(l.Columns, b)), strings.Compare(a, b))
	})
	l.Keys = slices.DeleteFunc(l.Keys, func(at string) bool { return likelihood(at) == len(keyNames) && len(l.Columns) == 0 })
}

// keyNames are what identifiers are called, the best first.
var keyNames = []string{"id", "@id", "identifier", "recordidentifier", "recordid", "uuid", "guid", "key", "pid", "handle", "doi", "number", "no", "nr", "signature", "signatur", "callnumber", "accessionnumber", "inventorynumber", "url", "uri"}

// likelihood is the place of a name among those of identifiers.
func likelihood(at string) int {
	name := strings.ToLower(at[strings.LastIndexAny(at, "./")+1:])
	name = strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)
	if i := slices.Index(keyNames, name); i >= 0 {
		return i
	}
	return len(keyNames)
}

// valuesOf are the texts of a record, by the places that key: can name.
func valuesOf(f harvest.Format, original []byte) map[string]string {
	out := map[string]string{}
	switch f.Prefix {
	case "csv":
		rows, err := csv.NewReader(bytes.NewReader(original)).ReadAll()
		if err == nil && len(rows) == 2 {
			for i, name := range rows[0] {
				if _, had := out[name]; i < len(rows[1]) && !had && name != "" {
					out[name] = strings.TrimSpace(rows[1][i])
				}
			}
		}
	case "json":
		var members map[string]json.RawMessage
		_ = json.Unmarshal(original, &members) // it was read before
		for name, v := range members {
			if !strings.Contains(name, ".") {
				out[name] = jsonText(v)
			}
		}
	default:
		for _, at := range []string{"@id", "id", "identifier", "recordInfo/recordIdentifier", "lidoRecID", "@ID", "recordId", "recordid", "control/recordid", "eadheader/eadid", "@identifier"} {
			out[at] = xmlAt(original, at)
		}
	}
	return out
}
