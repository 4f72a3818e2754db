package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// pageSize is what the synthetic source gives at once: what good repositories give.
const pageSize = 500

type bench struct {
	records  int
	dir      string
	provider *provider
	config   *config.Config
	gateway  *app.Gateway
	stop     func() error // stops the gateway
	client   *control.Client
	pages    []string // the arguments of each page of the list but the last
	figures  []Figure
	hosts    []*crowdedHost
	large    *http.Server

	mapped    float64 // records a second of the processor, of those that are harvested; 0 if it was not measured
	harvested float64 // records a second, until every event is acknowledged

	body, plain bytes.Buffer // of the last answer
}

func (b *bench) add(name string, v float64, unit string) { b.aim(name, v, unit, 0) }

// aim adds a figure beside what it should come to.
func (b *bench) aim(name string, v float64, unit string, aim float64) {
	b.figures = append(b.figures, Figure{Name: name, Value: v, Unit: unit, Aim: aim})
}

// A part is something to measure. Those with gateway need one; those with harvested need one that has harvested, and those with
// pages one whose lists have been walked too.
type part struct {
	name                      string
	gateway, harvested, pages bool
	run                       func(*bench, context.Context) error
}

var parts = []part{
	{"mapping", false, false, false, (*bench).mapping},
	{"indexed", false, false, false, (*bench).indexed},
	{"remap", false, false, false, (*bench).remap},
	{"harvest", true, false, false, (*bench).harvest},
	{"reconcile", true, true, false, (*bench).reconcile},
	{"serve", true, true, false, (*bench).serve},
	{"beside", true, true, true, (*bench).beside},
	{"mixed", true, true, true, (*bench).mixed},
	{"latency", true, true, false, (*bench).latency},
	{"changes", true, true, false, (*bench).changes},
	{"follow", true, true, false, (*bench).follow},
	{"webhooks", true, true, false, (*bench).webhooks},
	{"search", true, true, false, (*bench).search},
	{"publish", true, true, false, (*bench).publish},
	{"files", true, false, false, (*bench).files},
	{"size", true, true, false, (*bench).size},
	{"restart", true, true, false, (*bench).restart},
	{"many", true, false, false, (*bench).many},
	{"large", true, false, false, (*bench).largeLists},
	{"peers", true, true, false, (*bench).peers},
}

