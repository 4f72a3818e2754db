package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// hup sends a hangup to the process, which a gateway in it takes as its own.
func hup(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// On SIGHUP a gateway takes a good configuration, refuses a broken one whole, and says both.
func TestHangup(t *testing.T) {
	public, ops := freeport.Address(t), freeport.Address(t)
	file := func(rest string) string {
		return fmt.Sprintf("gateway: {name: Test, namespace: test.example.org, contact: a@example.org}\nlisten: {public: '%s', ops: '%s'}\nevents: {kind: none}\n%s", public, ops, rest)
	}
	dir := folder(t, map[string]string{"sheaf.yaml": file(""), "list.txt": "1 - 1 of 1\n\n1958\n\nA letter\n"})
	p := begin(t, "serve", "--log-format", "json")
	metrics := p.line(t, "ops") + "metrics"
	holds(t, "metrics", page(t, metrics), "sheaf_config_last_reload_successful 1")

	source := "sources: {letters: {kind: listing, from: list.txt, mapping: listing}}\n"
	for what, text := range map[string]string{
		"a key that isn't there": "sources: {letters: {kind: listing, form: x}}\n",
		"rules that aren't":      strings.Replace(source, "mapping: listing", "mapping: nowhere.map", 1),
		"another data folder":    "data: elsewhere\n",
		"a level that isn't one": source + "log: {level: loud}\n",
	} {
		refused := strings.Count(p.stderr.String(), "is refused")
		write(t, filepath.Join(dir, "sheaf.yaml"), file(text))
		hup(t)
		waitFor(t, what+" to be refused", p, func() bool { return strings.Count(p.stderr.String(), "is refused") > refused })
		holds(t, "metrics", page(t, metrics), "sheaf_config_last_reload_successful 0")
	}
	holds(t, "the log", p.stderr.String(), "\"err\":\"sheaf.yaml:4:")
	write(t, filepath.Join(dir, "sheaf.yaml"), file(source))
	holds(t, "a harvest of a source that the gateway does not know yet", want(t, exitFailed, "harvest", "letters").stderr, `no source "letters"`, "systemctl reload sheaf")
	hup(t)
	waitFor(t, "the new source to be harvested", p, func() bool {
		return strings.Contains(p.stderr.String(), "is in force") && strings.Contains(p.stderr.String(), "a harvest has ended")
	})
	holds(t, "metrics", page(t, metrics), "sheaf_config_last_reload_successful 1", `sheaf_records{source="letters",status="live"} 1`)
	holds(t, "a harvest of the source after that", want(t, exitDone, "harvest", "letters").stdout, "1 unchanged")
	write(t, filepath.Join(dir, "other.yaml"), file(""))
	holds(t, "a check of a configuration without it", want(t, exitLook, "config", "check", "other.yaml").stderr, "1 record of letters would go on to be served", "sheaf retire letters")
	write(t, filepath.Join(dir, "other.yaml"), file(strings.Replace(source, "letters: {", "briefe: {was: letters, ", 1)))
	want(t, exitDone, "config", "check", "other.yaml")
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
	for line := range strings.Lines(p.stderr.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is not JSON: %s", line)
		}
	}
}

// Where the new configuration turns out not to work only when the gateway starts with it, the old one is taken again.
func TestHangupFallsBack(t *testing.T) {
	public, ops, busy := freeport.Address(t), freeport.Address(t), taken(t)
	file := "listen: {public: '%s', ops: '%s'}\nevents: {kind: none}\n"
	dir := folder(t, map[string]string{"sheaf.yaml": fmt.Sprintf(file, public, ops)})
	p := begin(t, "serve")
	metrics := p.line(t, "ops") + "metrics"
	write(t, filepath.Join(dir, "sheaf.yaml"), fmt.Sprintf(file, busy, ops))
	hup(t)
	waitFor(t, "the old configuration", p, func() bool { return strings.Count(p.stdout.String(), "  ops ") == 2 })
	holds(t, "metrics", page(t, metrics), "sheaf_config_last_reload_successful 0")
	holds(t, "the log", p.stderr.String(), "goes on with the old one", busy)
}

