package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	committers  = 4
	storesTurns = 12 // in which the databases take turns, so that a machine that is busy for a while is so for both
	listPage    = 100
)

// A race measures the log in PostgreSQL beside the one in SQLite: the same records, in turns.
type race struct {
	sqlite, postgres *contender
	server           *pgtest.Server
	records          int
	maker            *maker
	figures          []Figure
}

// stores measures what PostgreSQL costs beside SQLite, against what was demanded of it before it was built. What is on the clock
// depends on the disk and on what else the machine does; ratios of processor time hardly do.
func stores(ctx context.Context, records int, parent string) (_ []Figure, err error) {
	dir, err := os.MkdirTemp(parent, "sheaf-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &race{records: records - records%(pageSize*committers)}
	if r.records == 0 {
		return nil, fmt.Errorf("-store needs %d records or more", pageSize*committers)
	}
	if r.maker, err = newMaker("synthetic"); err != nil {
		return nil, err
	}
	if r.server, err = newServer(); err != nil {
		return nil, err
	}
	defer r.server.Remove()
	if r.sqlite, err = onSQLite(ctx, filepath.Join(dir, "sqlite")); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.sqlite.close()) }()
	if r.postgres, err = onPostgres(ctx, r.server, filepath.Join(dir, "postgres"), "bench"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.postgres.close()) }()
	for _, step := range []func(context.Context) error{r.load, r.commitAtOnce, r.smallPages, r.pages, r.asks, r.unchanged, r.changes, r.headLocked, r.replicated} {
		if err := step(ctx); err != nil {
			return r.figures, err
		}
	}
	return r.figures, nil
}

// most and least are demands.
func (r *race) most(name string, v, bound float64, unit string) {
	r.figures = append(r.figures, Figure{Name: name, Value: v, Unit: unit, Most: bound})
}

func (r *race) least(name string, v, bound float64, unit string) {
	r.figures = append(r.figures, Figure{Name: name, Value: v, Unit: unit, Least: bound})
}

