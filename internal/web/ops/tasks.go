package ops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A task is something that a person asked for on a page, and that may take long. It goes on when they leave the page, and
// ends with the gateway.
type task struct {
	ID       int64
	What     string // for people
	Who      string
	Began    time.Time
	Ended    time.Time // zero while it goes on
	Progress string
	Said     string // what came of it
	Err      string
	count    *count // of a draft of a mapping; nil for other tasks
}

// tasks are those under way and the last ones that have ended.
type tasks struct {
	ctx    context.Context // of all of them
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex
	last int64
	all  []*task // in order of their numbers
	stop bool
}

const (
	// maxRunning bounds the tasks under way, and keptTasks those that are remembered.
	maxRunning = 50
	keptTasks  = 200
	// shortTask is how long whoever asks for a task waits for its end, so that most answers say what came of it.
	shortTask = 2 * time.Second
)

var errManyTasks = errors.New("as many tasks are under way as the gateway does at once; wait until some have ended")

func newTasks() *tasks {
	t := &tasks{}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// begin begins a task and waits a moment for its end. It gives the task's number.
func (t *tasks) begin(what, who string, counts *count, run func(ctx context.Context, tell func(string)) (string, error)) (int64, error) {
	own := &task{What: what, Who: who, Began: time.Now(), count: counts}
	if err := t.add(own); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go func() {
		defer t.wg.Done()
		defer close(ended)
		said, err := run(t.ctx, func(progress string) {
			t.mu.Lock()
			defer t.mu.Unlock()
			own.Progress = progress
		})
		t.mu.Lock()
		defer t.mu.Unlock()
		own.Said, own.Ended = said, time.Now()
		if err != nil {
			own.Err = err.Error()
		}
	}()
	timer := time.NewTimer(shortTask)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	}
	return own.ID, nil
}

func (t *tasks) add(own *task) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	running := 0
	for _, other := range t.all {
		if other.Ended.IsZero() {
			running++
		}
	}
	if running >= maxRunning || t.stop {
		return errManyTasks
	}
	if len(t.all) >= keptTasks {
		i := slices.IndexFunc(t.all, func(old *task) bool { return !old.Ended.IsZero() })
		t.all = slices.Delete(t.all, i, i+1)
	}
	t.last++
	own.ID = t.last
	t.all = append(t.all, own)
	t.wg.Add(1)
	return nil
}

// close ends the tasks under way, and waits for them.
func (t *tasks) close() {
	t.mu.Lock()
	t.stop = true
	t.mu.Unlock()
	t.cancel()
	t.wg.Wait()
}

// report keeps the report of a count.
func (t *tasks) report(of *count, report *pipeline.RemapReport) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of.report = report
}

// find finds a task by its number; nil if it is not remembered.
func (t *tasks) find(id int64) *task {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, own := range t.all {
		if own.ID == id {
			copied := *own
			if own.count != nil {
				counted := *own.count
				copied.count = &counted
			}
			return &copied
		}
	}
	return nil
}

// list gives all that are remembered, the last one first.
func (t *tasks) list() (out []task) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, own := range slices.Backward(t.all) {
		out = append(out, *own)
	}
	return out
}

// taskOf is the task that the address of a page names, which tells what came of it; nil if it names none.
func (s *ops) taskOf(r *http.Request) *task {
	id, err := strconv.ParseInt(r.URL.Query().Get("task"), 10, 64)
	if err != nil || visitor(r) == nil {
		return nil
	}
	return s.tasks.find(id)
}

// actions lists the tasks, and has those forms that belong to no other page.
func (s *ops) actions(r *http.Request) (*finding, error) {
	var all []task
	if visitor(r) != nil {
		all = s.tasks.list()
	}
	return &finding{template: "actions", here: "/actions", title: "Actions", every: everyRunning, data: all}, nil
}

// audited lists what people have done.
func (s *ops) audited(r *http.Request) (*finding, error) {
	entries, err := s.Audit.Last(maxAudit)
	if err != nil {
		return nil, fmt.Errorf("show the audit log: %w", err)
	}
	first, last, pages := piece(r, len(entries), sourcesPage)
	return &finding{template: "audit", here: "/audit", title: "Who did what", data: map[string]any{"Entries": entries[first:last], "Pages": pages}}, nil
}

// maxAudit is how many entries the page goes back.
const maxAudit = 2000

// problemPage answers with a page that explains a problem.
func (s *ops) problemPage(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	s.page(func(*http.Request) (*finding, error) {
		return nil, &web.Problem{Status: status, Title: title, Text: text}
	}).ServeHTTP(w, r)
}
