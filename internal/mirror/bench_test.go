package mirror

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// BenchmarkWrite writes batches of 500 records of about 1.5 KB, as a dump gives them.
func BenchmarkWrite(b *testing.B) {
	const size = 500
	text := "<oai_dc:dc>" + strings.Repeat("<dc:subject>letters</dc:subject>", 40) + "</oai_dc:dc>"
	for _, form := range []Form{XML, JSON, SQLite} {
		b.Run(string(form), func(b *testing.B) {
			c, err := Open(filepath.Join(b.TempDir(), "copy"), "https://gateway.example.org/", form)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			var seq int64
			for b.Loop() {
				batch := &follow.Batch{Changes: make([]follow.Change, size)}
				for i := range batch.Changes {
					seq++
					batch.Changes[i] = follow.Change{Identifier: fmt.Sprintf("oai:gateway.example.org:box/%x", seq*0x9E3779B1), Seq: seq, Datestamp: time.Unix(1786000000, 0), OAIDC: text}
				}
				batch.Place = follow.Place{Position: pipeline.At(pipeline.Cursor{Epoch: 1786000000000, Seq: seq}, 0), Pass: 7, Filling: true}
				if err := c.Write(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(seq)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
