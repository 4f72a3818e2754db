package app

import (
	"iter"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/web/intake"
)

// pushDoor takes what systems send; nil if no source is one that sends.
func pushDoor(c *Core) (*intake.Door, error) {
	var sources []intake.Source
	for _, src := range c.sources {
		s := c.Config.Sources[src.Name]
		kind, err := kinds.Of(s.Kind)
		if err != nil {
			return nil, err
		}
		if !kind.Sends {
			continue
		}
		sources = append(sources, intake.Source{
			Source: src.Source, Tokens: kind.Tokens(s), MaxSize: kind.MaxSize(s),
			Pages: func(d *push.Document) (iter.Seq2[*harvest.Page, error], error) { return kind.Sent(s, d) },
		})
	}
	if len(sources) == 0 {
		return nil, nil
	}
	return intake.New(intake.Options{
		Sources: sources, Namespace: c.Store.Namespace(), Dir: c.Config.Data, Scheduler: c.Scheduler, Log: c.Store, Logger: c.logger,
	})
}
