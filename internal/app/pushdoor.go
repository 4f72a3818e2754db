package app

import (
	"iter"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/web/intake"
)

// pushing are the sources that send.
func (c *Core) pushing() (sources []intake.Source, err error) {
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
	return sources, nil
}

// pushDoor takes what systems send.
func pushDoor(c *Core) (*intake.Door, error) {
	sources, err := c.pushing()
	if err != nil {
		return nil, err
	}
	d, err := intake.New(intake.Options{Namespace: c.Store.Namespace(), Dir: c.Config.Data, Scheduler: c.Scheduler, Log: c.Store, Logger: c.logger})
	if err == nil {
		d.Assign(sources)
	}
	return d, err
}
