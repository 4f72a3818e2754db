package app

import (
	"crypto/x509"

	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/tracing"
)

// openTracer traces what the gateway does, if the configuration names a collector; else there is none.
func openTracer(c *Core) (*tracing.Tracer, error) {
	cfg := &c.Config.Tracing
	if cfg.OTLP == "" {
		return nil, nil
	}
	header, err := cfg.Header()
	if err != nil {
		return nil, ConfigError{err}
	}
	var roots *x509.CertPool
	if cfg.CA != "" {
		if roots, err = authorities("tracing.ca_file", cfg.CA); err != nil {
			return nil, err
		}
	}
	t := tracing.New(tracing.Options{URL: cfg.OTLP, Header: header, Roots: roots, OneIn: cfg.OneIn, Version: c.version, Instance: c.baseURL, Logger: c.logger})
	c.runs.Add(t)
	c.Registry.MustRegister(&observe.Traces{Counts: t.Counts})
	return t, nil
}
