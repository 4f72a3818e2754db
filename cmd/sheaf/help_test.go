package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// allCommands are the commands that have a help of their own.
var allCommands = []string{
	"", "serve", "harvest", "cancel", "runs", "probe", "sources", "status", "show", "quarantine", "quarantine list", "quarantine show", "quarantine retry", "quarantine drop", "pending", "approve", "refuse", "pause", "resume", "retire", "takedown", "withdraw", "restore-record", "validate", "harvesters", "webhooks", "webhooks list", "webhooks letters", "webhooks replay", "webhooks drop", "webhooks test",
	"map", "remap", "quality", "watch", "mirror", "export", "audit", "clock", "epoch", "refresh", "backup", "restore", "copy", "doctor", "reload", "config", "config check", "config schema", "version",
}

func TestHelp(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	var archive txtar.Archive
	for _, name := range allCommands {
		args := append(strings.Fields(name), "--help")
		r := want(t, exitDone, args...)
		if r.stderr != "" {
			t.Errorf("sheaf %v writes to the standard error: %s", args, r.stderr)
		}
		leaf := name != "" && name != "config" && name != "quarantine" && name != "webhooks"
		if leaf && !strings.Contains(r.stdout, "\nExample") {
			t.Errorf("the help of sheaf %s has no example", name)
		}
		for line := range strings.Lines(r.stdout) {
			if example, ok := strings.CutPrefix(line, "  sheaf "); ok && !strings.HasPrefix(example, name) {
				t.Errorf("the help of sheaf %s has the example %q", name, strings.TrimSpace(line))
			}
		}
		archive.Files = append(archive.Files, txtar.File{Name: strings.TrimSpace("sheaf " + name), Data: []byte(r.stdout)})
	}
	golden(t, "testdata/help.txtar", string(txtar.Format(&archive)))
	golden(t, "../../docs/commands.md", commandsReference(archive.Files))
}

// commandsReference is the guide to all commands: what each says of itself.
func commandsReference(helps []txtar.File) string {
	var b strings.Builder
	b.WriteString(`# Commands

<!-- Made from the command line: go test ./cmd/sheaf -run TestHelp -update -->

What each command says with ` + "`--help`" + `. Commands that need the data talk to the gateway that runs on the data folder, or open the folder themselves if none does.

Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 finished with something to look at (items in quarantine, a finding, a decision that waits).
`)
	for _, help := range helps {
		fmt.Fprintf(&b, "\n## %s\n\n```\n%s\n```\n", help.Name, strings.TrimSpace(string(help.Data)))
	}
	return b.String()
}

// Every command that the root lists has its help in the golden file, so none goes unread.
func TestHelpIsWhole(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	_, list, ok := strings.Cut(want(t, exitDone, "--help").stdout, "Commands:\n")
	if !ok {
		t.Fatal("the help lists no commands")
	}
	listed := 0
	for line := range strings.Lines(list) {
		name, _, two := strings.Cut(strings.TrimSpace(line), "  ")
		if !two || !strings.HasPrefix(line, "  ") {
			continue
		}
		listed++
		if !slices.Contains(allCommands, name) {
			t.Errorf("sheaf %s is not in the golden file", name)
		}
	}
	if listed < 15 {
		t.Errorf("the help lists %d commands", listed)
	}
}

func TestNoArguments(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	if r := want(t, exitUsage); r.stdout != want(t, exitDone, "--help").stdout {
		t.Errorf("without arguments: %s", r.stdout)
	}
}
