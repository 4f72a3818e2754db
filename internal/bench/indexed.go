package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Records made up for the search index alone: their words, persons and subjects are as unequally frequent as those of real
// ones, which is what an index costs. (Those of [provider] have some thirty words, and cost a fraction.)
const (
	wordsThere = 200_000
	persons    = 50_000
	subjects   = 20_000
)

// A madeUp is a log of such records. Each is made when it is read, from its number, always the same.
type madeUp struct{ records int64 }

func (m madeUp) Changed() <-chan struct{} { return nil } // it does not grow

func (m madeUp) Changes(_ context.Context, w pipeline.Wanted) (pipeline.Changes, error) {
	out := pipeline.Changes{Upto: min(w.After+int64(w.Limit), m.records), Head: pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1, Seq: m.records}}}
	for seq := w.After + 1; seq <= out.Upto; seq++ {
		out.Records = append(out.Records, madeRecord(seq))
	}
	return out, nil
}

func madeRecord(seq int64) pipeline.Record {
	r := rand.New(rand.NewPCG(uint64(seq), 1))
	name := func() string { return madeWord(rankOf(r, persons)) + ", " + madeWord(rankOf(r, 2000)) }
	dc := dublincore.Record{Values: []dublincore.Value{
		{Term: dublincore.Title, Text: madeText(r, 9)},
		{Term: dublincore.Creator, Text: name()}, {Term: dublincore.Creator, Text: name()},
		{Term: dublincore.Subject, Text: madeWord(rankOf(r, subjects))},
		{Term: dublincore.Subject, Text: madeWord(rankOf(r, subjects)) + " -- " + madeWord(rankOf(r, subjects))},
		{Term: dublincore.Abstract, Text: madeText(r, 60)},
		{Term: dublincore.Date, Text: fmt.Sprintf("%d-%02d-%02d", 1900+seq%120, 1+seq%12, 1+seq%28)},
		{Term: dublincore.Type, Text: "Text"}, {Term: dublincore.Language, Text: "en"},
		{Term: dublincore.Identifier, Text: fmt.Sprintf("https://synthetic.example.org/items/%d", seq)},
		{Term: dublincore.Rights, Text: "http://rightsstatements.org/vocab/InC/1.0/"},
	}}
	return pipeline.Record{Identifier: fmt.Sprintf("oai:bench.example.org:synthetic/%d", seq), Source: "synthetic", Seq: seq, DC: dc.AppendJSON(nil),
		Sets: []string{"synthetic", fmt.Sprintf("synthetic:%c", 'a'+rune(seq%5))}, Origin: pipeline.Origin{Identifier: fmt.Sprintf("oai:synthetic.example.org:%d", seq)}}
}

// rankOf draws one of n things, the first of which is twice as frequent as the second, and so on (Zipf).
func rankOf(r *rand.Rand, n float64) int { return int(math.Pow(n, r.Float64())) }

var syllables = strings.Fields("ka lo mi tre san ber ut en or al dis com ver tion ing ment der lich ung ex pro in re un ter ma ri ne so po")

// madeWord is a word of its own for each rank.
func madeWord(rank int) string {
	word := ""
	for rank += len(syllables); rank > 0; rank /= len(syllables) {
		word += syllables[rank%len(syllables)]
	}
	return word
}

func madeText(r *rand.Rand, n int) string {
	text := make([]string, n)
	for i := range text {
		text[i] = madeWord(rankOf(r, wordsThere))
	}
	return strings.Join(text, " ")
}

// The questions, of each kind as many; always the same ones.
var questions = []struct {
	name string
	q    func(r *rand.Rand) search.Query
}{
	{"a rare word", func(r *rand.Rand) search.Query {
		return search.Query{Text: madeWord(10_000 + r.IntN(wordsThere-10_000))}
	}},
	{"a common word", func(r *rand.Rand) search.Query { return search.Query{Text: madeWord(1 + r.IntN(20))} }},
	{"a common word and a rare one", func(r *rand.Rand) search.Query {
		return search.Query{Text: madeWord(1+r.IntN(20)) + " " + madeWord(1000+r.IntN(10_000))}
	}},
	{"a phrase of common words", func(r *rand.Rand) search.Query {
		return search.Query{Text: `"` + madeWord(1+r.IntN(20)) + " " + madeWord(1+r.IntN(20)) + `"`}
	}},
	{"no such word", func(r *rand.Rand) search.Query { return search.Query{Text: fmt.Sprint("zzz", r.IntN(1000))} }},
	{"a common word, three filters", func(r *rand.Rand) search.Query {
		return search.Query{Text: madeWord(1 + r.IntN(20)), Chosen: map[string][]string{search.Language: {"en"}, search.Set: {"synthetic:a", "synthetic:b"}, search.Decade: {"1950", "1960"}}}
	}},
	{"a subject alone", func(r *rand.Rand) search.Query {
		return search.Query{Chosen: map[string][]string{search.Subject: {madeWord(1 + r.IntN(subjects))}}}
	}},
	{"a year", func(r *rand.Rand) search.Query {
		year := fmt.Sprint(1900 + r.IntN(120))
		return search.Query{From: year, To: year}
	}},
	{"a deep page by date", func(r *rand.Rand) search.Query {
		return search.Query{Text: madeWord(1 + r.IntN(20)), Sort: search.Early, Offset: 9000 + r.IntN(900)}
	}},
	{"everything", func(*rand.Rand) search.Query { return search.Query{} }},
}

// indexed makes an index of made-up records, and asks it a thousand questions. It needs no gateway, so that it can be tried
// with more records than there is time to harvest.
func (b *bench) indexed(ctx context.Context) error {
	file := filepath.Join(b.dir, "indexed.db")
	log := madeUp{int64(b.records)}
	x, err := search.Open(search.Options{File: file, Log: log, Kind: site.Kind, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer x.Close()
	used := processorTime()
	for i := range log.records {
		madeRecord(i)
	}
	making := processorTime() - used
	used = processorTime()
	for more := true; more && ctx.Err() == nil; {
		if more, err = x.Step(ctx); err != nil {
			return err
		}
	}
	b.add("index of made-up records: a record, processor", float64((processorTime()-used-making).Microseconds())/float64(b.records), "µs/record")
	b.aim("index of made-up records", float64(databaseSize(file))/float64(b.records), "bytes/record", 1024)
	r := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	partial := 0
	for _, kind := range questions {
		took := make([]time.Duration, 0, 1000/len(questions))
		for range cap(took) {
			q := kind.q(r)
			q.Limit = 25
			began := time.Now()
			found, err := x.Find(ctx, &q)
			if err != nil {
				return err
			}
			if took = append(took, time.Since(began)); found.Partial {
				partial++
			}
		}
		all = append(all, took...)
		slices.Sort(took)
		b.add("  "+kind.name+", p50", milliseconds(quantile(took, .5)), "ms")
		b.add("  "+kind.name+", p99", milliseconds(quantile(took, .99)), "ms")
	}
	b.aim("  a thousand questions, p50", milliseconds(quantile(all, .5)), "ms", 30)
	b.aim("  a thousand questions, p99", milliseconds(quantile(all, .99)), "ms", 150)
	b.add("  of them not answered in full", float64(partial), "")
	return nil
}