// measure puts a gateway on a new folder through the parts that are asked for; through all if none is.
// What harvests and lists the gateway comes before all that needs it.
func measure(ctx context.Context, records int, parent string, only []string) (_ []Figure, err error) {
	b := &bench{records: records}
	if b.dir, err = os.MkdirTemp(parent, "sheaf-bench-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	running := false
	for _, p := range parts {
		asked := len(only) == 0 || slices.Contains(only, p.name)
		asked = asked || slices.ContainsFunc(parts, func(q part) bool {
			return slices.Contains(only, q.name) && (p.name == "harvest" && q.harvested || p.name == "serve" && q.pages)
		})
		if !asked {
			continue
		}
		if p.gateway && !running {
			newPeak()
			stop, err2 := b.start(ctx)
			if err2 != nil {
				return nil, err2
			}
			defer func() { err = errors.Join(err, stop()) }()
			running = true
		}
		if err := p.run(b, ctx); err != nil {
			return nil, err
		}
	}
	return b.figures, nil
}

// start runs the source and the gateway.
func (b *bench) start(ctx context.Context) (stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b.provider = &provider{records: b.records, page: pageSize, base: "http://" + l.Addr().String() + "/oai"}
	source := &http.Server{Handler: b.provider}
	go source.Serve(l)
	if err := b.writeMapping(); err != nil {
		return nil, err
	}
	many, err := b.openHosts()
	if err != nil {
		return nil, err
	}
	large, err := b.openLarge()
	if err != nil {
		return nil, err
	}
	cfg, err := config.Parse(filepath.Join(b.dir, "sheaf.yaml"), fmt.Appendf(nil, `
gateway: {name: Bench, namespace: bench.example.org, contact: bench@example.org}
listen: {public: "127.0.0.1:0", ops: "127.0.0.1:0"}
dump: {every: 0s}
events: {listen: "127.0.0.1:%d"}
sources:
  synthetic: {kind: oai, from: "%s", every: 366d, http: {pause: 0s}}
%s%s%s`, freePort(), b.provider.base, b.fileSources(), many, large), app.ConfigOptions())
	if err != nil {
		return nil, err
	}
	app.SpareProcessors() // as sheaf serve does
	app.LimitMemory()
	b.config = cfg
	return func() error {
		for _, h := range b.hosts {
			_ = h.server.Close() // nobody asks any more
		}
		return errors.Join(b.stop(), source.Close(), b.large.Close())
	}, b.run(ctx)
}

// run runs the gateway, on what is in its folder.
func (b *bench) run(ctx context.Context) (err error) {
	b.stop = func() error { return nil }
	if b.gateway, err = app.NewGateway(ctx, b.config, app.Options{Version: "bench", Idle: true}); err != nil {
		return err
	}
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.gateway.Run(running) }()
	b.stop = func() error {
		cancel()
		return <-ended
	}
	client, err := app.Connect(ctx, b.config, app.Options{})
	if err != nil {
		return err
	}
	b.client = client
	b.stop = func() error {
		cancel()
		return errors.Join(client.Close(), <-ended)
	}
	return nil
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// harvest measures a first harvest with every event published, and one that finds nothing new.
func (b *bench) harvest(ctx context.Context) error {
	n := float64(b.records)
	start, used := time.Now(), processorTime()
	took, err := b.harvestOnce(ctx, "synthetic", pipeline.Counts{Added: int64(b.records)})
	if err != nil {
		return err
	}
	if err := b.published(ctx); err != nil {
		return err
	}
	b.add("harvest: fetch, parse, map, commit", n/took.Seconds(), "records/s")
	b.harvested = n / time.Since(start).Seconds()
	b.add("harvest until every event is acknowledged", b.harvested, "records/s")
	anew := (processorTime() - used).Seconds()
	b.add("  processor, with the source", anew*1e6/n, "µs/record")
	if b.mapped > 0 {
		b.add("  harvest ÷ mapping the same records, by processor time", n/anew/b.mapped, ratioUnit)
	}
	if err := b.settled(ctx); err != nil { // the search is not part of what comes
		return err
	}
	used = processorTime()
	if took, err = b.harvestOnce(ctx, "synthetic", pipeline.Counts{Unchanged: int64(b.records)}); err != nil {
		return err
	}
	b.add("harvest again, nothing changed", n/took.Seconds(), "records/s")
	again := (processorTime() - used).Seconds()
	b.add("  processor of that", again*1e6/n, "µs/record")
	b.add("  unchanged ÷ new, by processor time", anew/again, ratioUnit)
	return nil
}

var relaySeq = regexp.MustCompile(`(?m)^sheaf_relay_seq (\S+)$`)

// published waits until the relay has come to the head of the log.
func (b *bench) published(ctx context.Context) error {
	for {
		info, err := b.client.Info(ctx)
		if err != nil {
			return err
		}
		seq, err := b.metric(ctx, relaySeq)
		if err != nil {
			return err
		}
		if int64(seq) >= info.Head.Seq {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (b *bench) metric(ctx context.Context, re *regexp.Regexp) (float64, error) {
	body, err := b.get(ctx, b.gateway.Addresses().Ops+"metrics", "")
	if err != nil {
		return 0, err
	}
	m := re.FindSubmatch(body)
	if m == nil {
		return 0, fmt.Errorf("no metric %s", re)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// partPages bounds how many pages are timed in each part of a list.
const partPages = 200

// serve measures lists: a whole walk by one client, then pages at the start, in the middle and at the
// end. Those take turns, so that a machine that is busy for a while is so for all of them.
func (b *bench) serve(ctx context.Context) error {
	var used [2]time.Duration
	for i, encoding := range []string{"identity", "gzip"} {
		start, before := time.Now(), processorTime()
		pages, err := b.walk(ctx, encoding)
		if err != nil {
			return err
		}
		walked := time.Since(start)
		used[i] = processorTime() - before
		b.add("ListRecords, one client, "+encoding, float64(b.records)/walked.Seconds(), "records/s")
		if b.mapped > 0 {
			b.add("  lists ÷ mapping the same records, by processor time with the client, "+encoding, float64(b.records)/used[i].Seconds()/b.mapped, ratioUnit)
		}
		if b.pages = pages[:max(len(pages)-1, 1)]; len(b.pages) < 3 {
			continue
		}
		part := min(partPages, len(b.pages)/3)
		var took [3][]time.Duration
		for i := range part {
			for at, page := range []int{i, len(b.pages)/2 - part/2 + i, len(b.pages) - part + i} {
				start := time.Now()
				if _, err := b.get(ctx, b.gateway.Addresses().Public+"oai?verb=ListRecords&"+b.pages[page], encoding); err != nil {
					return err
				}
				took[at] = append(took[at], time.Since(start))
			}
		}
		median := func(p []time.Duration) float64 { return quantile(p, .5).Seconds() * 1000 }
		b.add("  median page at the start, "+encoding, median(took[0]), "ms")
		b.add("  median page in the middle, "+encoding, median(took[1]), "ms")
		b.add("  median page at the end, "+encoding, median(took[2]), "ms")
		b.add("  as fast at the end as at the start, "+encoding, median(took[0])/median(took[2]), ratioUnit)
	}
	b.add("  one client, gzip ÷ plain, by processor time with the client", used[0].Seconds()/used[1].Seconds(), ratioUnit)
	return nil
}

var token = regexp.MustCompile(`<resumptionToken[^>]*>([^<]+)</resumptionToken>`)

// walk goes through the list and gives the arguments of each page.
func (b *bench) walk(ctx context.Context, encoding string) (pages []string, err error) {
	base := b.gateway.Addresses().Public + "oai?verb=ListRecords&"
	next, records := "metadataPrefix=oai_dc", 0
	for next != "" {
		body, err := b.get(ctx, base+next, encoding)
		if err != nil {
			return nil, err
		}
		pages = append(pages, next)
		if encoding == "gzip" {
			if body, err = b.gunzip(body); err != nil {
				return nil, err
			}
		}
		records += bytes.Count(body, []byte("<record>"))
		m := token.FindSubmatch(body[max(len(body)-4096, 0):])
		if next = ""; m != nil {
			next = "resumptionToken=" + string(m[1])
		}
	}
	if records != b.records {
		return nil, fmt.Errorf("the walk met %d records of %d", records, b.records)
	}
	return pages, nil
}

// get gives the body of an answer, which is valid until the next one.
func (b *bench) get(ctx context.Context, url, encoding string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if encoding != "" {
		req.Header.Set("Accept-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b.body.Reset()
	_, err = b.body.ReadFrom(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, resp.Status)
	}
	return b.body.Bytes(), err
}

// size tells what the log takes, and what the process took at its peak.
func (b *bench) size(context.Context) error {
	var db, stream int64
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case strings.Contains(path, string(filepath.Separator)+"nats"+string(filepath.Separator)):
			stream += info.Size()
		case d.Name() == "reserve": // of one size, however many records there are
		default:
			db += info.Size()
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.add("disk, log", float64(db)/float64(b.records), "bytes/record")
	b.add("disk, event stream", float64(stream)/float64(b.records), "bytes/record")
	if peak := resident("VmHWM"); peak > 0 {
		b.add("memory, peak resident, with the source and the clients", peak, "MB")
	}
	return nil
}
