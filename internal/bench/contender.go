package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const benchNamespace = "bench.example.org"

// A contender is the log in one database, without the gateway around it.
type contender struct {
	log interface {
		pipeline.Log
		endpoint.Log
		Close() error
	}
	doors *endpoint.Repository
	base  *pgtest.Database // nil for SQLite
	dir   string
	runs  map[string]*pipeline.Run
}

// onSQLite opens a new log in a file.
func onSQLite(ctx context.Context, dir string) (*contender, error) {
	log, err := sqlite.Open(ctx, dir, sqlite.Options{Namespace: benchNamespace})
	if err != nil {
		return nil, err
	}
	return &contender{log: log, doors: &endpoint.Repository{Log: log}, dir: dir, runs: map[string]*pipeline.Run{}}, nil
}

// onPostgres opens a new log in a database of the server.
func onPostgres(ctx context.Context, s *pgtest.Server, dir, name string) (*contender, error) {
	if err := s.Exec("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0"); err != nil {
		return nil, err
	}
	base := s.Database(name)
	log, err := postgres.Open(ctx, dir, postgres.Options{DSN: base.DSN(), Namespace: benchNamespace, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return &contender{log: log, doors: &endpoint.Repository{Log: log}, base: base, dir: dir, runs: map[string]*pipeline.Run{}}, nil
}

// newServer starts a PostgreSQL as its operators would: what is acknowledged is on the disk.
func newServer() (*pgtest.Server, error) {
	return pgtest.Start("shared_buffers=512MB", "checkpoint_timeout=15min", "max_wal_size=4GB", "fsync=on")
}

// A cost is what something took: processor time, of the database's server too, and time on the clock.
type cost struct{ processor, clock time.Duration }

func (c *cost) add(d cost) { c.processor += d.processor; c.clock += d.clock }

// measure runs f, and says what it took. Asking for the processor time of a server takes some itself, which is not counted.
func (c *contender) measure(f func() error) (took cost, err error) {
	server, err := c.server()
	if err != nil {
		return cost{}, err
	}
	own, start := processorTime(), time.Now()
	if err := f(); err != nil {
		return cost{}, err
	}
	took = cost{processorTime() - own, time.Since(start)}
	after, err := c.server()
	took.processor += after - server
	return took, err
}

// server is the processor time of the database's server; zero for SQLite.
func (c *contender) server() (time.Duration, error) {
	if c.base == nil {
		return 0, nil
	}
	return c.base.Server().Used()
}

// begin begins a full pass of a source.
func (c *contender) begin(ctx context.Context, source string) (err error) {
	c.runs[source], err = c.log.Begin(ctx, source, pipeline.FromTheStart)
	return err
}

// commit stores a page of the source's pass.
func (c *contender) commit(ctx context.Context, source string, b pipeline.Batch) error {
	run := c.runs[source]
	b.Run, b.From, b.Full = run, run.Cursor, true
	at, _ := strconv.Atoi(string(run.Cursor)) // 0 at the start of a pass
	b.Next = harvest.Cursor(strconv.Itoa(at + 1))
	receipt, err := c.log.Commit(ctx, &b)
	if err != nil {
		return err
	}
	if n := receipt.Counts.Changes(); n != int64(len(b.Changes)) {
		return fmt.Errorf("a page changed %d records of %d", n, len(b.Changes))
	}
	next := *run
	next.Cursor = b.Next
	c.runs[source] = &next
	return nil
}

// size is what the log takes on the disk, after what is dead has been given back where asked.
func (c *contender) size(vacuum bool) (float64, error) {
	if c.base != nil {
		if vacuum {
			if err := c.base.Exec("VACUUM"); err != nil {
				return 0, err
			}
		}
		n, err := c.base.Size()
		return float64(n), err
	}
	var n int64
	err := filepath.WalkDir(c.dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		n += info.Size()
		return err
	})
	return float64(n), err
}

func (c *contender) close() error { return c.log.Close() }

// A maker makes the records that are stored, as the pipeline would of those of a provider.
type maker struct {
	source string
	rules  *rules.Rules
}

func newMaker(source string) (*maker, error) {
	m, err := mapping()
	if err != nil {
		return nil, err
	}
	return &maker{source: source, rules: by(m)}, nil
}

func (m *maker) identifier(i int) string {
	return fmt.Sprintf("oai:%s:%s/item/%07d", benchNamespace, m.source, i)
}

func input(i int, revision int64) pipeline.Hash {
	return sha256.Sum256(fmt.Append(nil, i, "/", revision))
}

// change makes a revision of record i.
func (m *maker) change(i int, revision int64) (pipeline.Change, error) {
	item := &harvest.Item{
		Key: fmt.Sprintf("item/%07d", i), Original: appendOAIDC(nil, i, revision),
		Format: harvest.Format{Prefix: "oai_dc", Namespace: dublincore.NamespaceOAIDC, Schema: dublincore.SchemaOAIDC},
	}
	from := pipeline.Origin{BaseURL: "https://synthetic.example.org/oai", Identifier: "oai:synthetic.example.org:" + item.Key, Datestamp: stamp, Format: item.Format}
	sets := []string{m.source, m.source + ":" + string('a'+rune(i%5))}
	made, err := m.rules.Map(m.identifier(i), sets, &from, item)
	if err != nil {
		return pipeline.Change{}, err
	}
	return pipeline.Change{
		Identifier: m.identifier(i), Input: input(i, revision), Fingerprint: made.Fingerprint, Sets: made.Sets, Origin: from, Formats: made.Formats,
		Rights: made.Rights, DC: made.DC, OAIDC: made.OAIDC, Original: item.Original, Rules: "bench", Notes: made.Notes,
	}, nil
}

// page is a batch with a revision of each of the records.
func (m *maker) page(records []int, revision int64) (b pipeline.Batch, err error) {
	for _, i := range records {
		c, err2 := m.change(i, revision)
		b.Changes, err = append(b.Changes, c), errors.Join(err, err2)
	}
	return b, err
}

// inOrder and atRandom are the numbers of so many records.
func inOrder(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func atRandom(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n) }
