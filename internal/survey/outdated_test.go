package survey

import (
	"log/slog"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A remap that moves nothing leaves the source at its place. A measure that began before it, and ends after
// it, has met records as they were: it doesn't count as the newest, and not after a restart either.
func TestOutdatedWhileItWasMeasured(t *testing.T) {
	st := memory.New(memory.Options{})
	sources := []Source{{Name: "a"}}
	place := pipeline.Cursor{Epoch: 1, Seq: 7}
	for _, meanwhile := range []bool{false, true} {
		s, err := Open(t.Context(), st, sources, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		begun := s.begun("a")
		if meanwhile {
			s.Outdated(t.Context(), "a")
		}
		if err := s.keep(t.Context(), &quality.Survey{Source: "a"}, place, begun); err != nil {
			t.Fatal(err)
		}
		want := place
		if meanwhile {
			want = pipeline.Cursor{}
		}
		again, err := Open(t.Context(), st, sources, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if s.last["a"].Place != want || again.last["a"].Place != want {
			t.Errorf("out of date meanwhile: %v; kept as measured at %v, after a restart at %v, want %v", meanwhile, s.last["a"].Place, again.last["a"].Place, want)
		}
	}
}
