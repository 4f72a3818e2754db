package events

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func BenchmarkEncode(b *testing.B) {
	e := changejson.NewEventEncoder("https://gateway.example.org", nil)
	ev := change(123456)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = e.AppendEvent(dst[:0], &ev, 1<<20)
	}
	b.SetBytes(int64(len(dst)))
}

// BenchmarkPublish publishes in batches as a relay does (512), and all at once.
func BenchmarkPublish(b *testing.B) {
	for _, bm := range []struct {
		name   string
		inside bool
		batch  int
	}{{"inside-512", true, 512}, {"inside-100000", true, 100_000}, {"tcp-512", false, 512}, {"tcp-100000", false, 100_000}} {
		b.Run(bm.name, func(b *testing.B) {
			var c *Client
			if bm.inside {
				c = inside(b, embedded(b, b.TempDir(), nil))
			} else {
				c = connect(b, startServer(b, b.TempDir()).URL(), nil)
			}
			es := changes(1, 100_000)
			at := tail(b, c)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				at.Cursor = pipeline.Cursor{} // the same events again
				for i := 0; i < len(es); i += bm.batch {
					at = publish(b, c, at, es[i:min(i+bm.batch, len(es))])
				}
				n += len(es)
				shift(es)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// shift gives the events other ids.
func shift(es []pipeline.Event) {
	for i := range es {
		es[i].Epoch++
	}
}