// Another level and form of the log act when the configuration is read again.
func TestHangupChangesTheLog(t *testing.T) {
	file := fmt.Sprintf("listen: {public: '%s', ops: '%s'}\nevents: {kind: none}\n", freeport.Address(t), freeport.Address(t))
	dir := folder(t, map[string]string{"sheaf.yaml": file + "log: {level: error}\n"})
	p := begin(t, "serve")
	page(t, p.line(t, "ops")+"healthz")
	if text := p.stderr.String(); text != "" {
		t.Errorf("at first the log has %s", text)
	}
	write(t, filepath.Join(dir, "sheaf.yaml"), file+"log: {level: debug, format: json}\n")
	hup(t)
	waitFor(t, "the log", p, func() bool { return strings.HasPrefix(p.stderr.String(), `{"time":`) })
}

// What is logged, and how, is said by the configuration and by flags, which go first.
func TestLogging(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": "listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {kind: none}\nlog: {level: error, format: json}\n"})
	for _, flag := range []string{"--log-level=loud", "--log-format=xml"} {
		holds(t, flag, want(t, exitUsage, "serve", flag).stderr, "is not one of")
	}
	for _, tt := range []struct {
		args []string
		has  string // at the beginning of the log; empty if there is none
	}{
		{[]string{"serve"}, ""},
		{[]string{"serve", "--log-level=info"}, "{"},
		{[]string{"serve", "--log-level=info", "--log-format=text"}, "time="},
	} {
		p := begin(t, tt.args...)
		page(t, p.line(t, "ops")+"healthz")
		if tt.has != "" {
			waitFor(t, "the log", p, func() bool { return strings.HasPrefix(p.stderr.String(), tt.has) })
		}
		if p.stop(t); tt.has == "" && p.stderr.String() != "" {
			t.Errorf("%v logs %s", tt.args, p.stderr.String())
		}
	}
}

// systemd is told when the gateway is ready, that it is alive, and when it stops.
func TestSystemdIsTold(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": "listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {kind: none}\n"})
	socket := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "60000000")
	t.Setenv("WATCHDOG_PID", fmt.Sprint(os.Getpid()))
	p, told := begin(t, "serve"), map[string]bool{}
	tells := func(state string) {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(90 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for b := make([]byte, 256); !told[state]; {
			n, err := conn.Read(b)
			if err != nil {
				t.Fatalf("systemd is not told %s: %v", state, err)
			}
			told[string(b[:n])] = true
		}
	}
	tells("READY=1")
	tells("WATCHDOG=1")
	p.stop(t)
	tells("STOPPING=1")
}

// sheaf reload does what SIGHUP does, and says what is wrong with a configuration that is refused.
func TestReload(t *testing.T) {
	file := fmt.Sprintf("gateway: {namespace: test.example.org, contact: a@example.org}\nlisten: {public: '%s', ops: '%s'}\nevents: {kind: none}\n", freeport.Address(t), freeport.Address(t))
	dir := folder(t, map[string]string{"sheaf.yaml": file, "list.txt": "1 - 1 of 1\n\n1958\n\nA letter\n"})
	p := begin(t, "serve")
	ops := p.line(t, "ops")
	write(t, filepath.Join(dir, "sheaf.yaml"), file+"sources: {letters: {kind: listing, from: list.txt, mapping: nowhere.map}}\n")
	write(t, filepath.Join(dir, "plain.yaml"), file)
	holds(t, "how the gateway stands with a file that it has not read yet", want(t, exitLook, "status").stdout, "CONFIGURATION: ", "nowhere.map", "is running")
	holds(t, "what is refused", want(t, exitFailed, "reload").stderr, "nowhere.map")
	holds(t, "how the gateway stands with it", want(t, exitLook, "status", "--config", "plain.yaml").stdout, "CONFIGURATION: ", "nowhere.map")
	holds(t, "the same in JSON", want(t, exitLook, "status", "--json").stdout, `"refused": {`, "nowhere.map")
	holds(t, "the operators' overview", page(t, ops), "The configuration in the files is refused", "nowhere.map")
	write(t, filepath.Join(dir, "sheaf.yaml"), file+"sources: {letters: {kind: listing, from: list.txt, mapping: listing}}\n")
	holds(t, "what is good", want(t, exitDone, "reload").stdout, "The configuration is good")
	waitFor(t, "it to be in force", p, func() bool { return strings.Contains(p.stderr.String(), "is in force") })
	if text := sheaf(t, "status").stdout; strings.Contains(text, "CONFIGURATION") {
		t.Errorf("with a good one, sheaf status says %s", text)
	}
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
	holds(t, "without a gateway", want(t, exitFailed, "reload").stderr, "nothing is reloaded")
	write(t, filepath.Join(dir, "broken.yaml"), file+"surces: {}\n")
	holds(t, "a broken file without a gateway", want(t, exitUsage, "status", "--config", "broken.yaml").stderr, "surces")
	holds(t, "who did it", want(t, exitDone, "audit").stdout, "reload", "refused", whoami())
}

