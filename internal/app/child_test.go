package app_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// childConfig, in the environment, makes the test program a gateway: a real process that can be killed. With childDue it harvests
// when sources are due, as gateways do. childVersion is the version that it says it is of.
const (
	childConfig  = "SHEAF_TEST_CHILD_CONFIG"
	childDue     = "SHEAF_TEST_CHILD_DUE"
	childVersion = "SHEAF_TEST_CHILD_VERSION"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childConfig); path != "" {
		if err := runChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if args := os.Getenv(childBroker); args != "" {
		if err := runBroker(args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if args := os.Getenv(childReceiver); args != "" {
		if err := runReceiver(args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if url := os.Getenv(subscriberURL); url != "" {
		if err := runSubscriber(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(pgtest.Main(m))
}

// runChild harvests every source again and again until it is killed.
func runChild(path string) error {
	cfg, err := config.Load(path, app.ConfigOptions())
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	due := os.Getenv(childDue) != ""
	o := app.Options{Version: cmp.Or(os.Getenv(childVersion), "child"), Logger: quiet, Idle: !due}
	if file := os.Getenv(childClock); file != "" {
		o.Clock = &jumpingClock{file: file}
	}
	g, err := app.NewGateway(ctx, cfg, o)
	if err != nil {
		return err
	}
	fmt.Println("ready", g.Addresses().Ops, g.Addresses().NATS, g.Addresses().Public)
	if due {
		return g.Run(ctx)
	}
	go func() {
		for ctx.Err() == nil {
			for _, name := range cfg.Names() {
				src, err := g.Source(name)
				if err == nil {
					_, _ = g.Scheduler.Harvest(ctx, src, pipeline.Order{})
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return g.Run(ctx)
}

// A child is a gateway in a process of its own.
type child struct {
	cmd               *exec.Cmd
	ops, nats, public string
}

// spawn starts a child, and returns when its addresses are bound.
func spawn(t *testing.T, configFile string, env ...string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0])}
	c.run(t, append(env, childConfig+"="+configFile)...)
	return c
}

// run starts the process, and returns when it says that it is ready.
func (c *child) run(t *testing.T, env ...string) {
	t.Helper()
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if fields := append(strings.Split(strings.TrimSpace(line), " "), "", "", ""); fields[0] == "ready" {
		c.ops, c.nats, c.public = fields[1], fields[2], fields[3] // of a gateway; without a broker of its own, nats is empty
		return
	}
	c.kill(t)
	t.Fatalf("the child says %q: %v", line, err)
}

// childClock, in the environment, names the file with the offset of the child's clock.
const childClock = "SHEAF_TEST_CHILD_CLOCK"

// A jumpingClock is the machine's clock, set wrong by what a file says.
type jumpingClock struct{ file string }

var began = time.Now()

func (c *jumpingClock) Wall() time.Time {
	b, _ := os.ReadFile(c.file) // none: right
	off, _ := time.ParseDuration(string(b))
	return time.Now().Round(0).Add(off)
}

func (c *jumpingClock) Elapsed() time.Duration { return time.Since(began) }

// stop ends the child as an operator does.
func (c *child) stop(t *testing.T) {
	t.Helper()
	if err := errors.Join(c.cmd.Process.Signal(syscall.SIGTERM), c.cmd.Wait()); err != nil {
		t.Fatal(err)
	}
}

// kill ends the child as a crash does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait()
}
