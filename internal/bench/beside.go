package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	besidePages  = 400 // different pages, more than any cache of one page would hold
	besideRounds = 6
	besideTurn   = 400 * time.Millisecond
)

// beside measures how many pages a second many clients get, beside nginx with the same bytes as files.
// They take turns, so that a machine that is busy for a while is so for all.
func (b *bench) beside(ctx context.Context) (err error) {
	dir := filepath.Join(b.dir, "nginx")
	paths, err := b.save(ctx, filepath.Join(dir, "pages"))
	if err != nil {
		return err
	}
	nginx := ""
	if _, err := os.Stat(nginxPath); err == nil {
		base, stop, err := startNginx(ctx, dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		nginx = base
	} else {
		b.add("nginx is not there (Debian: nginx-light): no ratios", 0, "")
	}
	for _, encoding := range []string{"identity", "gzip"} {
		if err := b.turns(ctx, nginx, paths, encoding); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) turns(ctx context.Context, nginx string, paths []string, encoding string) error {
	public := b.gateway.Addresses().Public
	files := make([]string, len(paths))
	for i := range files {
		files[i] = fmt.Sprintf("/%d.xml", i)
	}
	all := []*target{}
	for _, t := range []struct {
		name, base string
		paths      []string
	}{
		{"pages read from the log", public, paths}, {"one page served again", public, paths[:1]},
		{"nginx, many files", nginx, files}, {"nginx, one file", nginx, files[:1]},
	} {
		if t.base == "" {
			continue
		}
		one, err := newTarget(t.name, t.base, t.paths, encoding)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	all[0].Headers = "Cache-Control: no-cache\r\n"
	for range besideRounds {
		for _, t := range all {
			if _, err := t.load(ctx, besideTurn); err != nil {
				return err
			}
		}
	}
	for _, t := range all {
		b.add(fmt.Sprintf("%d clients, %s, %s", *clients, t.Name, encoding), t.rate(), "pages/s")
	}
	if nginx != "" {
		b.add("  pages read from the log ÷ nginx, "+encoding, all[0].rate()/all[2].rate(), ratioUnit)
		b.add("  one page served again ÷ nginx, "+encoding, all[1].rate()/all[3].rate(), ratioUnit)
	}
	return nil
}

// save writes pages of the gateway into a folder, plain and compressed as it sends them, and gives the
// paths under which the gateway has them.
func (b *bench) save(ctx context.Context, dir string) (paths []string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for i, arguments := range b.pages[:min(besidePages, len(b.pages))] {
		path := "/oai?verb=ListRecords&" + arguments
		for encoding, suffix := range map[string]string{"identity": "", "gzip": ".gz"} {
			body, err := b.get(ctx, b.gateway.Addresses().Public+path[1:], encoding)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.xml%s", i, suffix)), body, 0o600); err != nil {
				return nil, err
			}
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// pace is how often a harvester that takes what it gets apart comes for the next page.
const pace = 50 * time.Millisecond

// mixed measures how long pages take while a harvest changes every record: of clients that come as
// fast as they can, and of clients at a pace.
func (b *bench) mixed(ctx context.Context) error {
	paths := make([]string, 0, len(b.pages))
	for _, arguments := range b.pages {
		paths = append(paths, "/oai?verb=ListRecords&"+arguments)
	}
	for _, kind := range []struct {
		name string
		pace time.Duration
	}{
		{fmt.Sprintf("%d clients, a page each %v, while a harvest changes every record", *clients, pace), pace},
		{fmt.Sprintf("%d clients, as fast as they can, while a harvest changes every record", *clients), 0},
	} {
		all, err := newTarget(kind.name, b.gateway.Addresses().Public, paths, "identity")
		if err != nil {
			return err
		}
		all.Pace = kind.pace
		if err := b.beneath(ctx, all); err != nil {
			return err
		}
	}
	return nil
}

// beneath loads a target while a harvest changes every record.
func (b *bench) beneath(ctx context.Context, all *target) error {
	b.provider.revision.Add(1)
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	harvested := make(chan error, 1)
	begin := time.Now()
	var took time.Duration
	go func() {
		defer cancel()
		err := b.client.Harvest(ctx, "synthetic", pipeline.Order{Full: true}, func(l *control.HarvestLine) error {
			if l.Error != "" {
				return errors.New(l.Error)
			}
			return nil
		})
		took = time.Since(begin)
		harvested <- err
	}()
	loaded, err := all.load(reading, time.Hour)
	if err := errors.Join(err, <-harvested); err != nil {
		return err
	}
	b.add(all.Name, all.rate(), "pages/s")
	b.add("  a page takes, p50", loaded.P50.Seconds()*1000, "ms")
	b.add("  a page takes, p99", loaded.P99.Seconds()*1000, "ms")
	if loaded.Refused > 0 {
		b.add("  requests that were told to come later", float64(loaded.Refused)*100/float64(loaded.Requests), "%")
	}
	b.add("  and the harvest comes to", float64(b.records)/took.Seconds(), "records/s")
	return b.published(ctx)
}
