package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// typed, in the environment, makes the test's program the command sheaf, so that a shell can run what a guide says as it
// stands, with pipes, variables and Ctrl-C.
const typed = "SHEAF_TEST_TYPED"

func TestMain(m *testing.M) {
	if os.Getenv(typed) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(pgtest.Main(m))
}

// A typist types the commands of a guide into a shell, one after the other.
type typist struct {
	path  string            // where programs are, with sheaf before all others
	here  *strings.Replacer // what the guide says → what is here
	there *strings.Replacer // and back
	set   string            // variables of the shell
}

func newTypist(t *testing.T) *typist {
	t.Helper()
	bin := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec %q \"$@\"\n", typed, os.Args[0])
	if err := os.WriteFile(filepath.Join(bin, "sheaf"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return &typist{path: bin + string(os.PathListSeparator) + os.Getenv("PATH"), here: strings.NewReplacer(), there: strings.NewReplacer()}
}

// finds says that the guide's texts stand for others here: pairs of them.
func (y *typist) finds(pairs ...string) {
	y.here = strings.NewReplacer(pairs...)
	back := make([]string, 0, len(pairs))
	for i := 0; i < len(pairs); i += 2 {
		back = append(back, pairs[i+1], pairs[i])
	}
	y.there = strings.NewReplacer(back...)
}

// remembers tells whether the command sets a variable, which the commands after it see.
func (y *typist) remembers(command string) bool {
	is := setsVariable(command)
	if is {
		y.set += y.here.Replace(command) + "\n"
	}
	return is
}

// setsVariable tells whether a command sets a variable of the shell, and does nothing else.
func setsVariable(command string) bool {
	return regexp.MustCompile(`^[A-Za-z_]+=`).MatchString(command)
}

// A typing is a command that was typed.
type typing struct {
	cmd   *exec.Cmd
	out   output // both of what it writes, as a person sees it
	ended chan struct{}
	err   error // once it has ended
}

// types begins a command. It is killed when the test ends.
func (y *typist) types(t *testing.T, command string) *typing {
	t.Helper()
	r := &typing{cmd: exec.Command("sh", "-c", y.set+y.here.Replace(command)), ended: make(chan struct{})}
	r.cmd.Env = append(os.Environ(), "PATH="+y.path)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for all that the shell has started, as in a terminal
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
		<-r.ended
	})
	return r
}

// interrupt is Ctrl-C, again each second: a program that is still starting may not heed the first one.
func (r *typing) interrupt(t *testing.T) {
	t.Helper()
	if r.hasEnded() {
		t.Errorf("it ends by itself: %v\n%s", r.err, r.out.String())
	}
	round := 0
	r.waits(t, "its end", func() bool {
		if round%100 == 0 {
			_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGINT)
		}
		round++
		return r.hasEnded()
	})
}

func (r *typing) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// waits waits for something that the command does.
func (r *typing) waits(t *testing.T, what string, done func() bool) {
	t.Helper()
	for until := time.Now().Add(90 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("waited in vain for %s:\n%s", what, r.out.String())
		}
	}
}

// says waits until the command has printed what the guide shows, and all of it if it has ended.
func (y *typist) says(t *testing.T, r *typing, shown string) {
	t.Helper()
	pattern := shownAs(shown)
	r.waits(t, "what the guide shows:\n"+shown+"\nin", func() bool {
		ended := r.hasEnded() // before the output is looked at, so that it is whole then
		matches := pattern.MatchString(y.there.Replace(r.out.String()))
		if ended && !matches {
			t.Fatalf("it has ended (%v), and the guide shows\n%s\nbut it says\n%s", r.err, shown, r.out.String())
		}
		return matches
	})
}

// ends waits for the end of a command, which must be a good one.
func (r *typing) ends(t *testing.T) {
	t.Helper()
	r.waits(t, "the end", r.hasEnded)
	if exit := (*exec.ExitError)(nil); errors.As(r.err, &exit) || r.err != nil {
		t.Errorf("%v\n%s", r.err, r.out.String())
	}
}

// shownAs is what a guide shows of what a command prints, beginning anywhere at the start of a line: an ellipsis is something, or
// some lines, that is otherwise each time.
func shownAs(shown string) *regexp.Regexp {
	return regexp.MustCompile(`(?ms)^` + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(shown)), "…", ".*?"))
}
