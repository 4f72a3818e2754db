package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// casesFolder holds small originals that people's reports taught, each with what a librarian would call right.
const casesFolder = "../../../shared/cases"

var (
	caseFile = regexp.MustCompile("^`([\\w.-]+)`:?$")
	caseWant = regexp.MustCompile("^- must (not )?give (?:\\w+ )?`([\\w:]+) = (.*)`\\s*$")
)

// TestCases maps each original as a librarian would try it, with sheaf map, and compares the values with its expect.md.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(casesFolder, "*", "expect.md"))
	if err != nil || len(folders) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the cases are needed in CI: ", err)
		}
		t.Skip("the cases are not beside this checkout: ", err)
	}
	for _, expect := range folders {
		expect, err := filepath.Abs(expect)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(expect)
		if _, err := os.Stat(filepath.Join(dir, "server.py")); err == nil {
			continue // it needs a server: a test of harvest has it
		}
		t.Run(filepath.Base(dir), func(t *testing.T) { mapCase(t, dir) })
	}
}

func mapCase(t *testing.T, dir string) {
	text, err := os.ReadFile(filepath.Join(dir, "expect.md"))
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(work)
	var short []string
	values := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if file := caseFile.FindStringSubmatch(strings.TrimSpace(line)); file != nil {
			if _, err := os.Stat(file[1]); err == nil {
				values = valuesOf(t, file[1])
			}
		}
		if want := caseWant.FindStringSubmatch(line); want != nil {
			if no, value := want[1] != "", want[2]+" = "+want[3]; values[value] == no {
				short = append(short, strings.TrimSpace(line))
			}
		}
	}
	if len(short) > 0 {
		t.Errorf("it falls short of:\n%s", strings.Join(short, "\n"))
	}
}

// valuesOf are the values that sheaf map gives, as "term = value".
func valuesOf(t *testing.T, file string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for line := range strings.Lines(sheaf(t, "map", "s", file, "--json", "--limit", "100").stdout) {
		var explained struct {
			Values []struct{ Term, Value string }
		}
		if err := json.Unmarshal([]byte(line), &explained); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, v := range explained.Values {
			out[v.Term+" = "+v.Value] = true
		}
	}
	return out
}
