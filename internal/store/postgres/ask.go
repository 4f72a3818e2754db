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
func Ask(ctx context.Context, o Options) (err error) {
	config, err := o.reach(o.DSN, "sheaf-check")
	if err != nil {
		return err
	}
	c, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, unreachable(err))
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	conn := &db{ctx: ctx, conn: c}
	if err := checkServer(conn); err != nil {
		return err
	}
	there, err := checkLog(conn)
	if err == nil && there {
		_, err = checkNamespace(conn, o.Namespace)
	}
	return err
}

// unreadable says that a DSN is not one.
func unreadable(err error) error {
	return fmt.Errorf("the DSN of the database can't be read: %w", withoutSecret(err))
}
