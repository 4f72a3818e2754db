package app_test

import (
	"bufio"
	"context"
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
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// childConfig, in the environment, makes the test program a gateway: a real process that can be killed.
const childConfig = "SHEAF_TEST_CHILD_CONFIG"

func TestMain(m *testing.M) {
	if path := os.Getenv(childConfig); path != "" {
		if err := runChild(path); err != nil {
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
	os.Exit(m.Run())
}

// runChild harvests every source again and again until it is killed.
func runChild(path string) error {
	cfg, err := config.Load(path, app.ConfigOptions())
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	g, err := app.NewGateway(ctx, cfg, app.Options{Version: "child", Logger: quiet, Idle: true})
	if err != nil {
		return err
	}
	fmt.Println("ready", g.Addresses().Ops, g.Addresses().NATS)
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
	cmd       *exec.Cmd
	ops, nats string
}

// spawn starts a child, and returns when its addresses are bound.
func spawn(t *testing.T, configFile string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), childConfig+"="+configFile)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "ready" {
		c.ops, c.nats = fields[1], fields[2]
		return c
	}
	c.kill(t)
	t.Fatalf("the child says %q: %v", line, err)
	return nil
}

// kill ends the child as a crash does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait()
}
