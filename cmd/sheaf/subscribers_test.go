package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
)

// A shownCommand is a command of a guide, and what the guide shows of what it prints.
type shownCommand struct{ command, shows string }

// TestDocsOfSubscribers types the guide from its first command, which starts the demonstration, to its last: each does what
// the guide says, and prints what it shows. Its event is one.
func TestDocsOfSubscribers(t *testing.T) {
	text, err := os.ReadFile("../../docs/subscribers.md")
	if err != nil {
		t.Fatal(err)
	}
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var commands []shownCommand
	shown := 0
	for i, block := range strings.Split(string(text), "```") {
		language, content, _ := strings.Cut(block, "\n")
		switch {
		case i%2 == 0, language == "nats", language == "json": // the latter are read by servers: internal/events tries them
		case language == "jsonc":
			shown++
			isEvent(t, content)
		case language == "text" && len(commands) > 0:
			commands[len(commands)-1].shows = content
		case language == "":
			for line := range strings.Lines(content) {
				commands = append(commands, shownCommand{command: strings.TrimSpace(line)})
			}
		default:
			t.Errorf("the guide has a block that this test does not know: %.60s", block)
		}
	}
	if len(commands) < 16 || shown != 1 || commands[0].command != "sheaf serve --demo" {
		t.Fatalf("the guide has %d commands and %d events, and begins with %q", len(commands), shown, commands[0].command)
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Chdir(repository)
	y := newTypist(t)
	files := []string{" catalogue.", " " + filepath.Join(dir, "catalogue."), "mirror copy ", "mirror " + filepath.Join(dir, "copy") + " ", "$PWD", dir}
	y.finds(append(files, "--demo", "--demo --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --nats-listen 127.0.0.1:0")...)
	demo := y.types(t, commands[0].command)
	y.says(t, demo, regexp.MustCompile(`(http|nats)://127\.0\.0\.1:[0-9]+`).ReplaceAllString(commands[0].shows, "$1://…"))
	demo.waits(t, "both harvests, and the stream", func() bool {
		said := demo.out.String()
		return strings.Count(said, "a harvest has ended") == 2 && regexp.MustCompile(`stream created.* stream=SHEAF_RECORDS`).MatchString(said)
	})
	found := func(label string) string {
		return strings.TrimSpace(regexp.MustCompile(`(?m)^  ` + label + ` +(.*)$`).FindStringSubmatch(demo.out.String())[1])
	}
	public, ops := found("web page"), found("ops")
	y.finds(append(files, "http://127.0.0.1:8080/", public, "nats://127.0.0.1:4222", found("NATS"))...)
	for _, c := range commands[1:] {
		if y.remembers(c.command) {
			continue
		}
		program := strings.Fields(c.command)[0]
		t.Run(program, func(t *testing.T) {
			if program == "npm" { // continuous integration runs it before the tests
				ci, err := os.ReadFile(".ci/run")
				if err != nil || !strings.Contains(string(ci), "(cd deploy/examples/javascript && npm ci") {
					t.Errorf(".ci/run does not run %s: %v", c.command, err)
				}
				return
			}
			needsProgram(t, program)
			asked := askedForChanges(t, ops)
			r := y.types(t, c.command)
			switch {
			case strings.HasPrefix(c.command, "sheaf watch"):
				y.says(t, r, c.shows)
				r.interrupt(t)
				y.says(t, r, "sheaf watch … goes on from here")
			case program == "curl" || program == "sheaf" || strings.Contains(c.command, "-once"):
				if r.ends(t); c.shows != "" {
					y.says(t, r, c.shows)
				} else if r.out.String() == "" {
					t.Errorf("%s says nothing", c.command)
				}
			default: // goes on for ever
				r.waits(t, "a question of "+c.command, func() bool { return r.hasEnded() || askedForChanges(t, ops) > asked })
				r.interrupt(t)
			}
		})
	}
	demo.interrupt(t)
}

// needsProgram skips the test where the program is missing, unless this is continuous integration.
func needsProgram(t *testing.T, program string) {
	t.Helper()
	if program == "sheaf" {
		return
	}
	_, err := exec.LookPath(program)
	if program == "node" && err == nil {
		_, err = os.Stat(filepath.Join("deploy", "examples", "javascript", "node_modules"))
	}
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
}

// askedForChanges counts the requests at /changes: those that were answered, and those that wait.
func askedForChanges(t *testing.T, ops string) (n int) {
	t.Helper()
	for line := range strings.Lines(page(t, ops+"metrics")) {
		if m := regexp.MustCompile(`^sheaf_door_requests_(?:total|in_flight)\{.*door="changes".*\} ([0-9]+)`).FindStringSubmatch(line); m != nil {
			count := 0
			if err := json.Unmarshal([]byte(m[1]), &count); err != nil {
				t.Fatal(err)
			}
			n += count
		}
	}
	return n
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
