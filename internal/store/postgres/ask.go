package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ErrUnreachable says that nobody knows whether a log can be in a database, because the database does not answer.
var ErrUnreachable = errors.New("the database does not answer")

// Ask asks a database whether a log with this namespace can be opened in it, and changes nothing there. The error says what is
// wrong with the DSN or with the database, or wraps [ErrUnreachable].
func Ask(ctx context.Context, dsn, namespace string) (err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return unreadable(err)
	}
	config.ConnectTimeout = connectTimeout
	c, err := pgx.ConnectConfig(ctx, config)
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
		_, err = checkNamespace(conn, namespace)
	}
	return err
}

// unreadable says that a DSN is not one.
func unreadable(err error) error {
	return fmt.Errorf("the DSN of the database can't be read: %w", withoutSecret(err))
}
