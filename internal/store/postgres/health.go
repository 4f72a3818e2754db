package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// health is what keeps the log from taking changes, besides the clock.
type health struct {
	mu      sync.Mutex
	failed  error // why the last write failed; nil after one that went well
	damaged error // until a check finds the log whole
}

// note takes down how a write ended. Errors of the caller's making are none of the log's.
func (h *health) note(err error) {
	advice := adviceFor(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if errors.Is(advice, store.ErrDamaged) {
		h.damaged = advice
	} else if advice != nil || err == nil {
		h.failed = advice
	}
}

// met takes down damage that a reader met.
func (h *health) met(err error) {
	if advice := adviceFor(err); errors.Is(advice, store.ErrDamaged) {
		h.checked(advice)
	}
}

// checked takes down what a check of the whole log found; nil if it is whole.
func (h *health) checked(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.damaged = err
}

// adviceFor says what to do about an error of the database; nil for others.
func adviceFor(err error) error {
	var said *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrDamaged):
		return err
	case !errors.As(err, &said):
		if isLost(err) {
			return fmt.Errorf("the last write to the log failed because the database could not be reached: see that it runs: %w", err)
		}
		return nil
	case said.Code == "53100":
		return fmt.Errorf("the last write to the log failed because the disk of the database is full: make room on it: %w", err)
	case said.Code == "53300":
		return fmt.Errorf("the last write to the log failed because the database has no connection left: raise max_connections: %w", err)
	case said.Code == "25006":
		return fmt.Errorf("the last write to the log failed because the database takes no changes: the DSN must lead to the primary: %w", err)
	case said.Code == "42501":
		return fmt.Errorf("the last write to the log failed: let the gateway's role read and write its tables: %w", err)
	case strings.HasPrefix(said.Code, "23"), said.Code == "XX001", said.Code == "XX002":
		return damaged(err)
	}
	return fmt.Errorf("the last write to the log failed: look into the log of the database: %w", err)
}

// isLost says whether an error is one of the connection.
func isLost(err error) bool {
	var network net.Error
	var refused *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &refused) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// damaged says what to do about a log that contradicts itself.
func damaged(err error) error {
	return fmt.Errorf("%w (%w); look into the log of the database, stop the gateway, and restore a backup: sheaf doctor says whether the log is whole", store.ErrDamaged, err)
}
