package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Used is the processor time that the server has taken so far, with all its processes. It is for benchmarks, on Linux.
func (s *Server) Used() (time.Duration, error) {
	parent := strconv.Itoa(s.process.Process.Pid)
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	var used time.Duration
	for _, path := range all {
		fields, err := statFields(path)
		if err != nil {
			continue // it has ended
		}
		switch own := filepath.Base(filepath.Dir(path)); {
		case own == parent: // what its processes took that have ended, in hundredths of a second
			for _, f := range fields[13:15] {
				n, err := strconv.ParseInt(f, 10, 64)
				if err != nil {
					return 0, fmt.Errorf("read %s: %w", path, err)
				}
				used += time.Duration(n) * 10 * time.Millisecond
			}
		case fields[1] != parent:
			continue
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "schedstat"))
		if err != nil {
			continue
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", path, err)
		}
		used += time.Duration(n)
	}
	return used, nil
}

// statFields are those behind the name of the process, which may have blanks: the state, the parent, and so on (proc(5)).
func statFields(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 15 {
		return nil, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	return fields, nil
}

// Size is how many bytes the database has on the disk.
func (d *Database) Size() (n int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, d.DSN())
	if err != nil {
		return 0, err
	}
	err = c.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	return n, errors.Join(err, c.Close(ctx))
}

// Set changes a setting of the running server, and waits until it holds.
func (s *Server) Set(name, value string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.dsn("postgres"))
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	for _, query := range []string{fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", name, value), "SELECT pg_reload_conf()"} {
		if _, err := c.Exec(ctx, query); err != nil {
			return err
		}
	}
	for has := value + "?"; has != value; time.Sleep(10 * time.Millisecond) {
		if err := c.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&has); err != nil {
			return err
		}
	}
	return nil
}
