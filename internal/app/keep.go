package app

import (
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// AuditLog is what people have done to the gateway of a configuration.
func AuditLog(cfg *config.Config) *audit.Log {
	return audit.Open(cfg.Data, audit.Bounds{Age: cfg.Keep.Audit.Age, Bytes: int64(cfg.Keep.Audit.Bytes)})
}

// keepOf bounds what the log keeps of each source.
func keepOf(cfg *config.Config) pipeline.Keep {
	k := &cfg.Keep
	return pipeline.Keep{
		Runs: k.Runs.Count, RunsFor: k.Runs.Age,
		Quarantined: k.Quarantine.Count, QuarantinedBytes: int64(k.Quarantine.Bytes), QuarantinedFor: k.Quarantine.Age,
	}
}

// sessionsOf bounds what is remembered of those who harvest us.
func sessionsOf(cfg *config.Config) observe.SessionBounds {
	return observe.SessionBounds{Age: cfg.Keep.Sessions.Age, Count: cfg.Keep.Sessions.Count}
}
