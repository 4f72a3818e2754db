package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Many sources at once, on a few hosts.
const (
	manySources = 50
	manyHosts   = 10
)

// A crowdedHost is one with several repositories, which counts how many requests it has at a time.
type crowdedHost struct {
	provider
	now, most atomic.Int32
	server    http.Server
}

// ServeHTTP answers for each of them.
func (h *crowdedHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := h.now.Add(1)
	defer h.now.Add(-1)
	for most := h.most.Load(); now > most && !h.most.CompareAndSwap(most, now); most = h.most.Load() {
	}
	h.provider.ServeHTTP(w, r)
}

// openHosts opens the hosts, and gives the configuration of their sources. Each host has an address of its own, because a host
// is asked one thing at a time whatever its ports are.
func (b *bench) openHosts() (text string, err error) {
	for n := range manyHosts {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.1.%d:0", n+1))
		if err != nil {
			return "", err
		}
		h := &crowdedHost{provider: provider{records: b.records / manySources, page: pageSize, base: "http://" + l.Addr().String() + "/oai"}}
		h.server.Handler = h
		go h.server.Serve(l)
		b.hosts = append(b.hosts, h)
	}
	for n := range manySources {
		text += fmt.Sprintf("  many-%d: {kind: oai, from: '%s/%d', every: 366d, http: {pause: 0s}}\n", n, b.hosts[n%manyHosts].base, n)
	}
	return text, nil
}

// many measures a first harvest of all of them at once: how busy the processors are, and that no host is asked two things at
// a time.
func (b *bench) many(ctx context.Context) error {
	clean, used, start := newPeak(), processorTime(), time.Now()
	var added atomic.Int64
	var all errgroup.Group
	for n := range manySources {
		all.Go(func() error {
			var last control.HarvestLine
			err := b.client.Harvest(ctx, fmt.Sprintf("many-%d", n), pipeline.Order{Full: true}, func(l *control.HarvestLine) error { last = *l; return nil })
			if err == nil && last.Error != "" {
				err = fmt.Errorf("many-%d: %s", n, last.Error)
			}
			added.Add(last.Counts.Added)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if want := int64(manySources * (b.records / manySources)); added.Load() != want {
		return fmt.Errorf("%d sources gave %d records, want %d", manySources, added.Load(), want)
	}
	took, used := time.Since(start), processorTime()-used
	b.add(fmt.Sprintf("%d sources on %d hosts at once: fetch, parse, map, commit", manySources, manyHosts), float64(added.Load())/took.Seconds(), "records/s")
	b.add("  processors busy, with the sources", used.Seconds()/took.Seconds(), "")
	most := int32(0)
	for _, h := range b.hosts {
		most = max(most, h.most.Load())
	}
	b.aim("  requests that a host had at a time, at most", float64(most), "", 1)
	if clean {
		b.add("  peak memory of the process, with the sources", resident("VmHWM"), "MB")
	}
	return nil
}
