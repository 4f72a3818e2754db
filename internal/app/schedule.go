package app

import (
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// jobs says when each source is due.
func jobs(cfg *config.Config, sources []*pipeline.Source) []pipeline.Job {
	var out []pipeline.Job
	for _, src := range sources {
		s := cfg.Sources[src.Name]
		out = append(out, pipeline.Job{Source: src, Every: s.Every, At: allowed(s, cfg.Gateway.Zone)})
	}
	return out
}

// allowed moves a due time to one that the source's at and window allow; nil if any will do.
//
// A time of day names the moment, and every the day: the end of a run is always a little later, so a run
// may come up to half a day early, or it would slip to the day after. A retry does not wait for
// the time of day to come round again; a window holds for it too.
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

// nextMinute is due, or the first full minute after it whose time of day fits. It looks at each
// minute of two days rather than computing one, because a day may lack an hour, or have one twice.
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
