package marc_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// shared is a file beside the module. Tests over it are skipped where it is missing, but fail in CI.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the shared files are needed in CI: %v", err)
		}
		t.Skipf("no shared files here: %v", err)
	}
	return path
}

// marcxml says how many records of each MARCXML file of the corpus can be read. For ISO 2709 the manifest counts.
var marcxml = map[string]int{
	"marcxml/Catmandu-MARC--broken.xml": 10, "marcxml/aggregator--long-record.xml": 1,
	"marcxml/marc-perl--invalid.xml":                   0, // fields outside a record: the stream has an error
	"marcxml/marc4j--chabon-missing-datafield-tag.xml": 1, "marcxml/marc4j--chabon-missing-subfield-code.xml": 1,
	"marcxml/reservoir--small-bad-entities.xml": 0, "marcxml/ruby-marc--messed_up_leader.xml": 1, "marcxml/ruby-marc--non-numeric.xml": 1,
}

// TestCorpus reads every MARC file of the corpus as a stream. Each record is there, or is an error of its own, as
// many as the manifest counts; and each that can be read is written in both forms and read again.
func TestCorpus(t *testing.T) {
	manifest, err := os.ReadFile(shared(t, "corpus/MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	counted := regexp.MustCompile(`(\d+) records \(0x1D\)$`)
	for line := range strings.Lines(string(manifest)) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		name, measured := columns[0], columns[len(columns)-1]
		if !strings.HasPrefix(name, "mrc/") && !strings.HasPrefix(name, "marcxml/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(shared(t, "corpus/"+name))
			if err != nil {
				t.Fatal(err)
			}
			good, broken, err := readStream(t, data)
			if wantErr := strings.HasSuffix(name, "invalid.xml"); wantErr != errors.Is(err, marc.ErrMalformed) {
				t.Errorf("the stream ends with %v", err)
			}
			want, known := marcxml[name]
			if m := counted.FindStringSubmatch(measured); m != nil {
				want, _ = strconv.Atoi(m[1])
			} else if !known {
				t.Fatalf("a new file: say in marcxml how many of its records can be read")
			}
			if len(good)+broken != want {
				t.Errorf("%d records and %d broken ones, want %d", len(good), broken, want)
			}
			t.Logf("%d records can be read, %d cannot", len(good), broken)
			for _, rec := range good {
				checkForms(t, rec)
			}
		})
	}
}

func readStream(t *testing.T, data []byte) (good []*marc.Record, broken int, stream error) {
	t.Helper()
	for rec, err := range marc.Records(bytes.NewReader(data)) {
		var one *marc.RecordError
		switch {
		case errors.As(err, &one):
			broken++
			if !bytes.Contains(data, one.Data[:min(len(one.Data), 7)]) || len(one.Data) == 0 || int(one.Offset) >= len(data) {
				t.Errorf("%v: its bytes are not those of the file", err)
			}
		case err != nil:
			stream = err
		default:
			good = append(good, rec)
		}
	}
	return good, broken, stream
}

// checkForms writes a record in both forms and reads it again: it must be the same, or the error must say what the
// form has no room for.
func checkForms(t testing.TB, rec *marc.Record) {
	t.Helper()
	iso, err := rec.AppendISO2709(nil)
	if err != nil {
		if !errors.Is(err, marc.ErrMalformed) && !errors.Is(err, marc.ErrTooLarge) || len(iso) > 0 {
			t.Errorf("ISO 2709: an error of no kind, with %d bytes: %v", len(iso), err)
		}
	} else if again, err := marc.Parse(iso); err != nil {
		t.Errorf("ISO 2709 is not read again: %v\n%s", err, rec)
	} else if want := withSubfields(rec.Fields); !sameFields(want, again.Fields) {
		t.Errorf("ISO 2709 is read otherwise: %s", cmp.Diff(want, again.Fields))
	} else if second, err := again.AppendISO2709(nil); err != nil || !bytes.Equal(second, iso) {
		t.Errorf("ISO 2709 is not its own reading: %v\n%q\n%q", err, iso, second)
	}
	xml, err := rec.AppendMARCXML(nil)
	if err != nil {
		if !errors.Is(err, marc.ErrMalformed) || len(xml) > 0 {
			t.Errorf("MARCXML: an error of no kind, with %d bytes: %v", len(xml), err)
		}
	} else if again, err := marc.Parse(xml); err != nil {
		t.Errorf("MARCXML is not read again: %v\n%s", err, xml)
	} else if rec.Leader != again.Leader || !sameFields(rec.Fields, again.Fields) {
		t.Errorf("MARCXML is read otherwise: %q, %q, %s", rec.Leader, again.Leader, cmp.Diff(rec.Fields, again.Fields))
	}
}

// withSubfields are the fields that ISO 2709 can have: all but data fields without subfields.
func withSubfields(fields []marc.Field) (out []marc.Field) {
	for _, f := range fields {
		if f.IsControl() || len(f.Subfields) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// sameFields compares fields; cmp takes seconds for the records of the corpus.
func sameFields(a, b []marc.Field) bool {
	return slices.EqualFunc(a, b, func(f, g marc.Field) bool {
		return f.Tag == g.Tag && f.Ind1 == g.Ind1 && f.Ind2 == g.Ind2 && f.Data == g.Data && slices.Equal(f.Subfields, g.Subfields)
	})
}
