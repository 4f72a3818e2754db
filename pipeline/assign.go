package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Assign says what [Scheduler.Run] does from now on. It may be called while that runs.
//
// A job that was assigned before goes on as if nothing had happened. Where another job has the Source of one before, as
// when only its times have changed, a run that is under way goes on, and the new job follows it. Where the Source is
// another one too, or there is no job for it any more, the run ends with [ErrCancelled] after the page that is under way,
// and the new job goes on with the pass from there at once.
func (s *Scheduler) Assign(jobs []*Job) {
	s.setUp()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, before := range s.jobs {
		run := s.running[before.Source.Name]
		if run == nil || run.source != before.Source || slices.ContainsFunc(jobs, func(j *Job) bool { return j.Source == before.Source }) {
			continue
		}
		why := "the source is not in the configuration any more"
		if i := slices.IndexFunc(jobs, func(j *Job) bool { return j.Source.Name == before.Source.Name }); i >= 0 {
			why = "the configuration of the source has changed"
			if jobs[i].Every > 0 {
				s.cut[before.Source.Name] = run
			}
		}
		run.cancel(fmt.Errorf("%s: %w", why, ErrCancelled))
	}
	s.jobs = slices.Clone(jobs)
	close(s.assigned)
	s.assigned = make(chan struct{})
}

// wasCut waits for the end of a run of a source that Assign has ended, if there is one.
func (s *Scheduler) wasCut(ctx context.Context, source string) bool {
	s.mu.Lock()
	run := s.cut[source]
	delete(s.cut, source)
	s.mu.Unlock()
	if run == nil {
		return false
	}
	select {
	case <-run.ended:
	case <-ctx.Done():
	}
	return true
}

// A keeping is a job that is kept running.
type keeping struct {
	job   *Job
	end   context.CancelFunc // begins no run any more
	ended chan struct{}
}

// Run runs the jobs as they come due, until ctx ends; it returns when the runs under way have ended.
func (s *Scheduler) Run(ctx context.Context) error {
	s.setUp()
	var all sync.WaitGroup
	kept := map[string]*keeping{} // by source
	for ctx.Err() == nil {
		s.mu.Lock()
		jobs, assigned := s.jobs, s.assigned
		s.mu.Unlock()
		for name, k := range kept {
			if !slices.Contains(jobs, k.job) {
				k.end()
			}
			if isClosed(k.ended) {
				delete(kept, name)
			}
		}
		for _, j := range jobs {
			before := kept[j.Source.Name]
			if j.Every <= 0 || before != nil && before.job == j {
				continue
			}
			job, end := context.WithCancel(ctx)
			k := &keeping{job: j, end: end, ended: make(chan struct{})}
			kept[j.Source.Name] = k
			all.Go(func() {
				defer close(k.ended)
				defer end()
				if before != nil {
					<-before.ended
				}
				s.keep(ctx, job, j)
			})
		}
		select {
		case <-assigned:
		case <-ctx.Done():
		}
	}
	all.Wait()
	return ctx.Err()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
