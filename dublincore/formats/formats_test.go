package formats_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

func TestAll(t *testing.T) {
	var prefixes []string
	for _, f := range formats.All() {
		prefixes = append(prefixes, f.Prefix)
		if named, ok := formats.Named(f.Prefix); !ok || named.Schema != f.Schema || f.Version < 1 {
			t.Errorf("%s: %v", f.Prefix, named)
		}
	}
	if diff := cmp.Diff([]string{"oai_dc", "oai_qdc", "mods", "edm", "oai_openaire"}, prefixes); diff != "" {
		t.Error(diff)
	}
	if _, ok := formats.Named("marc21"); ok {
		t.Error("MARC is never made from Dublin Core")
	}
	formats.All()[0].Prefix = "changed"
	if formats.All()[0].Prefix != "oai_dc" {
		t.Error("a caller can change the table")
	}
}

// TestWritesWellFormed: whatever is in a record, and whether or not it has the format, one element comes
// out, and the order of the terms makes no difference.
func TestWritesWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		sorted := r.Clone()
		sorted.Sort()
		for _, f := range formats.All() {
			rest, ok := strings.CutPrefix(string(f.Append([]byte("before"), r, item)), "before")
			if !ok {
				t.Fatalf("%s overwrote what was there", f.Prefix)
			}
			if root, err := wellFormed(rest); err != nil || root != f.Namespace {
				t.Fatalf("%s: root in %q, %v\n%s", f.Prefix, root, err, rest)
			}
			if !strings.Contains(rest, ` xsi:schemaLocation="`+f.Namespace+" "+f.Schema+`"`) {
				t.Fatalf("%s: no pair of its namespace and schema:\n%s", f.Prefix, rest)
			}
			if diff := cmp.Diff(rest, string(f.Append(nil, sorted, item))); diff != "" {
				t.Fatalf("%s: %s", f.Prefix, diff)
			}
			if f.Has(r) != f.Has(sorted) || f.Has(r) != (len(f.Missing(r)) == 0) {
				t.Fatalf("%s: Has says %v, sorted %v; it lacks %v", f.Prefix, f.Has(r), f.Has(sorted), f.Missing(r))
			}
		}
	})
}

// wellFormed reads a document to its end, and gives the namespace of its root.
func wellFormed(document string) (root string, err error) {
	s := xmlscan.New([]byte(document), xmlscan.Limits{})
	for {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			return root, err
		}
		if kind == xmlscan.Start && root == "" {
			root = s.Space()
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	r := full(b)
	for _, f := range formats.All() {
		b.Run(f.Prefix, func(b *testing.B) {
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = f.Append(dst[:0], r, item)
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}

func BenchmarkHas(b *testing.B) {
	r := full(b)
	free := record(b, "title", "A", "creator", "B", "landing", "https://example.org/1", "type", "whatnot", "date", "1957",
		"rights", "This item may be protected by copyright law; ask the archive before you use it.", "dataProvider", "C")
	for _, f := range formats.All() {
		for name, r := range map[string]*dublincore.Record{"normalised": r, "free": free} {
			b.Run(f.Prefix+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f.Has(r)
				}
			})
		}
	}
}
