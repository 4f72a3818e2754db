package files_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// paged are the items of a document that is at hand.
func paged(t testing.TB, c files.Config, content []byte) (items []harvest.Item, short bool) {
	t.Helper()
	c.From = []string{"-"}
	s, err := files.New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for page, err := range s.Pages("sent", bytes.NewReader(content), int64(len(content))) {
		if err != nil {
			t.Fatal(err)
		}
		items, short = append(items, page.Items...), short || page.Short != ""
	}
	return items, short
}

// withoutRemedies takes out of reasons what to do: each kind has other ways.
func withoutRemedies(items []harvest.Item) {
	for i := range items {
		if r := items[i].Rejected; r != nil {
			r.Detail, _, _ = strings.Cut(r.Detail, "; e")
		}
	}
}

// TestMixedCorpus: a file of either kind comes to the same as where the kind is known before.
func TestMixedCorpus(t *testing.T) {
	for folder, form := range map[string]files.Form{"mrc": nil, "marcxml": nil, "oai": &files.Documents{}, "mods": &files.Documents{Key: "recordInfo/recordIdentifier"}, "csv": &files.Documents{Key: "id"}} {
		found, err := filepath.Glob(filepath.Join(corpus(t), folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			mixed := &files.Mixed{}
			if d, ok := form.(*files.Documents); ok {
				mixed.Documents = *d
			}
			want, wantShort := paged(t, files.Config{Form: form}, content)
			got, gotShort := paged(t, files.Config{Form: mixed}, content)
			if len(want) == 1 && want[0].Rejected != nil && strings.Contains(want[0].Rejected.Detail, "MARC") {
				continue // one kind refers to the other
			}
			withoutRemedies(want)
			withoutRemedies(got)
			if diff := cmp.Diff(want, got); diff != "" || gotShort != wantShort {
				t.Errorf("%s/%s: short %v, then %v; -known +told by its bytes\n%.2000s", folder, filepath.Base(name), wantShort, gotShort, diff)
			}
		}
	}
}

// TestMixedTells: what a document is, its bytes say.
func TestMixedTells(t *testing.T) {
	marcxml := `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">m1</controlfield></record>`
	for name, c := range map[string]struct{ content, key, want string }{
		"MARCXML":                    {marcxml, "id", "m1"},
		"MARCXML with a prefix":      {strings.NewReplacer("xmlns=", "xmlns:m=", "</", "</m:", "<", "<m:").Replace(marcxml), "id", "m1"},
		"MARCXML without namespace":  {`<?xml version="1.0"?>` + strings.Replace(marcxml, ` xmlns="http://www.loc.gov/MARC21/slim"`, "", 1), "id", "m1"},
		"lines of MarcEdit":          {"=LDR  00000nam a2200000 a 4500\n=001  m2\n\n", "", "m2"},
		"a record that has a record": {`<record><id>x</id></record>`, "id", "x"},
		"OAI-PMH with MARCXML":       {`<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><header><identifier>oai:x:1</identifier></header><metadata>` + marcxml + `</metadata></record></GetRecord></OAI-PMH>`, "", "oai:x:1"},
		"JSON":                       {`{"id": 17, "sign": "\u001d"}`, "id", "17"},
		"a table":                    {"id,title\n3,x\n", "id", "3"},
		"a table in UTF-16":          {"\xff\xfei\x00d\x00,\x00t\x00\n\x003\x00,\x00\x1e\x1e\n\x00", "id", "3"},
		"a key of MARC":              {strings.Replace(marcxml, "</record>", `<datafield tag="999" ind1=" " ind2=" "><subfield code="c">n9</subfield></datafield></record>`, 1), "999$c", "n9"},
	} {
		items, _ := paged(t, files.Config{Form: &files.Mixed{Documents: files.Documents{Key: c.key}}}, []byte(c.content))
		if len(items) != 1 || items[0].Rejected != nil || items[0].Key != c.want {
			t.Errorf("%s: %+v", name, items)
		}
	}
}

// TestUnkeyed: a record without an identifier is one all the same if whoever reads it knows what it is.
func TestUnkeyed(t *testing.T) {
	for _, content := range []string{
		"title,more\nA,b\n", `{"title": "A"}`, `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>A</title></titleInfo></mods>`,
		`<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><datafield tag="245" ind1=" " ind2=" "><subfield code="a">A</subfield></datafield></record>`,
	} {
		for _, key := range []string{"", "id"} {
			d := files.Documents{Key: key}
			if items, _ := paged(t, files.Config{Form: &files.Mixed{Documents: d, Unkeyed: true}}, []byte(content)); len(items) != 1 || items[0].Rejected != nil || items[0].Key != "" {
				t.Errorf("key %q of %s: %+v", key, content, items)
			}
			if items, _ := paged(t, files.Config{Form: &files.Mixed{Documents: d}}, []byte(content)); len(items) != 1 || items[0].Rejected == nil {
				t.Errorf("key %q of %s is not needed: %+v", key, content, items)
			}
		}
	}
}

// TestMaxUnpacked: what is beyond the bound is not read, and what is missing is told.
func TestMaxUnpacked(t *testing.T) {
	table := []byte("id,title\n" + strings.Repeat("1,x\n", 50_000))
	packed := gzipped(table)
	d := &files.Mixed{Documents: files.Documents{Key: "id"}}
	if items, short := paged(t, files.Config{Form: d}, packed); len(items) != 50_000 || short {
		t.Errorf("%d items, short %v", len(items), short)
	}
	items, short := paged(t, files.Config{Form: d, MaxUnpacked: 100_000}, packed)
	if last := items[len(items)-1].Rejected; !short || last == nil || last.Reason != "too_large" || !strings.Contains(last.Detail, "100000") {
		t.Errorf("short %v, last %+v", short, last)
	}
}

// FuzzMixed: whatever is sent, each thing in it is an item that says what it is, and reading it again gives the same.
func FuzzMixed(f *testing.F) {
	for _, seed := range []string{
		"00026nam a2200025 a 4500\x1e\x1d", "PK\x03\x04", "\x1f\x8b\x08\x00", "=LDR  00000nam\n=001  17\n", "id,t\n1,2\n", `{"id":1}`, `[{"id":1}]`,
		`<record><controlfield tag="001">1</controlfield></record>`, `<OAI-PMH><record/></OAI-PMH>`, `<modsCollection><mods/></modsCollection>`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, unkeyed bool) {
		c := files.Config{Form: &files.Mixed{Documents: files.Documents{Key: "id"}, Unkeyed: unkeyed}, MaxUnpacked: 1 << 20}
		items, short := paged(t, c, content)
		for i := range items {
			if item := &items[i]; item.Key == "" && !unkeyed || item.Rejected == nil && !item.Deleted && len(item.Original) == 0 {
				t.Errorf("an item of nothing: %+v", item)
			}
		}
		again, shortAgain := paged(t, c, content)
		if diff := cmp.Diff(items, again); diff != "" || short != shortAgain {
			t.Errorf("the second time: %s", diff)
		}
	})
}
