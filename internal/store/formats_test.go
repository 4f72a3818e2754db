package store

import (
	"errors"
	"log/slog"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// What a source calls its formats is a free word; what they are served as is not.
func TestNativePrefixes(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	const ns, schema = "http://www.loc.gov/mods/v3", "https://a.example/mods.xsd"
	steps := []struct {
		given harvest.Format
		want  string
	}{
		{harvest.Format{Prefix: "mods", Namespace: ns, Schema: schema}, "mods_2"},
		{harvest.Format{Prefix: "mods", Namespace: ns, Schema: schema + "?"}, "mods_3"},
		{harvest.Format{Prefix: "mods", Namespace: ns, Schema: schema}, "mods_2"},
		{harvest.Format{Prefix: "mods_2", Namespace: ns, Schema: "https://b.example/"}, "mods_2_2"},
		{harvest.Format{Prefix: "marc", Namespace: ns, Schema: schema}, "marc"},
		{harvest.Format{Prefix: "a b<é", Namespace: ns, Schema: "no URL <"}, "a_b___"},
		{harvest.Format{Prefix: "listing"}, ""},
		{harvest.Format{Prefix: "dc", Namespace: oaiDCNamespace}, ""},
		{harvest.Format{Prefix: "x", Namespace: "no URL"}, ""},
		{harvest.Format{Namespace: ns}, ""},
	}
	for _, again := range []bool{false, true} {
		if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
			for _, step := range steps {
				key, err := s.lists.nativeKey(conn, step.given)
				if err != nil {
					return err
				}
				got := ""
				for n, k := range s.lists.keys {
					if k == key && n.kind == formatList {
						got = n.name
					}
				}
				if got != step.want {
					t.Errorf("again %v: %+v is served as %q, want %q", again, step.given, got, step.want)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		s.lists.forget()
	}
}

// The writers in force are the log's: one that the program does not know keeps the log shut.
func TestRenderersInForce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, &handClock{})
	if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
		if v, err := metaText(conn, "renderer_mods"); v != "1" || err != nil {
			t.Errorf("version %q of mods is in force, %v", v, err)
		}
		return setMeta(conn, "renderer_mods", "99")
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o, err := Open(t.Context(), dir, Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		_ = o.Close()
	}
	if !errors.Is(err, ErrNewer) {
		t.Errorf("opened with %v", err)
	}
}
