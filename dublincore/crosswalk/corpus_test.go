package crosswalk

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

var dump = flag.String("dump", "", "write what the corpus is mapped to into this folder, to see what has changed")

// corpusFormats says which mapping the files of a folder of the corpus are for; "" for those that carry
// records of several formats, or none.
var corpusFormats = map[string]string{
	"datacite": "datacite", "ead": "ead", "jsonld": "schemaorg", "marcxml": "marc21", "mrc": "marc21", "mods": "mods", "qdc": "oai_qdc",
	"oai": "", "oai-spec": "", "edm": "", "rs": "",
}

// A corpusRecord is an original with the mapping that it is for.
type corpusRecord struct {
	format   string
	original []byte
}

// corpusRecords cuts the records out of a file of the corpus.
func corpusRecords(t *testing.T, root, name string) []corpusRecord {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	folder, _, _ := strings.Cut(name, "/")
	format, known := corpusFormats[folder]
	switch {
	case !known:
		t.Fatalf("the corpus has a new folder, %s: say in corpusFormats what it is for", folder)
	case folder == "mrc":
		var out []corpusRecord
		for r, err := range marc.Split(bytes.NewReader(data)) {
			if broken := (*marc.RecordError)(nil); errors.As(err, &broken) {
				r = broken.Data
			} else if err != nil {
				t.Fatal(err)
			}
			out = append(out, corpusRecord{format, bytes.Clone(r)})
		}
		return out
	case format != "":
		return []corpusRecord{{format, data}}
	case !strings.HasSuffix(name, ".xml"):
		return nil
	}
	return carried(data)
}

// carried are the records of known formats in an XML document, as far as it is well-formed.
func carried(data []byte) (out []corpusRecord) {
	s := xmlscan.New(data, xmlscan.Limits{})
	for {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			return out
		}
		if kind != xmlscan.Start {
			continue
		}
		format := ""
		switch local, space := string(s.Local()), s.Space(); {
		case local == "dc":
			format = "oai_dc"
		case local == "qualifieddc":
			format = "oai_qdc"
		case local == "record" && strings.Contains(space, "MARC21"):
			format = "marc21"
		case local == "mods":
			format = "mods"
		case local == "resource" && strings.Contains(space, "datacite"):
			format = "datacite"
		}
		if format == "" {
			continue
		}
		original, err := s.Element(nil)
		if err != nil {
			return out
		}
		out = append(out, corpusRecord{format, original})
	}
}

// TestCorpus maps the records of every file in the corpus's manifest, and holds what comes of them to a
// summary: numbers of values and notes, why some can't be read, and a digest of all values. A file that is new fails
// until its summary is written (-update); what has changed behind a digest shows with -dump. The values themselves
// stay out of the project, for they are others'.
func TestCorpus(t *testing.T) {
	const path = "testdata/corpus/summary.txt"
	root := shared(t, "corpus")
	manifest, err := os.ReadFile(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	without := 0
	for i, line := range strings.Split(strings.TrimSpace(string(manifest)), "\n") {
		name, _, _ := strings.Cut(line, "\t")
		if i == 0 {
			continue
		}
		records := corpusRecords(t, root, name)
		if len(records) == 0 {
			without++
			continue
		}
		byFormat := map[string][][]byte{}
		for _, r := range records {
			byFormat[r.format] = append(byFormat[r.format], r.original)
		}
		for _, format := range slices.Sorted(maps.Keys(byFormat)) {
			fmt.Fprintf(&b, "== %s as %s\n", name, format)
			summarize(t, &b, name, format, byFormat[format])
		}
	}
	fmt.Fprintf(&b, "== %d files carry no record of a format that has a mapping\n", without)
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the corpus maps differently; -dump FOLDER before and after shows where (-want +got):\n%s", diff)
	}
}

// summarize maps originals and writes the summary, and holds each record to what is true of all.
func summarize(t *testing.T, b *strings.Builder, name, format string, originals [][]byte) {
	t.Helper()
	m, err := Builtin(format)
	if err != nil {
		t.Fatal(err)
	}
	good, bad, values, notes := 0, map[string]int{}, map[dublincore.Term]int{}, map[string]int{}
	digest := sha256.New()
	var all strings.Builder
	for i, original := range originals {
		res, err := m.Apply(Input{Format: format, Original: original})
		text := describe(res, err)
		fmt.Fprintf(digest, "%d %s", i, text)
		fmt.Fprintf(&all, "-- %d\n%s", i+1, text)
		if err != nil {
			bad[wording.Shorten(strings.ToValidUTF8(err.Error(), "?"), 79)]++
			continue
		}
		good++
		for _, v := range res.Record.Values {
			values[v.Term]++
		}
		for _, n := range res.Notes {
			notes[n.Kind.String()]++
		}
		sound(t, fmt.Sprintf("%s, record %d as %s", name, i+1, format), res.Record)
	}
	if *dump != "" {
		file := filepath.Join(*dump, strings.ReplaceAll(name, "/", "--")+"."+format+".txt")
		if err := os.WriteFile(file, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(b, "%d of %d, %x\n", good, len(originals), digest.Sum(nil)[:6])
	var counts []string
	for _, term := range slices.Sorted(maps.Keys(values)) {
		counts = append(counts, fmt.Sprintf("%s %d", term, values[term]))
	}
	fmt.Fprintf(b, "values: %s\n", strings.Join(counts, ", "))
	counts = counts[:0]
	for _, kind := range slices.Sorted(maps.Keys(notes)) {
		counts = append(counts, fmt.Sprintf("%s %d", kind, notes[kind]))
	}
	fmt.Fprintf(b, "notes: %s\n", strings.Join(counts, ", "))
	for _, e := range slices.Sorted(maps.Keys(bad)) {
		fmt.Fprintf(b, "%d times: %s\n", bad[e], e)
	}
}

// sound holds a record to what is true of every record that a built-in mapping makes.
func sound(t *testing.T, where string, rec *dublincore.Record) {
	t.Helper()
	for _, v := range rec.Values {
		wrong := ""
		switch {
		case v.Text == "" || v.Text != strings.Join(strings.Fields(v.Text), " "):
			wrong = "it is empty or has white space to spare"
		case !utf8.ValidString(v.Text) || !norm.NFC.IsNormalString(v.Text):
			wrong = "it is no text in NFC"
		case v.Scheme == "DCMIType" && !dublincore.IsDCMIType(v.Text):
			wrong = "it is no DCMI type"
		case (v.Term == dublincore.Landing || v.Term == dublincore.Object || v.Term == dublincore.Thumbnail) && !isWebURL(v.Text):
			wrong = "it is no web address"
		case v.Scheme == "ISO639-3" && len(v.Text) != 3:
			wrong = "it is no code"
		case v.Text == v.Original:
			wrong = "it keeps an original that is the same"
		case v.Scheme == "W3CDTF":
			if _, err := date.ParseW3CDTF(v.Text); err != nil {
				wrong = "it is not W3CDTF"
			}
		case v.Scheme == "EDTF":
			if _, err := date.ParseEDTF(v.Text); err != nil {
				wrong = "it is not EDTF"
			}
		}
		if wrong != "" {
			t.Errorf("%s: %s %q: %s", where, v.Term, v.Text, wrong)
		}
	}
	if _, err := dublincore.ParseOAIDC(rec.AppendOAIDC(nil)); err != nil {
		t.Errorf("%s: its oai_dc is not read: %v", where, err)
	}
	if _, err := dublincore.ParseQDC(rec.AppendOAIQDC(nil)); err != nil {
		t.Errorf("%s: its oai_qdc is not read: %v", where, err)
	}
}
