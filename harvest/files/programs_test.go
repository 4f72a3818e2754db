package files

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// needProgram skips a test whose program is not there; in CI it has to be.
func needProgram(t *testing.T, name, debian string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	missing(t, "%s is missing (Debian: %s)", name, debian)
}

// missing skips a test, or fails it where everything has to be there.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return out
}

// A table that LibreOffice has saved as a spreadsheet, in its own form and in Excel's, gives the values that were typed.
func TestSpreadsheetsOfLibreOffice(t *testing.T) {
	needProgram(t, "soffice", "libreoffice-calc-nogui")
	dir := t.TempDir()
	const typed = "id,title,when,price,note\n" +
		"007,\"Brief, der erste\",1957-04-03,3.50,\"zwei\nZeilen\"\n" +
		"008,Ärger & <Zorn>,April 1957,1e5,  \n" +
		"12345678901234567890,東京 письмо,,=1+1,\"\"\"so\"\"\"\n" +
		"r4,_x000D_ stays,TRUE,10%,#N/A\n"
	csv := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(csv, []byte(typed), 0o600); err != nil {
		t.Fatal(err)
	}
	want := told(t, &Documents{Key: "id"}, typed)
	asText := "CSV:44,34,76,1,1/2/2/2/3/2/4/2/5/2" // all columns are text
	for _, form := range []string{"xlsx", "ods"} {
		output(t, "soffice", "--headless", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--infilter="+asText, "--convert-to", form, "--outdir", dir, csv)
		sheet, err := os.ReadFile(filepath.Join(dir, "table."+form))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, told(t, &Documents{Key: "id"}, string(sheet))); d != "" {
			t.Errorf("%s (-typed +read):\n%s", form, d)
		}
	}
}

// What LibreOffice takes for numbers, dates, times and truth when a table is opened comes out as such values are written.
func TestTypedCellsOfLibreOffice(t *testing.T) {
	needProgram(t, "soffice", "libreoffice-calc-nogui")
	dir := t.TempDir()
	csv := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(csv, []byte("id,a,b,c,d\nx,1957-04-03,12,0.1,TRUE\ny,2001-12-31,1000000,12:30:00,text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"x: csv id,a,b,c,d\nx,1957-04-03,12,0.1,true\n", "y: csv id,a,b,c,d\ny,2001-12-31,1000000,12:30:00,text\n"}
	for _, form := range []string{"xlsx", "ods"} {
		output(t, "soffice", "--headless", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--infilter=CSV:44,34,76,1,,1033,false,true", "--convert-to", form, "--outdir", dir, csv)
		sheet, err := os.ReadFile(filepath.Join(dir, "table."+form))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, told(t, &Documents{Key: "id"}, string(sheet))); d != "" {
			t.Errorf("%s (-want +read):\n%s", form, d)
		}
	}
}

// fieldsOf are the fields of all records, one a line.
func fieldsOf(t *testing.T, file []byte) (out []string) {
	t.Helper()
	for r, err := range marc.Records(bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Fields {
			var line strings.Builder
			line.WriteString(f.Tag + " " + f.Data)
			for _, s := range f.Subfields {
				line.WriteString(" $" + string(s.Code) + " " + norm.NFC.String(s.Text))
			}
			out = append(out, line.String())
		}
	}
	return out
}

// Records that yaz-marcdump has turned from MARC-8 into UTF-8, MARCXML and back say what the originals say, as they are read.
func TestRecordsOfYaz(t *testing.T) {
	needProgram(t, "yaz-marcdump", "yaz")
	folder := filepath.Join("..", "..", "..", "shared", "corpus", "mrc")
	if _, err := os.Stat(folder); err != nil {
		missing(t, "the shared files are missing: %v", err)
	}
	for _, name := range []string{"marc-perl--cjk1.marc"} {
		file := filepath.Join(folder, name)
		original, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := fieldsOf(t, original)
		if len(want) < 10 {
			t.Fatalf("%s has %d fields", name, len(want))
		}
		for form, args := range map[string][]string{
			"MARCXML": {"-i", "marc", "-o", "marcxml", "-f", "marc8", "-t", "utf8", file},
			"UTF-8":   {"-i", "marc", "-o", "marc", "-f", "marc8", "-t", "utf8", "-l", "9=97", file},
		} {
			if d := cmp.Diff(want, fieldsOf(t, output(t, "yaz-marcdump", args...))); d != "" {
				t.Errorf("%s by %s (-read +converted and read):\n%s", name, form, d)
			}
		}
	}
}
