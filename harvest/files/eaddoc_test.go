package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
)

const aid2002 = `<?xml version="1.0"?><ead xmlns="urn:isbn:1-931666-22-9"><eadheader><eadid>x-1</eadid></eadheader><archdesc level="fonds"><did><unittitle>Papers</unittitle></did><dsc>` +
	`<c01 level="series"><did><unitid>1</unitid></did><c02 level="file"><did><unitid>4</unitid></did></c02></c01><c01 level="item"><did><unittitle>A map</unittitle></did></c01></dsc></archdesc></ead>`

// keysOf are the identifiers of what was made of a file, or what is wrong.
func keysOf(t *testing.T, d *Documents, content string) (out []string) {
	t.Helper()
	for _, line := range told(t, d, content) {
		if key, _, is := strings.Cut(line, ": ead <"); is {
			line = key
		}
		out = append(out, line)
	}
	return out
}

func TestFindingAids(t *testing.T) {
	aid3 := strings.NewReplacer("urn:isbn:1-931666-22-9", "http://ead3.archivists.org/schema/", "<eadheader><eadid>", "<control><recordid>", "</eadid></eadheader>", "</recordid></control>").Replace(aid2002)
	for name, test := range map[string]struct {
		form    Documents
		content string
		want    []string
	}{
		"all":              {Documents{Components: []string{"all"}}, aid2002, []string{"x-1", "x-1/1", "x-1/1/4", "x-1/~1cf3b4c16d"}},
		"EAD3":             {Documents{Components: []string{"all"}}, aid3, []string{"x-1", "x-1/1", "x-1/1/4", "x-1/~1cf3b4c16d"}},
		"the lowest":       {Documents{Components: []string{"lowest"}}, aid2002, []string{"x-1", "x-1/1/4", "x-1/~1cf3b4c16d"}},
		"levels":           {Documents{Components: []string{"series", "item"}}, aid2002, []string{"x-1", "x-1/1", "x-1/~1cf3b4c16d"}},
		"another key":      {Documents{Components: []string{"file"}, Key: "archdesc/did/unittitle"}, aid2002, []string{"Papers", "Papers/1/4"}},
		"none":             {Documents{}, aid2002, []string{"x-1"}},
		"EAD3 as a whole":  {Documents{}, aid3, []string{"x-1"}},
		"in a zip archive": {Documents{Components: []string{"series"}}, zipped(t, "a.xml", aid2002), []string{"x-1", "x-1/1"}},
		"behind what is none": {Documents{Components: []string{"series"}}, zipped(t, "a.xml", "<html/>", "b.xml", aid2002),
			[]string{"file:f/a.xml rejected: malformed: the file is a web page; use kind: listing for a page that lists records", "x-1", "x-1/1"}},
		"no identifier": {Documents{Components: []string{"all"}}, strings.Replace(aid2002, "x-1", " ", 1),
			[]string{"file:f#1 rejected: no_identifier: key: is needed: it says where a record has its identifier, which is part of ours for ever"}},
		"no identifier at its place": {Documents{Components: []string{"all"}, Key: "eadheader/none"}, aid2002,
			[]string{"file:f#1 rejected: no_identifier: the record has no identifier in eadheader/none"}},
	} {
		got := keysOf(t, &test.form, test.content)
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], "; key: says")
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	cut := told(t, &Documents{Components: []string{"all"}}, aid2002[:len(aid2002)-20])
	if len(cut) != 1 || !strings.Contains(cut[0], "malformed") || !strings.HasSuffix(cut[0], "(short)") {
		t.Errorf("one that was cut: %q", cut)
	}
	for words, says := range map[string]string{"all file": "no other word", "": "an empty word"} {
		if err := (&Documents{Components: strings.Split(words, " ")}).Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("components %q: %v", words, err)
		}
	}
}

// The real finding aids come with all their components, each under a key of its own.
func TestRealFindingAids(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "corpus", "ead")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		missing(t, "the shared finding aids are missing: %v", err)
	}
	for _, entry := range entries {
		s, err := New(Config{From: []string{filepath.Join(folder, entry.Name())}, Form: &Documents{Components: []string{"all"}}, Complete: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Page(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		for _, item := range page.Items {
			if item.Rejected != nil || keys[item.Key] || item.Format.Prefix != "ead" {
				t.Errorf("%s: %s, %+v, %s", entry.Name(), item.Key, item.Rejected, item.Format)
			}
			keys[item.Key] = true
		}
		if len(page.Items) < 5 || !page.Done || page.Next == harvest.Cursor("") {
			t.Errorf("%s has %d records", entry.Name(), len(page.Items))
		}
	}
}