// both has both do the same n things, in turns, and gives what each took.
func (r *race) both(n int, prepare func(i int) (func(*contender) error, error)) (sqlite, postgres cost, err error) {
	turn := max(n/storesTurns, 1)
	for from := 0; from < n; from += turn {
		var todo []func(*contender) error
		for i := from; i < min(from+turn, n); i++ {
			f, err := prepare(i)
			if err != nil {
				return cost{}, cost{}, err
			}
			todo = append(todo, f)
		}
		order := []*contender{r.sqlite, r.postgres}
		if from/turn%2 == 1 {
			slices.Reverse(order)
		}
		for _, c := range order {
			took, err := c.measure(func() error {
				for _, f := range todo {
					if err := f(c); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return cost{}, cost{}, err
			}
			if c == r.sqlite {
				sqlite.add(took)
			} else {
				postgres.add(took)
			}
		}
	}
	return sqlite, postgres, nil
}

// pass stores a full pass of a source, by pages of so many records.
func (r *race) pass(ctx context.Context, m *maker, records []int, revision int64, size int) (sqlite, postgres cost, err error) {
	for _, c := range []*contender{r.sqlite, r.postgres} {
		if err := c.begin(ctx, m.source); err != nil {
			return cost{}, cost{}, err
		}
	}
	pages := slices.Collect(slices.Chunk(records, size))
	return r.both(len(pages), func(i int) (func(*contender) error, error) {
		b, err := m.page(pages[i], revision)
		return func(c *contender) error { return c.commit(ctx, m.source, b) }, err
	})
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

// each says what one of n things took in each database.
func (r *race) each(name string, n int, sqlite, postgres time.Duration) {
	r.figures = append(r.figures,
		Figure{Name: "  " + name + ", SQLite", Value: sqlite.Seconds() * 1e6 / float64(n), Unit: "µs"},
		Figure{Name: "  " + name + ", PostgreSQL", Value: postgres.Seconds() * 1e6 / float64(n), Unit: "µs"})
}

func (r *race) load(ctx context.Context) error {
	s, p, err := r.pass(ctx, r.maker, inOrder(r.records), 0, pageSize)
	if err != nil {
		return err
	}
	r.most("load, pages of 500, processor time", ratio(p.processor, s.processor), 1.2, ratioUnit)
	r.each("a record", r.records, s.processor, p.processor)
	return nil
}

// commitAtOnce loads sources of their own with four committers.
func (r *race) commitAtOnce(ctx context.Context) error {
	took := map[*contender]time.Duration{}
	pages := r.records / pageSize / committers
	const rounds = 3
	for round := range rounds {
		todo := make([][]pipeline.Batch, committers)
		makers := make([]*maker, committers)
		for n := range committers {
			m, err := newMaker(fmt.Sprintf("source-%d", n))
			if err != nil {
				return err
			}
			makers[n] = m
			for from := round * pages / rounds; from < (round+1)*pages/rounds; from++ {
				b, err := m.page(inOrder((from + 1) * pageSize)[from*pageSize:], 0)
				if err != nil {
					return err
				}
				todo[n] = append(todo[n], b)
			}
		}
		for _, c := range []*contender{r.sqlite, r.postgres} {
			for n := range committers {
				if c.runs[makers[n].source] == nil {
					if err := c.begin(ctx, makers[n].source); err != nil {
						return err
					}
				}
			}
			one, err := c.measure(func() error {
				var all sync.WaitGroup
				errs := make([]error, committers)
				for n := range committers {
					all.Go(func() {
						run := *c.runs[makers[n].source]
						own := &contender{log: c.log, runs: map[string]*pipeline.Run{makers[n].source: &run}}
						for _, b := range todo[n] {
							errs[n] = errors.Join(errs[n], own.commit(ctx, makers[n].source, b))
						}
						*c.runs[makers[n].source] = *own.runs[makers[n].source]
					})
				}
				all.Wait()
				return errors.Join(errs...)
			})
			if err != nil {
				return err
			}
			took[c] += one.clock
		}
	}
	r.least("load, 4 committers, clock, SQLite ÷ PostgreSQL", ratio(took[r.sqlite], took[r.postgres]), .8, ratioUnit)
	return nil
}

func (r *race) smallPages(ctx context.Context) error {
	m, err := newMaker("small")
	if err != nil {
		return err
	}
	n := r.records / 3
	s, p, err := r.pass(ctx, m, inOrder(n), 0, listPage)
	if err != nil {
		return err
	}
	r.most("load, pages of 100, processor time", ratio(p.processor, s.processor), 1.25, ratioUnit)
	r.each("a record", n, s.processor, p.processor)
	return nil
}

// list reads pages of a list, in turns, and gives what the pages took in each.
func (r *race) list(ctx context.Context, set string) (sqlite, postgres []time.Duration, s, p cost, err error) {
	after := map[*contender]string{}
	ended := 0
	for n := 0; ended < 2; n++ {
		order := []*contender{r.sqlite, r.postgres}
		if n%2 == 1 {
			slices.Reverse(order)
		}
		for _, c := range order {
			if n > 0 && after[c] == "" {
				continue
			}
			took, err := c.measure(func() error {
				left := listPage
				listing, err := c.doors.List(ctx, &oaipmh.Query{Prefix: "oai_dc", Set: set, After: after[c]}, func(*oaipmh.Record) bool {
					left--
					return left >= 0
				})
				if err == nil {
					if after[c] = listing.Next; after[c] == "" {
						ended++
					}
				}
				return err
			})
			if err != nil {
				return nil, nil, cost{}, cost{}, err
			}
			if c == r.sqlite {
				sqlite = append(sqlite, took.clock)
				s.add(took)
			} else {
				postgres = append(postgres, took.clock)
				p.add(took)
			}
		}
	}
	return sqlite, postgres, s, p, nil
}

func (r *race) pages(ctx context.Context) error {
	sqlite, postgres, s, p, err := r.list(ctx, "")
	if err != nil {
		return err
	}
	third := len(postgres) / 3
	start, end := quantile(slices.Clone(postgres[:third]), .5), quantile(slices.Clone(postgres[len(postgres)-third:]), .5)
	r.most("page of 100, processor time", ratio(p.processor, s.processor), 3, ratioUnit)
	r.each("a page", len(postgres), s.processor, p.processor)
	r.least("page of 100, clock, one client, SQLite ÷ PostgreSQL", ratio(quantile(sqlite, .5), quantile(postgres, .5)), .25, ratioUnit)
	r.most("page of 100, at the end ÷ at the start", ratio(end, start), 1.1, ratioUnit)
	if sqlite, postgres, _, _, err = r.list(ctx, r.maker.source+":a"); err != nil {
		return err
	}
	r.least("page of a set, clock, SQLite ÷ PostgreSQL", ratio(quantile(sqlite, .5), quantile(postgres, .5)), .4, ratioUnit)
	return nil
}

// asks asks for single records, and for what the log has of many.
func (r *race) asks(ctx context.Context) error {
	random := atRandom(r.records)
	s, p, err := r.both(min(5000, r.records), func(i int) (func(*contender) error, error) {
		return func(c *contender) error {
			_, _, err := c.doors.Get(ctx, r.maker.identifier(random[i]), "oai_dc")
			return err
		}, nil
	})
	if err != nil {
		return err
	}
	r.least("get, clock, SQLite ÷ PostgreSQL", ratio(s.clock, p.clock), .35, ratioUnit)
	s, p, err = r.both(r.records/pageSize, func(i int) (func(*contender) error, error) {
		asks := make([]pipeline.Ask, pageSize)
		for n := range asks {
			asks[n] = pipeline.Ask{Identifier: r.maker.identifier(i*pageSize + n), Input: input(i*pageSize+n, 0)}
		}
		return func(c *contender) error {
			_, err := c.log.Known(ctx, asks)
			return err
		}, nil
	})
	if err != nil {
		return err
	}
	r.least("known, 500 at once, clock, SQLite ÷ PostgreSQL", ratio(s.clock, p.clock), 3, ratioUnit)
	return nil
}

func (r *race) unchanged(ctx context.Context) error {
	for _, c := range []*contender{r.sqlite, r.postgres} {
		if err := c.begin(ctx, r.maker.source); err != nil {
			return err
		}
	}
	s, p, err := r.both(r.records/pageSize, func(i int) (func(*contender) error, error) {
		var b pipeline.Batch
		for n := i * pageSize; n < (i+1)*pageSize; n++ {
			b.Unchanged = append(b.Unchanged, pipeline.Seen{Identifier: r.maker.identifier(n), Input: input(n, 0)})
		}
		return func(c *contender) error { return c.commit(ctx, r.maker.source, b) }, nil
	})
	if err != nil {
		return err
	}
	r.least("unchanged, pages of 500, processor time, SQLite ÷ PostgreSQL", ratio(s.processor, p.processor), .35, ratioUnit)
	r.each("a record", r.records, s.processor, p.processor)
	return nil
}

// changes changes every record three times, then a tenth of them twenty times, and looks how much room that takes.
func (r *race) changes(ctx context.Context) error {
	loaded, err := r.postgres.size(true)
	if err != nil {
		return err
	}
	for revision, what := range []struct {
		name    string
		records []int
		most    float64
	}{{"every record changes, in order, processor time", inOrder(r.records), 1.3}, {"every record changes, at random, processor time", atRandom(r.records), .9}, {"", inOrder(r.records), 0}} {
		s, p, err := r.pass(ctx, r.maker, what.records, int64(revision+1), pageSize)
		if err != nil {
			return err
		}
		if what.name != "" {
			r.most(what.name, ratio(p.processor, s.processor), what.most, ratioUnit)
			r.each("a record", r.records, s.processor, p.processor)
		}
	}
	changed, err := r.postgres.size(true)
	if err != nil {
		return err
	}
	r.most("size after 3 full changes and VACUUM ÷ after the load", changed/loaded, 1.8, ratioUnit)
	for revision := range 20 {
		if err := r.postgres.begin(ctx, r.maker.source); err != nil {
			return err
		}
		for some := range slices.Chunk(atRandom(r.records)[:r.records/10], pageSize) {
			b, err := r.maker.page(some, int64(revision+10))
			if err != nil {
				return err
			}
			if err := r.postgres.commit(ctx, r.maker.source, b); err != nil {
				return err
			}
		}
		if changed, err = r.postgres.size(true); err != nil {
			return err
		}
	}
	r.most("size after 20 times a tenth ÷ after the load", changed/loaded, 1.25, ratioUnit)
	return nil
}

// headLocked says how long a commit of 500 records locks the head of the log: twice what somebody else waits for it in the
// median, who comes at any moment of that time.
func (r *race) headLocked(ctx context.Context) error {
	other, err := pgx.Connect(ctx, r.postgres.base.DSN())
	if err != nil {
		return err
	}
	defer other.Close(context.WithoutCancel(ctx))
	m, err := newMaker("locking")
	if err != nil {
		return err
	}
	if err := r.postgres.begin(ctx, m.source); err != nil {
		return err
	}
	var waited []time.Duration
	for i := range r.records / pageSize {
		b, err := m.page(inOrder((i + 1) * pageSize)[i*pageSize:], 0)
		if err != nil {
			return err
		}
		done := make(chan error, 1)
		go func() { done <- r.postgres.commit(ctx, m.source, b) }()
		for committing := true; committing; {
			select {
			case err := <-done:
				if err != nil {
					return err
				}
				committing = false
			case <-time.After(3 * time.Millisecond):
				start := time.Now()
				if _, err := other.Exec(ctx, "SELECT seq FROM log_head FOR UPDATE"); err != nil {
					return err
				}
				if took := time.Since(start); took > time.Millisecond {
					waited = append(waited, took)
				}
			}
		}
	}
	if len(waited) > 0 { // else the machine is so fast that nobody met the lock
		r.most("head locked by 500 records", 2*quantile(waited, .5).Seconds()*1000, 25, "ms")
	}
	return nil
}

// replicated loads with a replica that each commit waits for, and without, in turns.
func (r *race) replicated(ctx context.Context) error {
	replica, err := r.server.NewReplica("second")
	if err != nil {
		return err
	}
	defer replica.Remove()
	m, err := newMaker("replicated")
	if err != nil {
		return err
	}
	if err := r.postgres.begin(ctx, m.source); err != nil {
		return err
	}
	var took [2]time.Duration // alone, and with the replica
	pages := slices.Collect(slices.Chunk(inOrder(r.records), pageSize))
	for turn := range storesTurns {
		names := ""
		if turn%2 == 1 {
			names = "ANY 1 (second)"
		}
		if err := r.server.Set("synchronous_standby_names", names); err != nil {
			return err
		}
		var todo []pipeline.Batch
		for _, records := range pages[turn*len(pages)/storesTurns : (turn+1)*len(pages)/storesTurns] {
			b, err := m.page(records, 0)
			if err != nil {
				return err
			}
			todo = append(todo, b)
		}
		one, err := r.postgres.measure(func() error {
			for _, b := range todo {
				if err := r.postgres.commit(ctx, m.source, b); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		took[turn%2] += one.clock / time.Duration(max(len(todo), 1))
	}
	r.least("load with a synchronous replica, clock, alone ÷ with it", ratio(took[0], took[1]), .9, ratioUnit)
	return r.server.Set("synchronous_standby_names", "")
}
