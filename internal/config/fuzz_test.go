package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Whatever the bytes are, Parse gives a configuration or problems, each in one line with a place that
// the bytes have.
func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range seeds {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	bad, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range bad {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// Nothing outside the test's own folder is read.
		if strings.Contains(string(data), "/") || strings.Contains(string(data), "..") {
			data = []byte(strings.NewReplacer("/", "_", "..", "__").Replace(string(data)))
		}
		c, err := config.Parse(filepath.Join(t.TempDir(), "sheaf.yaml"), data, options)
		if (c == nil) == (err == nil) {
			t.Fatalf("gives %v and %v", c, err)
		}
		if err == nil {
			return
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for _, p := range err.(config.Problems) {
			if p.Message == "" || strings.ContainsAny(p.String(), "\n\r") {
				t.Errorf("problem %q", p)
			}
			if p.Line < 0 || p.Line > lines || p.Line > 0 && p.Column < 1 {
				t.Errorf("problem at %d:%d of %d lines: %v", p.Line, p.Column, lines, p)
			}
		}
	})
}

// What is read as a value is written so that it reads as the same value.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"90s", "1h30m", "2w", "500ms", "200GB", "64 KiB", "7", "02:30", "20:00-06:00", "6:00–7:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		again(t, s, config.ParseDuration, config.FormatDuration)
		again(t, s, config.ParseSize, config.Size.String)
		again(t, s, config.ParseTimeOfDay, config.TimeOfDay.String)
		again(t, s, config.ParseWindow, config.Window.String)
	})
}

func again[T comparable](t *testing.T, s string, parse func(string) (T, error), format func(T) string) {
	t.Helper()
	v, err := parse(s)
	if err != nil {
		return
	}
	if got, err := parse(format(v)); err != nil || got != v {
		t.Errorf("%q reads %v, written %q, which reads %v, %v", s, v, format(v), got, err)
	}
}
