package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
)

// A fault happens to a world, and is over when it returns.
type fault struct {
	name string
	do   func(*chaosWorld, *testing.T)
	can  func(*chaosWorld) bool // nil: it can happen to every world
}

func brokerBeside(w *chaosWorld) bool { return w.broker != nil }
func diskOfItsOwn(w *chaosWorld) bool { return w.disk.own }

// faults are what happens, in an order drawn by chance.
var faults = []fault{
	{"killed", (*chaosWorld).killed, nil},
	{"killed twice, at once after its start", (*chaosWorld).killedTwice, nil},
	{"the line to the source cut", func(w *chaosWorld, _ *testing.T) { w.sourceLine.cut(w.some(2000)) }, nil},
	{"the line to the broker cut", func(w *chaosWorld, _ *testing.T) { w.brokerLine.cut(w.some(2000)) }, brokerBeside},
	{"the broker killed", (*chaosWorld).brokerKilled, brokerBeside},
	{"the disk full", (*chaosWorld).fullDisk, diskOfItsOwn},
	{"no more open files", (*chaosWorld).noFiles, nil},
	{"the clock 30 days ahead", func(w *chaosWorld, t *testing.T) { w.clockOff(t, 30*24*time.Hour) }, nil},
	{"the clock an hour behind", func(w *chaosWorld, t *testing.T) { w.clockOff(t, -time.Hour) }, nil},
	{"killed while the clock is ahead", (*chaosWorld).killedAhead, nil},
	{"the whole folder put back", (*chaosWorld).putBack, nil},
	{"restored from a backup", (*chaosWorld).restored, nil},
}

// suffer lets one fault follow the other until the time is up. Each happens once before any happens
// again, so that a long enough run has had them all.
func (w *chaosWorld) suffer(t *testing.T, until time.Time) {
	for time.Now().Before(until) {
		for _, i := range w.random.Perm(len(faults)) {
			if !time.Now().Before(until) {
				return
			}
			if faults[i].can != nil && !faults[i].can(w) {
				continue
			}
			time.Sleep(w.some(1500))
			faults[i].do(w, t)
			w.recover(t, faults[i].name)
		}
	}
}

// some is a time drawn by chance, in milliseconds up to most.
func (w *chaosWorld) some(most int) time.Duration {
	return time.Duration(w.random.IntN(most)+1) * time.Millisecond
}

// recover waits until the gateway is ready again by itself.
func (w *chaosWorld) recover(t *testing.T, after string) {
	t.Helper()
	began := time.Now()
	for deadline := began.Add(90 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(w.ops + "readyz")
		if err == nil {
			_ = resp.Body.Close()
		}
		if err == nil && resp.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: the gateway is not ready again after 90 s: %v", after, w.why())
		}
	}
	w.log.recovered(after, time.Since(began))
}

// why says what the gateway says of its state.
func (w *chaosWorld) why() string {
	resp, err := http.Get(w.ops + "readyz")
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	var text strings.Builder
	_, _ = fmt.Fprint(&text, resp.Status)
	b := make([]byte, 2000)
	n, _ := resp.Body.Read(b)
	return text.String() + ": " + string(b[:n])
}

func (w *chaosWorld) up(t *testing.T) {
	t.Helper()
	w.gateway = spawn(t, w.file, childClock+"="+w.offset)
}

func (w *chaosWorld) killed(t *testing.T) {
	w.gateway.kill(t)
	w.up(t)
}

func (w *chaosWorld) killedTwice(t *testing.T) {
	w.killed(t)
	time.Sleep(w.some(100))
	w.killed(t)
}

func (w *chaosWorld) brokerKilled(t *testing.T) {
	w.broker.kill(t)
	time.Sleep(w.some(1000))
	w.broker.up(t)
}

func (w *chaosWorld) fullDisk(t *testing.T) {
	empty := w.disk.fill(t)
	time.Sleep(w.some(4000))
	empty()
}

