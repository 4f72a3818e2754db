package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ErrUnreachable says that nobody knows whether a log can be in a database, because the database does not answer.
var ErrUnreachable = errors.New("the database does not answer")

// Ask asks a database whether [Open] could open the log in it, and changes nothing there. The error says what is
// wrong with the DSN or with the database, or wraps [ErrUnreachable].
func Ask(ctx context.Context, o Options) error {
	return o.ask(ctx, o.DSN, func(conn *db) error {
		if err := checkServer(conn); err != nil {
			return err
		}
		there, err := checkLog(conn)
		if err == nil && there {
			_, err = checkNamespace(conn, o.Namespace)
		}
		return err
	})
}

// AskReplica asks the read replica whether it has a log. The error is as that of [Ask]; the gateway does without a replica that
// is not fit.
func AskReplica(ctx context.Context, o Options) error {
	return o.ask(ctx, o.Replica, func(conn *db) error {
		if there, err := checkLog(conn); err != nil || there {
			return err
		}
		return errors.New("there is no log in it; the DSN must lead to a replica of the log's database")
	})
}

func (o *Options) ask(ctx context.Context, dsn string, f func(*db) error) (err error) {
	config, err := o.reach(dsn, "sheaf-check")
	if err != nil {
		return err
	}
	c, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, unreachable(err))
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	return f(&db{ctx: ctx, conn: c})
}

// unreadable says that a DSN is not one.
func unreadable(err error) error {
	return fmt.Errorf("the DSN of the database can't be read: %w", withoutSecret(err))
}
