package events

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// setBack sets back all of a stream that is not as want says: those who may change streams on a broker of theirs
// may shrink it, or shut consumers out. What the broker lets nobody change stays, and is told.
func (c *Client) setBack(ctx context.Context, s jetstream.Stream, want jetstream.StreamConfig) (jetstream.Stream, error) {
	have := s.CachedInfo().Config
	if why := unfit(have); why != "" {
		return nil, fmt.Errorf("the stream %s is %s, which no broker takes back: remove it (nats stream rm %s), and it is made anew and filled again", have.Name, why, have.Name)
	}
	ideal := merge(have, want)
	if next := possible(have, ideal); !reflect.DeepEqual(next, have) {
		var err error
		if s, err = c.update(ctx, have, next); err != nil {
			return nil, fmt.Errorf("bring the stream %s up to date: %w", want.Name, plainRoom(err, &next))
		}
		if changed := differing(have, s.CachedInfo().Config); changed != "" {
			c.log.Info("stream updated", "stream", want.Name, "settings", changed, "max_bytes", want.MaxBytes, "max_age", want.MaxAge, "replicas", want.Replicas)
		}
	}
	c.tellKept(want.Name, differing(s.CachedInfo().Config, ideal))
	return s, nil
}

// merge is the stream as it should be: what want says, in the place and with the metadata that others gave
// it.
func merge(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	next := want
	next.Placement, next.FirstSeq = have.Placement, have.FirstSeq
	next.Metadata = maps.Clone(have.Metadata)
	maps.Copy(next.Metadata, want.Metadata)
	return next
}

// unfit says what keeps events out of a stream, or takes them out of it, for good; empty if nothing does.
func unfit(have jetstream.StreamConfig) string {
	switch {
	case have.Sealed:
		return "sealed"
	case have.Retention == jetstream.WorkQueuePolicy:
		return "a work queue"
	case have.AllowMsgCounter:
		return "made of counters"
	}
	return ""
}

// possible is next with those settings of have that a broker refuses to change; it would refuse all the others with
// them.
func possible(have, next jetstream.StreamConfig) jetstream.StreamConfig {
	next.Storage, next.PersistMode = have.Storage, have.PersistMode
	next.DenyDelete = have.DenyDelete
	next.AllowMsgTTL, next.AllowMsgSchedules = have.AllowMsgTTL, have.AllowMsgSchedules
	next.AllowRollup = have.AllowRollup && have.AllowMsgSchedules // schedules need it
	next.DenyPurge = have.DenyPurge || !next.AllowRollup          // a stream can't have both
	return next
}

// invalidStream is how a broker refuses a configuration.
const invalidStream = 10052

// update changes a stream. Brokers up to 2.12 refuse a change of max_consumers: there it stays.
func (c *Client) update(ctx context.Context, have, next jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := c.js.UpdateStream(ctx, next)
	var refused *jetstream.APIError
	if !errors.As(err, &refused) || refused.ErrorCode != invalidStream || next.MaxConsumers == have.MaxConsumers {
		return s, err
	}
	next.MaxConsumers = have.MaxConsumers
	return c.js.UpdateStream(ctx, next)
}

// differing names the settings in which two configurations differ, as NATS calls them. The metadata count not: the
// broker has notes of its own there.
func differing(a, b jetstream.StreamConfig) string {
	var names []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		name, _, _ := strings.Cut(x.Type().Field(i).Tag.Get("json"), ",")
		if name != "metadata" && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// tellKept tells which settings of a stream stay as somebody else made them, once as long as they are the same.
func (c *Client) tellKept(stream, settings string) {
	c.mu.Lock()
	before := c.kept[stream]
	c.kept[stream] = settings
	c.mu.Unlock()
	if settings != "" && settings != before {
		c.log.Warn("somebody changed settings of the event stream, and the broker lets nobody change them back; they go if the stream is removed, then it is made anew and filled again",
			"stream", stream, "settings", settings)
	}
}
