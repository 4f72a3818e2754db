package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// schemaVersion is that of schema.sql, and of older logs after additions.go. Changes only add: oldestReader and oldestWriter are the oldest programs (by the
// schema version that they know) that may go on reading and writing this schema.
const (
	schemaVersion = 4
	oldestReader  = 1
	oldestWriter  = 1
)

//go:embed schema.sql
var schema string

//go:embed storage.sql
var storage string

// oldestServer is the oldest version of PostgreSQL with which the log is tested, as server_version_num has it.
const oldestServer = 150000

// Options are how a log is opened. The zero value is fit for use, but for the database.
type Options struct {
	// DSN says where the database is, and as whom to connect: a connection string or a URL of PostgreSQL's.
	DSN string
	// Pooled says that the DSN leads to a pooler which gives the connection to others after each transaction (pooled.go).
	Pooled bool
	// Replica says where a replica of the database is from which the doors are served, in the same form; empty for none.
	Replica string
	// Namespace is the domain in every identifier. A log that has records keeps the one it has.
	Namespace string
	// Connections is how many connections to the database the log has at most; 10 if zero. Three of them write.
	Connections int
	Clock       store.Clock // the database's if nil
	// Formats are the writers of formats; those of this release if nil.
	Formats *formats.Table
	Log     *slog.Logger // slog.Default if nil
	// Patience is how long Open waits for another process that has the folder open. The database may be open in others.
	Patience time.Duration
}

// Open opens the log in a database, and makes it if there is none. What this gateway alone knows of it is in the folder dir
// (see folder). The errors wrap datadir.ErrInUse, store.ErrNewer, or say what is wrong with the database; in each case nothing was
// touched there.
func Open(ctx context.Context, dir string, o Options) (opened *Store, err error) {
	o.Connections = cmp.Or(o.Connections, 10)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Formats == nil {
		o.Formats = formats.Builtin()
	}
	if err := os.MkdirAll(dir, datadir.PrivateFolder); err != nil {
		return nil, fmt.Errorf("make the data folder: %w; choose another with --data, or make it writable", err)
	}
	s := &Store{dir: dir, log: o.Log, formats: o.Formats, name: rand.Text()}
	clock := o.Clock
	if clock == nil {
		s.clock = &primaryClock{}
		clock = s.clock
	}
	s.guard = store.NewGuard(clock, datadir.Anchor{Dir: dir})
	s.changed.ch = make(chan struct{})
	s.leases.changed, s.leases.sharing.changed, s.leases.held = make(chan struct{}), make(chan struct{}), map[string]*holding{}
	s.undigested = make(chan struct{}, 1)
	s.ended, s.end = context.WithCancel(context.WithoutCancel(ctx))
	if s.lock, err = datadir.Await(ctx, dir, o.Patience, o.Log); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.connect(ctx, o); err != nil {
		return nil, err
	}
	s.items, s.rejects = block{store: s, counter: "item"}, block{store: s, counter: "quarantine"}
	s.writer = newWriter(s.writing, s.name, &s.health, s.wrote, s.rolledBack)
	s.writer.pooled, s.writer.wentBack = o.Pooled, s.begunAnew
	if err := s.setUp(ctx, o); err != nil {
		return nil, err
	}
	if err := s.settleEpoch(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(s.join(ctx), s.removeAgain(ctx), s.wipe(ctx)); err != nil {
		return nil, err
	}
	if err := s.Trouble(); err != nil {
		s.log.Warn("the log takes no changes yet", "err", err)
	}
	s.later.Go(s.heed)
	s.later.Go(s.watch)
	s.later.Go(s.keepDigest)
	return s, nil
}

// connect makes the pools of connections: one for what is written, one for what is read.
func (s *Store) connect(ctx context.Context, o Options) (err error) {
	config, err := o.reach(o.DSN, gatewayName(s.name))
	if err != nil {
		return err
	}
	forReading := config.Copy()
	o.forReading(forReading)
	config.MaxConns, config.MinConns = writerConnections, 1
	if !o.Pooled {
		config.ConnConfig.RuntimeParams[durably.name] = durably.value
	}
	forReading.MaxConns = int32(max(o.Connections-writerConnections, 1))
	if s.writing, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	if err := s.writing.Ping(ctx); err != nil {
		return unreachable(err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, forReading)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	s.readers = &readers{pool, o.Pooled}
	if o.Replica != "" {
		s.replica, err = s.newReplica(ctx, o)
	}
	return err
}

const (
	connectTimeout    = 10 * time.Second
	writerConnections = 3 // one writes; the others ask how that ended, vacuum, and keep the lease
)

// withoutSecret takes from an error of the driver what it shows of the DSN, where the password may stand.
func withoutSecret(err error) error {
	text := err.Error()
	if i := strings.LastIndex(text, "`: "); i >= 0 {
		text = text[i+3:]
	}
	return errors.New(text)
}

// gatewayName is how the connections of a gateway are called in pg_stat_activity.
func gatewayName(name string) string { return "sheaf-" + name }

// Close waits for what is being read and written, and gives the database back. It may be called twice.
func (s *Store) Close() error {
	s.closeOnce.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *Store) close() error {
	s.end()
	s.leave()
	if s.writer != nil {
		s.writer.stop()
	}
	s.later.Wait()
	if s.readers != nil {
		s.readers.pool.Close()
	}
	if s.replica != nil {
		s.replica.readers.pool.Close()
	}
	if s.writing != nil {
		s.writing.Close()
	}
	var errs []error
	if s.mark != nil {
		errs = append(errs, s.mark.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
