package webhook

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The bounds of a round: so many records are read at once, or so many bytes of them, and so many letters.
const (
	roundRecords = 64
	roundBytes   = 1 << 20
	roundLetters = 16
)

const (
	// maxWaiting is how many letters may wait for another attempt before the cursor stops.
	maxWaiting = 1000
	// maxDead is how many letters may be dead. Beyond it they go on waiting.
	maxDead = 10_000
	// maxBody is what a request may measure, in bytes; as events on NATS.
	maxBody = 1<<20 - 8<<10
	// hopeless is how many requests in a round may fail without one that is delivered before the others are left for later.
	hopeless = 3
	// forever is how long a hook that has nothing to do sleeps, unless the log grows or somebody wakes it.
	forever = time.Hour
)

// A job is the state of a record that is to be sent.
type job struct {
	ev     pipeline.Event
	letter *Letter // the letter of the record, for this state or an earlier one; nil if it has none
	result
}

// A round is what is sent before the hook writes down how far it is.
type round struct {
	hook *hook
	was  standing
	seen int64  // removals before anything was read
	jobs []*job // in the order in which they begin
	// walked are those of the jobs that were read behind the cursor, in the log's order; upto is the place behind them.
	walked []*job
	upto   int64
	head   int64 // of the log
	// over are records that have a newer state behind the cursor, or one that is not wanted, and need no letter.
	over []string
}

// round sends what there is to send, up to its bounds, and says how long nothing else will be due.
func (h *hook) round(ctx context.Context) (wait time.Duration, err error) {
	wait, err = h.goOn(ctx)
	if errors.Is(err, errTaken) {
		h.turn = 0
	}
	return wait, err
}

func (h *hook) goOn(ctx context.Context) (wait time.Duration, err error) {
	if h.turn == 0 {
		if h.turn, err = h.state.begin(ctx, h.sub.Name); err != nil {
			return 0, err
		}
	}
	r, known := round{hook: h, seen: h.removals.Load()}, false
	if r.was, known, err = h.state.standing(ctx, h.sub.Name); err != nil {
		return 0, err
	}
	if !known {
		return 0, h.introduce(ctx)
	}
	if r.was.turn != h.turn {
		return 0, errTaken
	}
	if !r.was.ended.IsZero() {
		return forever, nil
	}
	if d := h.paused(); d > 0 {
		return d, nil
	}
	if r.was.pass == toBegin {
		return 0, h.tell(ctx, &r.was, passBegan, underWay)
	}
	waiting, dead, next, err := h.state.count(ctx, h.sub.Name)
	if err != nil {
		return 0, err
	}
	switch intact, err := r.read(ctx, waiting); {
	case err != nil:
		return 0, err
	case !intact:
		return 0, h.anew(ctx, r.was)
	}
	if len(r.jobs) == 0 && r.upto == r.was.place.Seq && len(r.over) == 0 {
		if r.was.pass == underWay && waiting+dead == 0 && r.upto == r.head {
			return 0, h.tell(ctx, &r.was, passCompleted, noPass)
		}
		if next.IsZero() {
			return forever, nil
		}
		return min(max(time.Until(next), time.Millisecond), forever), nil
	}
	r.work(ctx)
	return 0, r.settle(ctx, dead)
}

// introduce gives a new subscription its place.
func (h *hook) introduce(ctx context.Context) error {
	page, err := h.Log.Changes(ctx, pipeline.Wanted{Limit: 1, Bytes: 1})
	if err != nil {
		return err
	}
	st := standing{place: page.Head.Cursor, turn: 1}
	if h.sub.FromBeginning {
		st.place.Seq, st.pass = 0, toBegin
	}
	if err := h.state.Write(ctx, func(q store.Queries) error {
		added, err := add(q, h.sub.Name, &st)
		if err == nil && !added {
			err = errTaken
		}
		return err
	}); err != nil {
		return err
	}
	h.turn = st.turn
	return nil
}

// anew begins from the start of the log, whose history has ended or lacks the place.
func (h *hook) anew(ctx context.Context, st standing) error {
	page, err := h.Log.Changes(ctx, pipeline.Wanted{Limit: 1, Bytes: 1})
	if err != nil {
		return err
	}
	h.Logger.Info("a webhook begins anew: the log has another history", "webhook", h.sub.Name, "had", st.place, "epoch", page.Head.Epoch)
	st.place, st.pass = pipeline.Cursor{Epoch: page.Head.Epoch}, toBegin
	return h.state.Write(ctx, func(q store.Queries) error {
		if err := removeLetters(q, h.sub.Name); err != nil {
			return err
		}
		return put(q, h.sub.Name, &st)
	})
}

