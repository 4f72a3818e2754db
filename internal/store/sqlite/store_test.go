package sqlite

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var (
	_ pipeline.Log     = (*Store)(nil)
	_ pipeline.Keeper  = (*Store)(nil)
	_ pipeline.Relayed = (*Store)(nil)
	_ endpoint.Log     = (*Store)(nil)
)

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &pipeline.Batch{Next: "1", Changes: []pipeline.Change{{Identifier: "oai:a.example:s/1", Fingerprint: pipeline.Hash{1}, Sets: []string{"s:x:y"}, DC: []byte(`{}`), OAIDC: []byte("<a/>")}}}
	if b.Run, err = s.Begin(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{}); err == nil {
		t.Fatal("opened twice")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	recs, head, err := s.Read(t.Context(), 0, 10)
	if err != nil || len(recs) != 1 || head.Seq != 1 {
		t.Fatalf("%v %v %v", recs, head, err)
	}
}
