package app_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A chaosProcess is a program that keeps a copy of the log, in a process of its own: it is killed, stopped and started
// again at any moment, and its copy is what is in its files.
type chaosProcess struct {
	name    string
	command []string // follows the gateway
	prove   []string // ends when the copy is equal, and says with which digest; nil: the copy is looked at otherwise
	env     string

	killed, stopped int
}

// newChaosProcesses are sheaf mirror with a folder and with a SQLite file, and the examples whose runtimes are here.
func newChaosProcesses(t *testing.T, w *chaosWorld) (all []*chaosProcess) {
	t.Helper()
	sheaf := filepath.Join(t.TempDir(), "sheaf")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", sheaf, "../../cmd/sheaf")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build sheaf: %v\n%s", err, text)
	}
	dir := newSmallDisk(t).dir // each write is synced, which must not wait for what else the machine writes
	root := "http://" + w.public + "/"
	for _, format := range []string{"xml", "sqlite"} {
		mirror := []string{sheaf, "mirror", filepath.Join(dir, format), "--from", root, "--format", format}
		all = append(all, &chaosProcess{name: "sheaf mirror, " + format, command: append(mirror[:len(mirror):len(mirror)], "--nats", w.nats), prove: append(mirror[:len(mirror):len(mirror)], "--verify")})
	}
	for name, e := range examples(t) {
		p := &chaosProcess{name: "the example in " + name, command: append(e.command[:len(e.command):len(e.command)], "--gateway", root)}
		catalogue := filepath.Join(dir, name)
		p.prove = append(p.command[:len(p.command):len(p.command)], "--once", catalogue)
		if e.nats {
			p.command = append(p.command[:len(p.command):len(p.command)], "--nats", w.nats)
		}
		p.command = append(p.command[:len(p.command):len(p.command)], catalogue)
		all = append(all, p)
	}
	w.journal = filepath.Join(dir, "webhook")
	return append(all, &chaosProcess{
		name: "the receiver of a webhook", command: []string{os.Args[0]},
		env: fmt.Sprintf("%s=%s %s %s", childReceiver, w.receiver, w.secret, w.journal),
	})
}

// run keeps the program running for as long as ctx lives, but for its misfortunes.
func (p *chaosProcess) run(ctx context.Context) error {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 5))
	some := func(most int) time.Duration { return time.Duration(random.IntN(most)+1) * time.Millisecond }
	for ctx.Err() == nil {
		cmd := exec.Command(p.command[0], p.command[1:]...)
		cmd.Env = append(os.Environ(), p.env)
		if err := cmd.Start(); err != nil {
			return err
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }() // killed, or the gateway was away when it began
		alive, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(alive, func() { _ = cmd.Process.Kill() })
		go func() { <-ended; cancel() }()
		for random.IntN(3) > 0 {
			pause(alive, some(4000))
			if alive.Err() == nil && cmd.Process.Signal(syscall.SIGSTOP) == nil {
				p.stopped++
				pause(alive, some(2000))
				_ = cmd.Process.Signal(syscall.SIGCONT) // it may have been killed
			}
		}
		pause(alive, some(4000))
		if stop() {
			p.killed++
			_ = cmd.Process.Kill()
		}
		<-ended
		cancel()
		pause(ctx, some(1000))
	}
	return nil
}

// proves has the program say that its copy has this digest, now that all is quiet.
func (p *chaosProcess) proves(t *testing.T, digest string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, p.prove[0], p.prove[1:]...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "digest "+digest) {
		t.Errorf("%s has no copy with the digest %s: %v\n%.2000s", p.name, digest, err, out)
	}
}

// checkProcesses holds the copies to the log.
func (w *chaosWorld) checkProcesses(t *testing.T, client *control.Client, log map[string]pipeline.Record) {
	t.Helper()
	_, digest, _ := changed(t, "http://"+w.public+"/changes?with=oai_dc&limit=10000")
	var proofs sync.WaitGroup
	for _, p := range w.processes {
		if p.prove != nil {
			proofs.Go(func() { p.proves(t, digest) })
		}
		t.Logf("%s was killed %d times, and stopped %d times", p.name, p.killed, p.stopped)
	}
	proofs.Wait()
	w.checkReceiver(t, client, log)
}