// read finds out what is to be sent. It is not intact if the cursor is not one of the log's present history.
func (r *round) read(ctx context.Context, waiting int) (intact bool, err error) {
	h, place := r.hook, r.was.place
	page, err := h.Log.Changes(ctx, pipeline.Wanted{After: place.Seq, Set: h.sub.Set, Limit: roundRecords, Bytes: roundBytes})
	switch {
	case errors.Is(err, pipeline.ErrLost):
		return false, nil
	case err != nil:
		return false, err
	case page.Head.Epoch != place.Epoch || place.Seq > page.Head.Seq:
		return false, nil
	}
	r.upto, r.head = page.Upto, page.Head.Seq
	if waiting >= maxWaiting {
		r.upto, page.Records = place.Seq, nil
	}
	// The letters are read behind the page: a record that is in both has moved meanwhile, and its letter is not found.
	due, intact, err := r.letters(ctx)
	if err != nil || !intact {
		return intact, err
	}
	prev := place.Seq
	for i := range page.Records {
		ev := event(&page.Records[i], place.Epoch, prev)
		prev = ev.Seq
		if !h.sub.wants(&ev, page.Records[i].Source) {
			continue
		}
		known, err := r.known(ctx, ev.Identifier)
		if err != nil {
			return false, err
		}
		r.walked = append(r.walked, &job{ev: ev, letter: known})
	}
	r.jobs = alternate(due, r.walked)
	return true, nil
}

// letters reads what the letters that are due stand for.
func (r *round) letters(ctx context.Context) (jobs []*job, intact bool, err error) {
	h, place := r.hook, r.was.place
	due, err := h.state.due(ctx, h.sub.Name, time.Now(), roundLetters)
	if err != nil {
		return nil, false, err
	}
	for i := range due {
		l := &due[i]
		rec, epoch, err := h.at(ctx, l)
		switch {
		case errors.Is(err, pipeline.ErrLost):
			return nil, false, nil
		case err != nil:
			return nil, false, err
		case epoch != place.Epoch:
			return nil, false, nil
		}
		// If it is not there, its record has a newer state. That one is behind the cursor: when the cursor comes past it, the
		// letter is for it, or removed.
		if rec != nil {
			if ev := event(rec, place.Epoch, l.Prev); h.sub.wants(&ev, rec.Source) {
				jobs = append(jobs, &job{ev: ev, letter: l})
				continue
			}
		}
		r.over = append(r.over, l.Identifier)
	}
	return jobs, true, nil
}

// at finds the change that a letter stands for; nil if it is not there any more.
func (h *hook) at(ctx context.Context, l *Letter) (rec *pipeline.Record, epoch int64, err error) {
	// It is the first behind the place before it, unless the configuration wants more than it did then. (The place
	// directly before it is not asked for: it may be one that the log has leapt over.)
	for after := l.Prev; ; {
		page, err := h.Log.Changes(ctx, pipeline.Wanted{After: after, Set: h.sub.Set, Limit: 1, Bytes: 1})
		if err != nil || len(page.Records) == 0 || page.Records[0].Seq > l.Seq {
			return nil, page.Head.Epoch, err
		}
		if found := &page.Records[0]; found.Seq == l.Seq {
			if found.Identifier != l.Identifier {
				found = nil
			}
			return found, page.Head.Epoch, nil
		}
		after = page.Records[0].Seq
	}
}

// known is the letter of a record, unless it is over.
func (r *round) known(ctx context.Context, identifier string) (*Letter, error) {
	for _, o := range r.over {
		if o == identifier {
			return nil, nil
		}
	}
	return r.hook.state.letter(ctx, r.hook.sub.Name, identifier)
}

// alternate takes one of each in turn: neither must keep the other from being tried.
func alternate(a, b []*job) (out []*job) {
	for i := range max(len(a), len(b)) {
		if i < len(a) {
			out = append(out, a[i])
		}
		if i < len(b) {
			out = append(out, b[i])
		}
	}
	return out
}

// work sends the jobs in their order, several at once, until all are sent or there is no point in it.
func (r *round) work(ctx context.Context) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	taken, failed, delivered, stop := 0, 0, false, false
	take := func() *job {
		mu.Lock()
		defer mu.Unlock()
		if stop || taken == len(r.jobs) || ctx.Err() != nil {
			return nil
		}
		taken++
		return r.jobs[taken-1]
	}
	for range min(r.hook.sub.Parallel, len(r.jobs)) {
		workers.Go(func() {
			for j := take(); j != nil; j = take() {
				j.result = r.try(ctx, j)
				mu.Lock()
				switch j.Outcome {
				case Delivered:
					delivered = true
				case Unreachable:
					failed++
				}
				stop = stop || j.Outcome == Gone || j.Outcome == Busy || j.Outcome == unsent || failed >= hopeless && !delivered
				mu.Unlock()
			}
		})
	}
	workers.Wait()
}

