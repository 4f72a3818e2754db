package main

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// holds checks that an output holds all words.
func holds(t *testing.T, what, output string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(output, word) {
			t.Errorf("%s lacks %q:\n%s", what, word, output)
		}
	}
}

// The page says that it has three rows and has two: nothing of it is taken, and a person is told.
func TestCountMismatch(t *testing.T) {
	folder(t, files())
	holds(t, "the summary", want(t, exitLook, "harvest", "short", "letters").stdout,
		"short: incomplete: 0 new", "1 rejected", "sheaf quarantine list --source short", "letters: complete: 2 new")
	holds(t, "status", want(t, exitLook, "status").stdout, "short: 1 item is in quarantine")
	holds(t, "the list", want(t, exitLook, "quarantine").stdout, "count_mismatch", "1 - 3 of 3")
	holds(t, "the list in JSON", want(t, exitLook, "quarantine", "list", "--json").stdout, `"number":1`, `"reason":"count_mismatch"`)
	holds(t, "the list of the other source", want(t, exitDone, "quarantine", "list", "--source", "letters").stdout, "Nothing is in quarantine.")
	holds(t, "the item", want(t, exitDone, "quarantine", "show", "1").stdout, "count_mismatch", "Letter on the Mole")
	if r := want(t, exitDone, "quarantine", "show", "1", "--original"); r.stdout != short {
		t.Errorf("the original is %q", r.stdout)
	}
	holds(t, "an item that is not there", want(t, exitFailed, "quarantine", "show", "2").stderr, "no item 2")
	holds(t, "a source that is not there", want(t, exitUsage, "quarantine", "list", "--source", "lettres").stderr, "lettres")
	holds(t, "the dry run", want(t, exitLook, "harvest", "short", "--dry-run").stdout, "rejected", "count_mismatch")
}

// A file that was broken and was mended leaves nothing to look at, though the files are not said to be complete.
func TestMendedFile(t *testing.T) {
	const broken = "name\nThe Mole\n"
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: test.example.org}\nsources:\n  books: {kind: files, from: \"*.csv\", key: id, mapping: books.map}\n",
		"books.map":  "format csv\ntitle from name\n",
		"1.csv":      "id,name\n1,Timber\n", "2.csv": broken, "3.csv": broken,
	})
	holds(t, "the summary", want(t, exitLook, "harvest", "books").stdout, "1 new", "2 rejected")
	rewrite(t, "2.csv", "id,name\n2,The Mole\n")
	holds(t, "the summary", want(t, exitLook, "harvest", "books").stdout, "1 new", "1 rejected")
	if list := want(t, exitLook, "quarantine").stdout; strings.Contains(list, "2.csv") || !strings.Contains(list, "3.csv") {
		t.Errorf("after one file was mended, quarantine holds\n%s", list)
	}
	rewrite(t, "3.csv", "id,name\n3,The Board\n")
	holds(t, "the summary", want(t, exitDone, "harvest", "books").stdout, "1 new")
	holds(t, "the list", want(t, exitDone, "quarantine").stdout, "Nothing is in quarantine.")
	want(t, exitDone, "status")
}

// A spreadsheet of LibreOffice is a file like others: what was wrong with it leaves quarantine once it is mended.
func TestMendedSpreadsheet(t *testing.T) {
	table := func(rows ...string) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, content := range map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet",
			"content.xml": `<d xmlns:table="t" xmlns:text="x"><table:table table:name="One"><table:table-row><table:table-cell><text:p>` +
				strings.Join(rows, "</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>") + `</text:p></table:table-cell></table:table-row></table:table></d>`} {
			f, err := w.Create(name)
			if err == nil {
				_, err = io.WriteString(f, content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: test.example.org}\nsources:\n  books: {kind: files, from: \"*.ods\", key: id, mapping: books.map}\n",
		"books.map":  "format csv\ntitle from id\n",
		"1.ods":      table("name", "The Mole"),
	})
	holds(t, "the summary", want(t, exitLook, "harvest", "books").stdout, "0 new", "1 rejected")
	rewrite(t, "1.ods", table("id", "The Mole"))
	holds(t, "the summary", want(t, exitDone, "harvest", "books").stdout, "1 new")
	holds(t, "the list", want(t, exitDone, "quarantine").stdout, "Nothing is in quarantine.")
}

// A source that can't be had fails with what to do, and the others are harvested all the same.
func TestSourceIsGone(t *testing.T) {
	all := files()
	delete(all, "letters.txt")
	folder(t, all)
	r := want(t, exitFailed, "harvest", "letters", "short")
	holds(t, "the message", r.stderr, "letters.txt", "Change it as the detail says.")
	holds(t, "the summary", r.stdout, "letters: failed", "short: incomplete")
	holds(t, "status", want(t, exitLook, "status").stdout, "failed", "letters.txt")
	holds(t, "the dry run", want(t, exitFailed, "harvest", "letters", "--dry-run").stderr, "letters.txt", "Change it as the detail says.")
}

// What a source wrote can't move the cursor of a terminal, or turn text around.
func TestTerminalIsSafe(t *testing.T) {
	folder(t, files("letters.txt", "1 - 1 of 1\n\nMarch 3, 1921\n\nLetter \x1b[2J\x1b]0;owned\x07 on \u202ethe Mole\n"))
	r := sheaf(t, "harvest", "letters")
	outputs := map[string]string{"harvest": r.stdout + r.stderr}
	for _, args := range [][]string{{"harvest", "letters", "--dry-run"}, {"status"}, {"probe", "letters.txt"}, {"quarantine"}} {
		r := sheaf(t, args...)
		outputs[strings.Join(args, " ")] = r.stdout + r.stderr
	}
	for _, record := range records(t, want(t, exitDone, "export").stdout) {
		outputs["show"] = want(t, exitDone, "show", record.Identifier).stdout
	}
	for command, text := range outputs {
		if strings.ContainsAny(text, "\x1b\x07\u202e") || text == "" {
			t.Errorf("sheaf %s prints %q", command, text)
		}
	}
}

// That the output can't be written is an error.
func TestBrokenOutput(t *testing.T) {
	folder(t, files())
	want(t, exitDone, "harvest", "letters")
	var stderr output
	code := run(t.Context(), []string{"export"}, strings.NewReader(""), full{}, &stderr)
	if code != exitFailed || !strings.Contains(stderr.String(), "the disk is full") {
		t.Errorf("exit status %d, %s", code, stderr.String())
	}
}