// childReceiver, in the environment, makes the test program a receiver of webhooks: ADDRESS SECRET-FILE JOURNAL.
const childReceiver = "SHEAF_TEST_CHILD_RECEIVER"

// runReceiver writes down what comes, whole, before it answers.
func runReceiver(args string) error {
	var address, secret, path string
	if _, err := fmt.Sscan(args, &address, &secret, &path); err != nil {
		return err
	}
	key, err := os.ReadFile(secret)
	if err != nil {
		return err
	}
	signed, err := standardwebhooks.NewWebhook(string(key))
	if err != nil {
		return err
	}
	written, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	journal, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	whole := int64(bytes.LastIndexByte(written, '\n') + 1) // the rest was not answered
	if _, err := journal.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	if err := journal.Truncate(whole); err != nil {
		return err
	}
	var mu sync.Mutex
	return http.ListenAndServe(address, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = signed.Verify(body, r.Header)
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			_, err = journal.Write(append(body, '\n'))
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	}))
}

// A hooked record is what a receiver holds of it.
type hooked struct {
	at      pipeline.Cursor
	deleted bool
	hash    string
	pass    int
}

// journaled is what the journal of a receiver comes to, by the rules of docs/webhooks.md. Between passes it is not known
// whether something is held that is none of the log any more.
func journaled(t *testing.T, journal string) (held map[string]hooked, between bool) {
	t.Helper()
	b, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	held, pass := map[string]hooked{}, 0
	for text := range bytes.Lines(b) {
		var e struct {
			Type string
			Data truthRecord
		}
		if !bytes.HasSuffix(text, []byte("\n")) {
			break // it is being written
		}
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		switch e.Type {
		case "sheaf.webhook.pass-began.v1":
			pass++
			between = false
		case "sheaf.webhook.pass-completed.v1":
			maps.DeleteFunc(held, func(_ string, h hooked) bool { return h.pass != pass })
			between = true
		}
		if e.Data.Identifier == "" {
			continue
		}
		at := pipeline.Cursor{Epoch: e.Data.Epoch, Seq: e.Data.Seq}
		h := held[e.Data.Identifier]
		if h.at.Before(at) {
			h = hooked{at: at, deleted: e.Data.Operation == "deleted", hash: e.Data.Hash}
		}
		h.pass = pass
		held[e.Data.Identifier] = h
	}
	return held, between
}

// checkReceiver starts the receiver of the webhook once more. Nothing tells a gateway that its whole folder was put back, and
// so nothing tells a receiver, which can't ask: a person does, with a new epoch.
func (w *chaosWorld) checkReceiver(t *testing.T, client *control.Client, log map[string]pipeline.Record) {
	t.Helper()
	last := w.processes[len(w.processes)-1]
	cmd := exec.Command(last.command[0])
	cmd.Env = append(os.Environ(), last.env)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	head, err := client.Epoch(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	differ := "the pass of the new epoch has not come"
	for deadline := time.Now().Add(5 * time.Minute); differ != "" && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if held, between := journaled(t, w.journal); between {
			differ = differs(held, log, head.Epoch)
		}
	}
	if differ != "" {
		standing, err := client.Webhooks(t.Context())
		t.Errorf("%s: %s; %+v, %v", last.name, differ, standing, err)
	}
}

// differs says where what a receiver holds is not the log; empty if nowhere.
func differs(held map[string]hooked, log map[string]pipeline.Record, epoch int64) string {
	for id, r := range log {
		switch h := held[id]; {
		case h.deleted != (r.Deleted != pipeline.Live) || h.at.Epoch != epoch:
			return fmt.Sprintf("%s is held as %+v, and is %q in the log", id, h, r.Deleted)
		case !h.deleted && h.hash != hex.EncodeToString(r.Fingerprint[:]):
			return fmt.Sprintf("%s is held as another state: %+v", id, h)
		}
	}
	for id := range held {
		if _, is := log[id]; !is {
			return id + " is not in the log"
		}
	}
	return ""
}