// try sends one job.
func (r *round) try(ctx context.Context, j *job) result {
	h := r.hook
	flying, f := h.depart(ctx, j.ev.Identifier, r.seen)
	if f == nil {
		return result{}
	}
	body := h.encoder.AppendEvent(nil, &j.ev, maxBody)
	out := h.sender.send(flying, string(changejson.AppendEventID(nil, &j.ev)), body)
	if h.land(flying, j.ev.Identifier, f) && out.Outcome != Delivered {
		return result{}
	}
	h.counted(out.Outcome)
	return out
}

func (h *hook) counted(o Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[o]++
}

// settleTime is how long what was sent may take to be written down when the webhooks are stopping.
const settleTime = 10 * time.Second

// settle writes down what became of the jobs.
func (r *round) settle(ctx context.Context, dead int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	h, now := r.hook, time.Now()
	st := r.was
	st.place.Seq = r.upto
	for i := len(r.walked) - 1; i >= 0; i-- { // what was not sent is read again, with what is behind it
		if r.walked[i].Outcome == unsent {
			st.place.Seq = r.walked[i].ev.Prev
		}
	}
	delivered, tried, pause := false, false, time.Duration(0)
	for _, j := range r.jobs {
		delivered = delivered || j.Outcome == Delivered
		tried = tried || j.Outcome != unsent
		pause = max(pause, j.after)
		if j.Outcome == Gone {
			st.ended = now
		}
		if j.why != "" {
			st.why = j.why
		}
	}
	switch {
	case delivered:
		st.delivered, st.failing = now, time.Time{}
	case tried && st.failing.IsZero():
		st.failing = now
	}
	pause = h.rest(r.jobs, delivered, pause)
	over, owed := r.over, []Letter{}
	for _, j := range r.jobs {
		switch {
		case j.Outcome == Delivered && j.letter != nil:
			over = append(over, j.ev.Identifier)
		case j.Outcome != Delivered && j.Outcome != unsent:
			owed = append(owed, h.owe(j, delivered, now, pause, &dead))
		}
	}
	return h.state.Write(ctx, func(q store.Queries) error {
		for _, identifier := range over {
			if err := removeLetter(q, h.sub.Name, identifier); err != nil {
				return err
			}
		}
		for i := range owed {
			if err := putLetter(q, h.sub.Name, &owed[i]); err != nil {
				return err
			}
		}
		return put(q, h.sub.Name, &st)
	})
}

// owe makes the letter of a job that was not delivered.
func (h *hook) owe(j *job, delivered bool, now time.Time, pause time.Duration, dead *int) Letter {
	l := Letter{Identifier: j.ev.Identifier, Seq: j.ev.Seq, Prev: j.ev.Prev, First: now, Why: j.why}
	if j.letter != nil && !j.letter.Dead {
		l.First, l.Attempts = j.letter.First, j.letter.Attempts
	}
	// A receiver that can't be reached has not said anything about the event; unless others came through.
	if j.Outcome == Refused || j.Outcome == Unreachable && delivered {
		l.Attempts++
	}
	switch schedule := h.pace.schedule; {
	case l.Attempts <= h.sub.Retries:
		l.Next = now.Add(max(jittered(schedule[min(max(l.Attempts-1, 0), len(schedule)-1)]), pause))
	case *dead < maxDead:
		*dead++
		l.Dead = true
		h.Logger.Warn("a change was not taken, and is tried no more", "webhook", h.sub.Name, "identifier", l.Identifier, "seq", l.Seq, "attempts", l.Attempts, "why", l.Why)
	default:
		l.Next = now.Add(jittered(schedule[len(schedule)-1]))
	}
	return l
}

// rest has the hook wait if the receiver asks for it, or can't be reached; it returns for how long.
func (h *hook) rest(jobs []*job, delivered bool, asked time.Duration) time.Duration {
	busy, away := false, false
	for _, j := range jobs {
		busy = busy || j.Outcome == Busy
		away = away || j.Outcome == Unreachable
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if delivered {
		h.pauses = 0
	}
	if !busy && (!away || delivered) {
		return 0
	}
	d := jittered(min(h.pace.shortest<<min(h.pauses, 20), h.pace.longest))
	d = max(d, asked)
	h.pauses++
	h.until = time.Now().Add(d)
	return d
}

// jittered is the duration and up to a fifth more, so that what failed together does not come back together.
func jittered(d time.Duration) time.Duration { return d + rand.N(d/5+1) }
