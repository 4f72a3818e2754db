package sqlite

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A version of a writer that the program does not know keeps the log shut; what earlier releases noted
// does not.
func TestUnknownVersions(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name  string
		value any
		want  error
	}{
		{"renderer_mods", "1", nil}, {"renderer_oai_dc", "1", nil}, {"renderer_edm", int64(2), store.ErrNewer}, {"renderer_edm", int64(1), nil}, {"renderer_lido", int64(1), store.ErrNewer},
	} {
		s := open(t, dir, &handClock{})
		if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error { return setMeta(conn, test.name, test.value) }); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		o, err := Open(t.Context(), dir, Options{Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			err = o.Close()
		}
		if !errors.Is(err, test.want) {
			t.Errorf("%s %v: opened with %v, want %v", test.name, test.value, err, test.want)
		}
		if test.want != nil {
			conn, err := openWriter(filepath.Join(dir, "sheaf.db"))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(exec(conn, "DELETE FROM meta WHERE name = ?", test.name), conn.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The versions that records are written by are noted with the first of them, and survive a write that fails.
func TestVersionsAreNoted(t *testing.T) {
	dir := t.TempDir()
	mods, _ := formats.Named("mods")
	second := formats.Builtin().With(mods.Next(nil, func(dst []byte, _ *dublincore.Record, _ formats.Item) []byte { return append(dst, "<second/>"...) }))
	s, err := Open(t.Context(), dir, Options{Namespace: "a.example", Clock: &handClock{}, Log: slog.New(slog.DiscardHandler), Formats: second})
	if err != nil {
		t.Fatal(err)
	}
	f := newFeed(t, s, "a")
	f.fill(s, 3, 0)
	title := &dublincore.Record{}
	title.AddText(dublincore.Title, "a title")
	c := change("a", 1, 1)
	c.Formats = pipeline.Formats{}.With("mods", 2)
	unknown := change("a", 2, 2)
	unknown.Formats = c.Formats.With("mods", 18)
	if err := f.commit(s, c, unknown); err == nil {
		t.Error("a version that nobody knows was taken")
	}
	if err := f.commit(s, c); err != nil {
		t.Fatal(err)
	}
	rec, _, err := (&endpoint.Repository{Log: s, Writers: second}).Get(t.Context(), c.Identifier, "mods")
	if err != nil || string(rec.Metadata) != "<second/>" {
		t.Errorf("written by the second version: %s, %v", rec.Metadata, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Open(t.Context(), dir, Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, store.ErrNewer) {
		t.Errorf("a program without the second version opened it: %v", err)
	}
}

// What the gateway was called keeps its number.
func TestGateways(t *testing.T) {
	dir := t.TempDir()
	a, b := pipeline.Gateway{Name: "A & <b>", Root: "https://a.example"}, pipeline.Gateway{Name: "B"}
	for round := range 2 {
		s := open(t, dir, &handClock{})
		for _, step := range []struct {
			g    pipeline.Gateway
			want int
		}{{a, 0}, {b, 1}, {a, 0}, {pipeline.Gateway{}, 2}, {b, 1}} {
			if n, err := s.Gateway(t.Context(), step.g); n != step.want || err != nil {
				t.Errorf("round %d: %+v has number %d, %v; want %d", round, step.g, n, err, step.want)
			}
		}
		if err := s.Snapshot(t.Context(), func(v store.View) error {
			first, err := v.Gateway(0)
			if err != nil || first == nil || *first != a {
				t.Errorf("gateway 0 is %+v, %v", first, err)
			}
			none, err := v.Gateway(3)
			if none != nil {
				t.Errorf("gateway 3 is %+v", none)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Formats for which there is no number are kept and read as those that have one.
func TestFormatsWithoutNumber(t *testing.T) {
	mods, _ := formats.Named("mods")
	fifth := *mods
	fifth.Prefix = "fifth"
	s, err := Open(t.Context(), t.TempDir(), Options{Namespace: "a.example", Clock: &handClock{}, Log: slog.New(slog.DiscardHandler), Formats: formats.Builtin().With(fifth)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := newFeed(t, s, "a")
	c := change("a", 1, 1)
	for i, made := range []pipeline.Formats{pipeline.FormatsOf("mods"), pipeline.FormatsOf("fifth", "mods"), pipeline.FormatsOf("mods")} {
		c.Formats, c.Fingerprint = made, pipeline.Hash{9, byte(i)}
		if err := f.commit(s, c); err != nil {
			t.Fatal(err)
		}
		if kept, err := s.Originals(t.Context(), "a", 0, "", 10); err != nil || len(kept.Records) != 1 || kept.Records[0].Formats != made {
			t.Errorf("%s is read as %+v, %v", made, kept, err)
		}
	}
}

// A record is written in fifty more formats, each by its second version, and in no other format after it has lost them.
func TestFiftyVersionedFormats(t *testing.T) {
	mods, _ := formats.Named("mods")
	table, all := formats.Builtin(), pipeline.Formats{}
	prefixes := make([]string, 50)
	for i := range prefixes {
		f := *mods
		f.Prefix = fmt.Sprintf("made%d", i)
		prefixes[i] = f.Prefix
		table = table.With(f).With(f.Next(nil, func(dst []byte, _ *dublincore.Record, _ formats.Item) []byte {
			return fmt.Appendf(dst, "<second of=%q/>", f.Prefix)
		}))
		all = all.With(f.Prefix, 2)
	}
	dir, o := t.TempDir(), Options{Namespace: "a.example", Clock: &handClock{}, Log: slog.New(slog.DiscardHandler), Formats: table}
	s, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	f, c := newFeed(t, s, "a"), change("a", 1, 1)
	c.Formats = all
	if err := errors.Join(f.commit(s, c), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	repository := &endpoint.Repository{Log: s, Writers: table}
	for _, prefix := range prefixes {
		rec, _, err := repository.Get(t.Context(), c.Identifier, prefix)
		if want := fmt.Sprintf("<second of=%q/>", prefix); err != nil || string(rec.Metadata) != want {
			t.Errorf("%s is %s, %v; want %s", prefix, rec.Metadata, err, want)
		}
	}
	c.Formats, c.Fingerprint = pipeline.FormatsOf(prefixes[49]), pipeline.Hash{9}
	if err := f.commit(s, c); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range prefixes {
		rec, _, err := repository.Get(t.Context(), c.Identifier, prefix)
		if written := err == nil && len(rec.Metadata) > 0 && !rec.Deleted; written != (prefix == prefixes[49]) {
			t.Errorf("afterwards %s is %s, %v", prefix, rec.Metadata, err)
		}
	}
}