// While the configuration is read again, who connects waits and is answered.
func TestReloadRefusesNobody(t *testing.T) {
	public, ops := freeport.Address(t), freeport.Address(t)
	file := func(name string) string {
		return fmt.Sprintf("gateway: {name: %s, namespace: test.example.org, contact: a@example.org}\nlisten: {public: '%s', ops: '%s'}\nevents: {kind: none}\n", name, public, ops)
	}
	folder(t, map[string]string{"sheaf.yaml": file("One")})
	p := begin(t, "serve")
	page(t, p.line(t, "ops")+"healthz")
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	var answered atomic.Int64
	for i := range 8 {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 0}, Timeout: time.Minute}
		clients.Go(func() {
			for ctx.Err() == nil {
				resp, err := client.Get("http://" + public + "/oai?verb=Identify")
				if err != nil {
					t.Errorf("a client is turned away: %v", err)
					return
				}
				_, err = io.Copy(io.Discard, resp.Body)
				if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("a client is answered with %s: %v", resp.Status, err)
				}
				answered.Add(1)
			}
		})
	}
	for n, name := range []string{"Two", "Three", "Four"} {
		before := answered.Load()
		write(t, "sheaf.yaml", file(name))
		want(t, exitDone, "reload")
		waitFor(t, "the reload", p, func() bool {
			return strings.Count(p.stdout.String(), "  ops ") == n+2 && answered.Load() > before+100
		})
	}
	stop()
	clients.Wait()
	if text := page(t, "http://"+public+"/oai?verb=Identify"); !strings.Contains(text, "Four") {
		t.Errorf("the gateway is called %s", text)
	}
	p.stop(t)
	if _, err := net.DialTimeout("tcp", public, time.Second); err == nil {
		t.Error("the address is still bound when the gateway has stopped")
	}
}

// A gateway that is stopped while it starts ends well, however far it has come: at each look at its context in turn, in
// growing steps, until it comes through.
func TestStoppedWhileItStarts(t *testing.T) {
	for looks := int64(1); ; looks += 1 + looks/3 {
		folder(t, map[string]string{"sheaf.yaml": fmt.Sprintf("gateway: {namespace: test.example.org}\nlisten: {public: '%s', ops: '%s'}\nevents: {listen: '%s'}\n", freeport.Address(t), freeport.Address(t), freeport.Address(t))})
		ctx, stop := context.WithCancel(t.Context())
		p := &process{cancel: stop, ended: make(chan int, 1)}
		ending := &endingContext{Context: ctx, end: stop}
		ending.left.Store(looks)
		go func() { p.ended <- run(ending, []string{"serve"}, strings.NewReader(""), &p.stdout, &p.stderr) }()
		waitFor(t, "the start or the end", p, func() bool { return ctx.Err() != nil || p.stdout.String() != "" })
		if code := p.stop(t); code != exitDone || strings.Contains(p.stderr.String(), "sheaf: ") {
			t.Fatalf("stopped at look %d: exit status %d\n%s", looks, code, p.stderr.String())
		}
		if p.stdout.String() != "" {
			return
		}
		holds(t, "the log", p.stderr.String(), "stopped before the gateway was open")
	}
}

// An endingContext ends when it has been looked at so many times.
type endingContext struct {
	context.Context
	left atomic.Int64
	end  context.CancelFunc
}

func (c *endingContext) look() {
	if c.left.Add(-1) == 0 {
		c.end()
	}
}

func (c *endingContext) Done() <-chan struct{} { c.look(); return c.Context.Done() }
func (c *endingContext) Err() error            { c.look(); return c.Context.Err() }
