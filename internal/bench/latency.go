package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"regexp"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var propagation = regexp.MustCompile(`(?m)^sheaf_propagation_seconds_bucket\{stage="acknowledged",le="([^"]+)"\} (\S+)$`)

// latency measures the time from a commit to the acknowledgement of its last event while every
// record changes, from the gateway's own histogram.
func (b *bench) latency(ctx context.Context) error {
	before, err := b.buckets(ctx)
	if err != nil {
		return err
	}
	b.provider.revision.Add(1)
	if err := b.client.Harvest(ctx, "synthetic", pipeline.Order{Full: true}, func(l *control.HarvestLine) error {
		if l.Error != "" {
			return errors.New(l.Error)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := b.published(ctx); err != nil {
		return err
	}
	after, err := b.buckets(ctx)
	if err != nil {
		return err
	}
	b.quantiles("every record changing", before, after, 0)
	return nil
}

// quantiles adds the median and the 99th percentile of what was measured between two looks at the histogram, and what
// the latter should come to.
func (b *bench) quantiles(while string, before, after []bucket, aim float64) {
	total := after[len(after)-1].count - before[len(before)-1].count
	for _, q := range []float64{.5, .99} {
		for i := range after {
			if after[i].count-before[i].count >= q*total {
				if q < .99 {
					b.add("commit to acknowledged event, "+while+", p50 ≤", after[i].upTo*1000, "ms")
				} else {
					b.aim("commit to acknowledged event, "+while+", p99 ≤", after[i].upTo*1000, "ms", aim)
				}
				break
			}
		}
	}
}

type bucket struct{ upTo, count float64 }

func (b *bench) buckets(ctx context.Context) (out []bucket, err error) {
	body, err := b.get(ctx, b.gateway.Addresses().Ops+"metrics", "")
	if err != nil {
		return nil, err
	}
	for _, m := range propagation.FindAllSubmatch(body, -1) {
		upTo, err1 := strconv.ParseFloat(string(m[1]), 64)
		count, err2 := strconv.ParseFloat(string(m[2]), 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		out = append(out, bucket{upTo, count})
	}
	if len(out) == 0 {
		return nil, errors.New("the gateway has no histogram of propagation")
	}
	return out, nil
}

// gunzip gives the plain body, which is valid until the next one.
func (b *bench) gunzip(zipped []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	b.plain.Reset()
	_, err = b.plain.ReadFrom(r)
	return b.plain.Bytes(), err
}
