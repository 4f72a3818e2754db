package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
)

// TestDocsOfSubscribers: every command of the guide does what it says, and its event is one.
func TestDocsOfSubscribers(t *testing.T) {
	text, err := os.ReadFile("../../docs/subscribers.md")
	if err != nil {
		t.Fatal(err)
	}
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	shown := 0
	for i, block := range strings.Split(string(text), "```") {
		if i%2 == 0 {
			continue
		}
		if event, is := strings.CutPrefix(block, "jsonc\n"); is {
			shown++
			isEvent(t, event)
		} else if list, is := strings.CutPrefix(block, "\n"); is {
			commands = append(commands, strings.Split(strings.TrimSpace(list), "\n")...)
		} else if !strings.HasPrefix(block, "nats\n") && !strings.HasPrefix(block, "json\n") { // which servers read: internal/events tries them
			t.Errorf("the guide has a block that this test does not know: %.60s", block)
		}
	}
	if len(commands) < 8 || shown != 1 {
		t.Fatalf("the guide has %d commands and %d events", len(commands), shown)
	}
	dir := folder(t, map[string]string{
		"letters.csv": lettersCSV(200), "letters.map": "format csv\ntitle from title\n",
		"sheaf.yaml": lettersYAML,
	})
	g := running(t)
	want(t, exitDone, "harvest", "letters")
	here := strings.NewReplacer("https://gateway.example.org/", g.Addresses().Public, "nats://127.0.0.1:4222", g.Addresses().NATS,
		" catalogue.", " "+filepath.Join(dir, "catalogue."), "mirror copy ", "mirror "+filepath.Join(dir, "copy")+" ", "$PWD", dir)
	t.Chdir(repository)
	for _, command := range commands {
		t.Run(strings.Fields(command)[0], func(t *testing.T) { runsInGuide(t, command, here.Replace(command)) })
	}
}

// runsInGuide runs a command of the guide. What goes on for ever must do so until it is interrupted.
func runsInGuide(t *testing.T, command, here string) {
	program := strings.Fields(command)[0]
	if args, is := strings.CutPrefix(here, "sheaf "); is {
		lasts := strings.HasPrefix(args, "watch")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if lasts {
			ctx, cancel = context.WithTimeout(t.Context(), 2*time.Second)
		}
		defer cancel()
		var stdout, stderr bytes.Buffer
		if code := run(ctx, strings.Fields(args), strings.NewReader(""), &stdout, &stderr); code != exitDone || lasts == (ctx.Err() == nil) {
			t.Errorf("%s: exit status %d, ended by itself: %v\n%s", command, code, ctx.Err() == nil, stderr.String())
		}
		return
	}
	installed := filepath.Join("deploy", "examples", "javascript", "node_modules")
	if program == "npm" { // continuous integration runs it before the tests
		ci, err := os.ReadFile(".ci/run")
		if err != nil || !strings.Contains(string(ci), "(cd deploy/examples/javascript && npm ci") {
			t.Errorf(".ci/run does not run %s: %v", command, err)
		}
		return
	}
	_, err := exec.LookPath(program)
	if program == "node" && err == nil {
		_, err = os.Stat(installed)
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	ends := program == "curl" || strings.Contains(command, "-once")
	if !ends {
		here = "timeout --signal=INT 5 " + here
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", here)
	out, err := cmd.CombinedOutput()
	status := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	const interrupted = 124 // what timeout says of it
	if ends && (status != 0 || len(out) == 0) || !ends && status != interrupted {
		t.Errorf("%s: exit status %d\n%s", command, status, out)
	}
	if strings.Contains(command, "catalogue.") && ends && !strings.Contains(string(out), "200 records, digest ") {
		t.Errorf("%s: says\n%s", command, out)
	}
	if strings.Contains(command, "p07") && !strings.Contains(string(out), "put oai:test.example.org:letters/") {
		t.Errorf("%s: says\n%s", command, out)
	}
}

var comments = regexp.MustCompile(`(?m)(^|[\s,{])// .*$`)

// isEvent says what is wrong with the event that the guide shows.
func isEvent(t *testing.T, text string) {
	t.Helper()
	var event, schema map[string]any
	if err := json.Unmarshal([]byte(comments.ReplaceAllString(text, "$1")), &event); err != nil {
		t.Fatal(err)
	}
	b, err := events.Schema("record")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	for _, fault := range schematest.Conform(schema, event, "") {
		t.Errorf("the event in the guide: %s", fault)
	}
}
