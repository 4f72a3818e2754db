package memory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// served is a log with all its faces.
type served struct {
	*memory.Log
	options storetest.Options
}

func (s served) Repository() oaipmh.Repository {
	return &endpoint.Repository{Log: s.Log, Writers: s.options.Formats, Name: "Example", AdminEmails: []string{"metadata@gateway.example"}, Declared: s.options.Declared, Page: storetest.Page}
}

// A log in memory is as it was whenever it is opened again; it has no files that could be put back.
func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o storetest.Options) *storetest.Instance {
		log := memory.New(memory.Options{Namespace: o.Namespace, Clock: o.Clock, Formats: o.Formats})
		log.SmallBlocks()
		return &storetest.Instance{
			Open: func(ctx context.Context) (storetest.Log, error) {
				_, err := log.ConfirmClock(ctx) // a log that is opened again believes the clock, and may be ahead of it
				if errors.Is(err, pipeline.ErrPaused) {
					err = nil
				}
				return served{log, o}, err
			},
			Tally: tally,
		}
	})
}

func tally(ctx context.Context, l storetest.Log) (map[string]storetest.Tally, error) {
	status, err := l.(served).Status(ctx)
	out := map[string]storetest.Tally{}
	for _, s := range status {
		out[s.Source] = storetest.Tally{Live: s.Live, Deleted: s.Deleted, Quarantined: s.Quarantined}
	}
	return out, err
}
