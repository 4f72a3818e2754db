package main

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// logs are a [slog.Handler] that writes as the configuration wants it, which may change while loggers are in use. It must
// not be used before the first write.
type logs struct{ now atomic.Pointer[slog.Handler] }

// write has what is logged from now on written to w.
func (l *logs) write(w io.Writer, c config.Log) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // it was checked
	o := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if c.Format == "json" {
		h = slog.NewJSONHandler(w, o)
	}
	l.now.Store(&h)
}

// Enabled implements [slog.Handler].
func (l *logs) Enabled(ctx context.Context, level slog.Level) bool {
	return (*l.now.Load()).Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (l *logs) Handle(ctx context.Context, r slog.Record) error {
	return (*l.now.Load()).Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (l *logs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &derived{l, func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) }}
}

// WithGroup implements [slog.Handler].
func (l *logs) WithGroup(name string) slog.Handler {
	return &derived{l, func(h slog.Handler) slog.Handler { return h.WithGroup(name) }}
}

// A derived handler adds something to each record of another one, as that is at the moment.
type derived struct {
	of  *logs
	add func(slog.Handler) slog.Handler
}

func (d *derived) Enabled(ctx context.Context, level slog.Level) bool {
	return d.of.Enabled(ctx, level)
}

func (d *derived) Handle(ctx context.Context, r slog.Record) error {
	return d.add(*d.of.now.Load()).Handle(ctx, r)
}

func (d *derived) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &derived{d.of, func(h slog.Handler) slog.Handler { return d.add(h).WithAttrs(attrs) }}
}

func (d *derived) WithGroup(name string) slog.Handler {
	return &derived{d.of, func(h slog.Handler) slog.Handler { return d.add(h).WithGroup(name) }}
}
