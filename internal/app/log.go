package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/internal/survey"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/internal/web/syndication"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Log is the log of records with all its faces, in whichever database it is.
type Log interface {
	pipeline.Log
	pipeline.Relayed
	control.Log
	endpoint.Log
	observe.Log
	observe.MemoSet
	observe.SessionStore
	site.Library
	survey.Log
	syndication.Log
	// Identity and the take-over of a stream are how streams know the log; Key is a secret that it keeps.
	Identity() store.Identity
	TakesOver(context.Context) (bool, error)
	TookOver(context.Context) error
	Key(ctx context.Context, name string) ([]byte, error)
	// Silence says which sets don't tell of the records that have left them, Gateway numbers what the gateway was called, and
	// Rename gives a source another name.
	Silence(ctx context.Context, sets map[string]bool) error
	Gateway(ctx context.Context, g pipeline.Gateway) (int, error)
	Rename(ctx context.Context, from, to string) error
	// Sharing divides the sources among the gateways on the log; nil if there can be only one.
	Sharing() pipeline.Sharing
	// Tables are where the gateways on the log keep what is no part of it; nil if there can be only one.
	Tables() store.Tables
	// Work runs f while this gateway is the one of all on the log that publishes, sends and measures, and again when it is so again.
	Work(ctx context.Context, f func(context.Context) error) error
	// Leads says whether this gateway is that one.
	Leads() bool
	Close() error
}

// openLog opens the log where the configuration says that it is.
func openLog(ctx context.Context, cfg *config.Config, o Options) (Log, error) {
	if cfg.Store.Kind == "postgres" {
		if _, err := os.Stat(filepath.Join(cfg.Data, "sheaf.db")); err == nil {
			return nil, ConfigError{fmt.Errorf("store.kind is postgres, and the log of %s is in SQLite there: sheaf copy --from sqlite --to postgres carries it over; or move sheaf.db away, to begin an empty log", cfg.Data)}
		}
		po := postgresOptions(cfg)
		po.Clock, po.Log, po.Formats, po.Patience = o.Clock, o.Logger, o.Formats, o.Patience
		return opened(postgres.Open(ctx, cfg.Data, po))
	}
	so := sqlite.Options{Namespace: cfg.Gateway.Namespace, Clock: o.Clock, Log: o.Logger, Formats: o.Formats, Patience: o.Patience, Carried: AuditLog(cfg)}
	if !o.Throwaway {
		so.Reserve = diskReserve
	}
	return opened(sqlite.Open(ctx, cfg.Data, so))
}

// postgresOptions are what the configuration says of a log in PostgreSQL.
func postgresOptions(cfg *config.Config) postgres.Options {
	return postgres.Options{DSN: cfg.Store.DSN.Value(), Pooled: cfg.Store.Pooled(), Replica: cfg.Store.Replica.Value(), Connections: cfg.Store.MaxConnections, Namespace: cfg.Gateway.Namespace}
}

// opened makes a Log of what was opened; nil with an error.
func opened[L Log](l L, err error) (Log, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

// CheckStore asks the database of a configuration whether the log can be in it, and changes nothing there. What can't be told
// because the database does not answer is a warning.
func CheckStore(ctx context.Context, cfg *config.Config) (warning string, err error) {
	if cfg.Store.Kind != "postgres" {
		return "", nil
	}
	o := postgresOptions(cfg)
	err = postgres.Ask(ctx, o)
	if errors.Is(err, postgres.ErrUnreachable) {
		return "store: " + err.Error(), nil
	}
	if err != nil {
		return "", ConfigError{fmt.Errorf("store: %w", err)}
	}
	if o.Replica != "" {
		if err := postgres.AskReplica(ctx, o); err != nil {
			return "store.replica_dsn_file: " + err.Error(), nil
		}
	}
	return "", nil
}
