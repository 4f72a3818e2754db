package app

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// A vigil writes one line when something begins to be ill, whatever it says then, and one when it is well again.
func TestVigil(t *testing.T) {
	var out strings.Builder
	var disk error
	v := &vigil{logger: slog.New(slog.NewTextHandler(&out, nil)), over: []*watched{{name: "clock", trouble: func() error { return nil }}, {name: "store", trouble: func() error { return disk }}}}
	for _, c := range []struct {
		name string
		err  error
		says string
	}{
		{"well from the start", nil, ""},
		{"full", errors.New("0 MiB are free"), `level=WARN msg="something is not well, and readiness says so until it is" what=store err="0 MiB are free"`},
		{"fuller", errors.New("32 MiB are free"), ""},
		{"room again", nil, `level=INFO msg="it is well again" what=store`},
		{"still", nil, ""},
		{"full once more", errors.New("1 MiB is free"), `err="1 MiB is free"`},
	} {
		out.Reset()
		disk = c.err
		v.look()
		if got := out.String(); !strings.Contains(got, c.says) || strings.Count(got, "\n") != min(len(c.says), 1) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
