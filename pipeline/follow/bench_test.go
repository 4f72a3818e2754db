package follow_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// benchRecords are how many records the dump of BenchmarkDump has, in parts of a quarter.
const benchRecords = 40_000

// BenchmarkDump reads a dump of records of about 2.5 KB with oai_dc. What it takes of the processors is told for each
// record, because other programs of the machine disturb that less than the time that goes by.
func BenchmarkDump(b *testing.B) {
	const epoch = 1786000000000
	type part struct {
		URL    string `json:"url"`
		Bytes  int    `json:"bytes"`
		Rows   int    `json:"rows"`
		SHA256 string `json:"sha256"`
		Last   string `json:"last"`
	}
	var parts []part
	files := map[string][]byte{}
	random := rand.New(rand.NewPCG(1, 2))
	enc := changejson.NewEncoder("https://gateway.example.org/")
	for n := range 4 {
		var lines []byte
		for i := range benchRecords / 4 {
			seq := int64(n*benchRecords/4 + i + 1)
			var dc dublincore.Record
			for v := range 14 {
				dc.Add(dublincore.Value{Term: dublincore.Terms()[v%8], Text: words(random, 9), Lang: "en"})
			}
			ev := pipeline.Event{Epoch: epoch, Prev: seq - 1, Record: pipeline.Record{
				Identifier: fmt.Sprintf("oai:gateway.example.org:letters/%d", seq), Source: "letters", Seq: seq, Version: 1,
				Datestamp: time.Unix(1786000000, 0), Sets: []string{"letters", "letters:1957"}, DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil),
			}}
			lines = enc.AppendLine(lines, &ev, changejson.Extras{OAIDC: true})
		}
		var zipped bytes.Buffer
		z, err := zstd.NewWriter(&zipped, zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = z.Write(lines) // a buffer takes everything
		_ = z.Close()
		p := part{URL: fmt.Sprintf("/dump/%d", n), Bytes: zipped.Len(), Rows: benchRecords / 4, SHA256: fmt.Sprintf("%x", sha256.Sum256(zipped.Bytes())), Last: fmt.Sprint((n + 1) * benchRecords / 4)}
		parts, files[p.URL] = append(parts, p), zipped.Bytes()
	}
	cursor := pipeline.Cursor{Epoch: epoch, Seq: benchRecords}
	manifest, err := json.Marshal(map[string]any{"cursor": cursor.String(), "parts": parts})
	if err != nil {
		b.Fatal(err)
	}
	end := fmt.Sprintf(`{"head":{"epoch":"%d","seq":"%d","datestamp":"2026-08-06T07:06:40Z","digest":""},"next":"%s","more":false}`+"\n", int64(epoch), benchRecords, cursor)
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/dump":
			_, _ = w.Write(manifest)
		case "/changes":
			w.Header().Set("Content-Type", "application/x-ndjson")
			_, _ = w.Write([]byte(end))
		default:
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(files[r.URL.Path]))
		}
	}))
	defer g.Close()
	got, used := 0, processorTime()
	for b.Loop() {
		f := follow.Follower{Gateway: g.URL + "/", With: follow.With{OAIDC: true}}
		if err := f.CatchUp(b.Context(), follow.Place{}, func(_ context.Context, batch *follow.Batch) error {
			got += len(batch.Changes)
			batch.Sweep()
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	if got != b.N*benchRecords {
		b.Fatalf("%d records came, and the dump has %d", got/b.N, benchRecords)
	}
	b.ReportMetric(float64(got)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric((processorTime()-used).Seconds()*1e6/float64(got), "cpu-µs/record")
}

func words(random *rand.Rand, n int) string {
	var s strings.Builder
	for range n {
		s.WriteString(strings.Repeat("ab", random.IntN(2)))
		s.WriteString(fmt.Sprintf("%c%x ", 'a'+rune(random.IntN(26)), random.IntN(5000)))
	}
	return s.String()
}

func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
