package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// searchMix asks a thousand questions of all kinds, one after the other, while the source is harvested and everything in it has
// changed, and the index follows.
func (b *bench) searchMix(ctx context.Context, x *search.Index) error {
	following, stop := context.WithCancel(ctx)
	followed, harvested := make(chan error, 1), make(chan error, 1)
	go func() { followed <- x.Run(following) }()
	b.provider.revision.Add(1)
	go func() {
		_, err := b.harvestOnce(ctx, "synthetic", pipeline.Counts{Updated: int64(b.records)})
		harvested <- err
	}()
	took, partial := make([]time.Duration, 0, 1000), 0
	var failed error
	for i := 0; i < cap(took) && failed == nil; i++ {
		q := b.question(i)
		q.Limit = 25
		began := time.Now()
		var found *search.Found
		if found, failed = x.Find(ctx, &q); failed == nil && found.Partial {
			partial++
		}
		took = append(took, time.Since(began))
	}
	failed = errors.Join(failed, <-harvested)
	ended := time.Now()
	for failed == nil && x.Behind() > 0 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	caughtUp := time.Since(ended)
	stop()
	if err := errors.Join(failed, <-followed); err != nil {
		return err
	}
	slices.Sort(took)
	b.add("search: a thousand questions beside a harvest, p50", milliseconds(took[len(took)/2]), "ms")
	b.add("search: a thousand questions beside a harvest, p99", milliseconds(took[len(took)*99/100]), "ms")
	b.add("search: of them not answered in full", float64(partial), "")
	b.add("search: the index has read everything, after the harvest", caughtUp.Seconds(), "s")
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// question is the next one of the mix.
func (b *bench) question(i int) search.Query {
	common, other := words[i%len(words)], words[(i*5+3)%len(words)]
	switch i % 10 {
	case 0:
		return search.Query{Text: fmt.Sprint(i * 97 % b.records)}
	case 1:
		return search.Query{Text: common}
	case 2:
		return search.Query{Text: common + " " + other}
	case 3:
		return search.Query{Text: fmt.Sprint("zzz", i)}
	case 4:
		return search.Query{Text: common, Chosen: map[string][]string{search.Kind: {"Documents"}, search.Language: {"eng", "en"}, search.Decade: {"1950", "1960"}}}
	case 5:
		return search.Query{Text: `"` + common + ` and"`}
	case 6:
		return search.Query{From: "1957", To: "1957"}
	case 7:
		return search.Query{Text: common, Sort: search.Early, Offset: 9000}
	case 8:
		return search.Query{Sort: search.Newest}
	}
	return search.Query{Text: fmt.Sprint("creator:author ", i%977)}
}

// searchDepth reads pieces of everything that a search finds, the first one and the last one.
func (b *bench) searchDepth(ctx context.Context, x *search.Index) error {
	head, err := x.Find(ctx, &search.Query{Limit: 1})
	if err != nil {
		return err
	}
	for _, at := range []struct {
		name  string
		after int64
	}{{"first", 0}, {"last", head.Place.Seq - 200}} {
		took := make([]time.Duration, 0, 40)
		for range cap(took) {
			began := time.Now()
			if _, err := x.Walk(ctx, &search.Query{Text: "revision"}, at.after, 100); err != nil {
				return err
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.add("search: by cursor, the "+at.name+" hundred of all records, p50", milliseconds(took[len(took)/2]), "ms")
	}
	return nil
}