// noFiles lets the gateway open nothing more for some time.
func (w *chaosWorld) noFiles(t *testing.T) {
	pid := w.gateway.cmd.Process.Pid
	var was unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &was); err != nil {
		t.Fatal(err)
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	few := unix.Rlimit{Cur: uint64(len(open)), Max: was.Max}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	time.Sleep(w.some(3000))
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &was, nil); err != nil {
		t.Fatal(err)
	}
}

// clockOff sets the gateway's clock wrong for some time.
func (w *chaosWorld) clockOff(t *testing.T, by time.Duration) {
	w.setClock(t, by)
	time.Sleep(w.some(3000))
	w.setClock(t, 0)
}

func (w *chaosWorld) setClock(t *testing.T, by time.Duration) {
	t.Helper()
	part := w.offset + ".new"
	if err := errors.Join(os.WriteFile(part, []byte(by.String()), 0o600), os.Rename(part, w.offset)); err != nil {
		t.Fatal(err)
	}
}

func (w *chaosWorld) killedAhead(t *testing.T) {
	w.setClock(t, 30*24*time.Hour)
	w.killed(t)
	time.Sleep(w.some(1000))
	w.setClock(t, 0)
}

// putBack takes the whole folder back to how it was some time ago, broker's files and all, as one does
// with a machine's snapshot.
func (w *chaosWorld) putBack(t *testing.T) {
	data := w.cfg.Data
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	w.gateway.kill(t)
	if err := os.CopyFS(snapshot, withoutSockets{os.DirFS(data), data}); err != nil {
		t.Fatal(err)
	}
	w.up(t)
	time.Sleep(w.some(5000))
	w.gateway.kill(t)
	if err := errors.Join(os.RemoveAll(data), os.CopyFS(data, os.DirFS(snapshot)), os.RemoveAll(snapshot), os.Chmod(data, 0o700)); err != nil {
		t.Fatal(err)
	}
	w.up(t)
	w.unseen.Add(1)
}

// restored puts a backup of some time ago in the place of the log.
func (w *chaosWorld) restored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "backup.db")
	client, err := app.Connect(t.Context(), w.cfg, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !client.Gateway() {
		t.Fatal("the gateway does not answer commands")
	}
	if err := errors.Join(client.Backup(t.Context(), file), client.Close()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(w.some(4000))
	w.gateway.kill(t)
	if err := sqlite.Restore(t.Context(), w.cfg.Data, file); err != nil {
		t.Fatal(err)
	}
	for _, old := range mustGlob(t, filepath.Join(w.cfg.Data, "*.before-restore*")) {
		if err := os.Remove(old); err != nil {
			t.Fatal(err)
		}
	}
	w.up(t)
	w.lost.Add(1)
}

func mustGlob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A chaosLog keeps what happened, for the people who read the result.
type chaosLog struct {
	mu      sync.Mutex
	took    map[string][]time.Duration
	changes atomic.Int64

	records, events int
}

func (l *chaosLog) recovered(after string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.took == nil {
		l.took = map[string][]time.Duration{}
	}
	l.took[after] = append(l.took[after], took)
}

// String is a table: each fault, how often, and how long the gateway took to be ready again.
func (l *chaosLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out strings.Builder
	fmt.Fprintf(&out, "%d records, %d events, %d bursts of changes\n", l.records, l.events, l.changes.Load())
	var names []string
	for name := range l.took {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all := l.took[name]
		fmt.Fprintf(&out, "%-40s %4d times, ready again after %v (median), %v (longest)\n", name, len(all),
			median(all).Round(time.Millisecond), slices.Max(all).Round(time.Millisecond))
	}
	return out.String()
}

// annoy sends the neighbours at the broker.
func (w *chaosWorld) annoy(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		if w.broker == nil {
			attackBroker(ctx, w.nats, n)
			pause(ctx, 200*time.Millisecond)
		} else { // nobody gets anything into a stream that always ends with something new
			strayMessage(ctx, w.nats)
			pause(ctx, time.Second)
		}
	}
}
