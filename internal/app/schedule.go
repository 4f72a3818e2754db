package app

import (
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// job says when a source is due; nil if it is not asked.
func job(cfg *config.Config, src *pipeline.Source) *pipeline.Job {
	s := cfg.Sources[src.Name]
	if src.Pushed { // every: says only how often it is expected to send
		return nil
	}
	return &pipeline.Job{Source: src, Every: s.Every, At: allowed(s, cfg.Gateway.Zone)}
}

// jobs are those of all sources that are asked.
func (c *Core) jobs() (out []*pipeline.Job) {
	for _, src := range c.sources {
		if src.job != nil {
			out = append(out, src.job)
		}
	}
	return out
}

// allowed gives a function that moves a due time to one that the source's at: and window: allow. It is nil if the
// source may be harvested at any time.
//
// at: names the time of day, and every: the number of days between runs. A run always ends a little later than the one
// before it, so that what is due a day after its end would miss the time of day, and slip to the day after; hence a run
// may begin early, by up to half of every: and at most half a day. A retry does not wait for the time of day to come
// round again, but it does keep to a window.
func allowed(s *config.Source, zone *time.Location) func(due time.Time, retry bool) time.Time {
	switch {
	case s.At != nil:
		at := time.Duration(*s.At) * time.Minute
		slack := min(s.Every, 24*time.Hour) / 2
		return func(due time.Time, retry bool) time.Time {
			if retry {
				return due
			}
			from := due.Add(-slack)
			if now := time.Now(); from.Before(now) {
				from = now
			}
			return nextMinute(from, zone, func(t config.TimeOfDay) bool { return time.Duration(t)*time.Minute == at })
		}
	case s.Window != nil:
		return func(due time.Time, _ bool) time.Time { return nextMinute(due, zone, s.Window.Has) }
	}
	return nil
}

// nextMinute gives due if its time of day fits, and otherwise the first full minute after it that does. It looks at
// each minute of two days, because where clocks are put forward and back a day lacks an hour or has one twice, so that
// the minute cannot be computed.
func nextMinute(due time.Time, zone *time.Location, fits func(config.TimeOfDay) bool) time.Time {
	ofDay := func(t time.Time) config.TimeOfDay {
		local := t.In(zone)
		return config.TimeOfDay(local.Hour()*60 + local.Minute())
	}
	if fits(ofDay(due)) {
		return due
	}
	t := due.Truncate(time.Minute)
	for range 2 * 24 * 60 {
		t = t.Add(time.Minute)
		if fits(ofDay(t)) {
			return t
		}
	}
	return due
}
