package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// A scene is what must be there for the commands of a guide to do what the guide says, one after the other.
type scene struct {
	files   func(t *testing.T) map[string]string
	play    func(t *testing.T) // once the files are there
	gateway bool               // one runs while the commands do
	// here replaces what the guide has for what is here.
	here func(t *testing.T) []string
	// status has the commands that end with another exit status than 0.
	status map[string]int
	// elsewhere has the commands that are not run here, and why.
	elsewhere map[string]string
}

const (
	installed = "the server and the database of the tests are made by pgtest"
	systemd   = "a service of the machine, which the log of this scene is not"
)

// scenes are those of the guides whose commands no other test runs.
var scenes = map[string]scene{
	"changes.md": {
		gateway: true,
		play:    func(t *testing.T) { want(t, exitDone, "harvest", "letters") },
	},
	"gateways.md": {
		gateway: true,
		play:    func(t *testing.T) { want(t, exitDone, "harvest", "letters") },
	},
	"metadata.md": {
		files: func(*testing.T) map[string]string {
			return map[string]string{"sheaf.yaml": lettersYAML + "sets: {early: {title: Early letters, where: title has \"Letter 1\"}}\n"}
		},
		play: func(t *testing.T) {
			replaceIn(t, "sheaf.yaml", "sets:", "# sets:")
			want(t, exitDone, "harvest", "letters")
			replaceIn(t, "sheaf.yaml", "# sets:", "sets:")
			replaceIn(t, "letters.map", "title from title", "title from title | prefix \"A \"")
		},
	},
	"moving.md": {
		files: func(t *testing.T) map[string]string {
			page := func(records string) string {
				return `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate><request verb="ListRecords" metadataPrefix="oai_dc">x</request>` + records + `</OAI-PMH>`
			}
			record := func(id, title string) string {
				return `<record><header><identifier>` + id + `</identifier><datestamp>2026-01-01</datestamp></header><metadata><dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"><title xmlns="http://purl.org/dc/elements/1.1/">` + title + `</title></dc></metadata></record>`
			}
			guide, err := os.ReadFile("../../docs/moving.md")
			if err != nil {
				t.Fatal(err)
			}
			saved, _, _ := strings.Cut(strings.SplitN(string(guide), "```yaml\nsources:\n  saved:", 2)[1], "```")
			return map[string]string{
				"sheaf.yaml":                      strings.Replace(strings.Replace(lettersYAML, "sources: {", "sources:\n  saved:"+strings.ReplaceAll(saved, "/srv/", "./")+"  ", 1), "}}\n", "}\n", 1),
				"metha/a/2026-01-31-00000000.xml": page("<ListRecords>" + record("oai:x:1", "One") + record("oai:x:2", "Two") + "</ListRecords>"),
				"metha/a/2026-02-28-00000000.xml": page(`<error code="noRecordsMatch"/>`),
				"metha/a/2026-03-31-00000000.xml": page("<ListRecords>" + record("oai:x:1", "One, corrected") + "</ListRecords>"),
			}
		},
		gateway: true,
		here:    func(*testing.T) []string { return []string{"/srv/metha/", "metha"} },
	},
	"operators.md": {
		play: func(t *testing.T) {
			absent := "complete: true, absent: {delete_after: 1}"
			replaceIn(t, "sheaf.yaml", "mapping: letters.map", absent+", mapping: letters.map")
			replaceIn(t, "sheaf.yaml", "sources: {", "backup: {to: copies}\nsources: {maps: {kind: files, from: maps.csv, key: id, "+absent+", mapping: letters.map}, ")
			for _, rows := range []int{3000, 2000} {
				for _, source := range []string{"maps", "letters"} {
					if err := os.WriteFile(source+".csv", []byte(lettersCSV(rows+1)), 0o600); err != nil {
						t.Fatal(err)
					}
					sheaf(t, "harvest", source)
				}
			}
		},
		here: func(t *testing.T) []string {
			m := runsThatWait(t)
			return []string{"refuse 17", "refuse " + m[0], " 17", " " + m[1], "/var/backups/", "./", " ID", " oai:test.example.org:letters/3", "TEXT", "private",
				"retire letters", "retire letters --yes"}
		},
		status: map[string]int{"sheaf pending": exitLook, "sheaf pending 17": exitLook},
		elsewhere: map[string]string{
			"sheaf serve --config sheaf.yaml":                                                             "every test of a gateway runs it",
			"htpasswd -B -C 10 -c /etc/sheaf/ops-users alice":                                             "a program of others; the tests of the pages have such files",
			"docker run --rm -p 127.0.0.1:16686:16686 -p 127.0.0.1:4318:4318 jaegertracing/jaeger:latest": "a program of others; the tests of traces have a collector of their own",
		},
	},
	"push.md": {
		gateway: true,
		files: func(t *testing.T) map[string]string {
			return map[string]string{
				"sheaf.yaml":      strings.Replace(lettersYAML, "sources: {letters: {kind: files, from: letters.csv, ", "sources: {catalogue: {kind: push, token_file: catalogue.token}, papers: {kind: push, token_file: catalogue.token}, letters: {kind: push, token_file: catalogue.token, ", 1),
				"catalogue.token": strings.Repeat("a", 40) + "\n",
				"rows.csv":        lettersCSV(3),
				"records.mrc":     marcFile(t, "1", "A letter"),
				"letter.xml":      `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>A letter</title></titleInfo></mods>`,
			}
		},
	},
	"scale.md": {
		files: func(t *testing.T) map[string]string {
			return map[string]string{"dsn": pgtest.NewDatabase(t).DSN() + "\n"}
		},
		play: func(t *testing.T) {
			want(t, exitDone, "harvest", "letters")
			replaceIn(t, "sheaf.yaml", "sources:", "store: {kind: postgres, dsn_file: dsn}\nsources:")
			if err := os.Chmod("dsn", 0o600); err != nil {
				t.Fatal(err)
			}
			want(t, exitDone, "config", "check")
		},
		elsewhere: map[string]string{
			"apt-get install postgresql":                                                         installed,
			"sudo -u postgres createuser --pwprompt sheaf":                                       installed,
			"sudo -u postgres createdb --owner sheaf --encoding UTF8 --template template0 sheaf": installed,
			"systemctl stop sheaf":                                                               systemd,
			"systemctl start sheaf":                                                              systemd,
		},
	},
	"validate.md": {
		elsewhere: map[string]string{"sheaf validate https://repository.example.edu/oai/request": "the tests of the command check repositories with it, for a minute"},
	},
	"webhooks.md": {
		gateway: true,
		files: func(t *testing.T) map[string]string {
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
			t.Cleanup(receiver.Close)
			return map[string]string{
				"catalogue-hook": "whsec_" + strings.Repeat("QUFB", 10) + "\n",
				"sheaf.yaml":     lettersYAML + "webhooks: {catalogue: {url: '" + receiver.URL + "', secret_file: catalogue-hook, from: beginning, allow_private: [127.0.0.0/8]}}\n",
			}
		},
		play: func(t *testing.T) {
			want(t, exitDone, "harvest", "letters")
			for until := time.Now().Add(time.Minute); !strings.Contains(sheaf(t, "webhooks", "letters", "catalogue").stdout, "letters/17"); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(until) {
					t.Fatal("the receiver is not sent letters/17")
				}
			}
		},
	},
}

const lettersYAML = "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {listen: '127.0.0.1:0'}\n" +
	"sources: {letters: {kind: files, from: letters.csv, key: id, mapping: letters.map}}\n"

// lettersCSV is a table.
func lettersCSV(rows int) string {
	var b strings.Builder
	b.WriteString("id,title\n")
	for n := range rows {
		fmt.Fprintf(&b, "%d,Letter %d\n", n, n)
	}
	return b.String()
}

// runsThatWait are the numbers of the runs that wait for a decision, by the order of pending.
func runsThatWait(t *testing.T) (numbers []string) {
	t.Helper()
	for line := range strings.Lines(want(t, exitLook, "pending").stdout) {
		if f := strings.Fields(line); len(f) > 2 && strings.Trim(f[0], "0123456789") == "" {
			numbers = append(numbers, f[0])
		}
	}
	if len(numbers) != 2 {
		t.Fatalf("%v wait", numbers)
	}
	return numbers
}

// commandsOf are the commands of a guide: the lines of its blocks that are not marked as something else, such as yaml or text.
func commandsOf(guide string) (commands []string) {
	for i, block := range strings.Split(guide, "```") {
		language, lines, _ := strings.Cut(block, "\n")
		if i%2 == 0 || language != "" && language != "sh" {
			continue
		}
		for line := range strings.Lines(lines) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "  #")
			if strings.HasPrefix(line, "#") {
				continue
			}
			if line = strings.TrimSpace(line); line != "" {
				commands = append(commands, line)
			}
		}
	}
	return commands
}

// TestGuides: what the guides tell people to type does what they say. Each guide with commands has a scene here, or a test
// of its own.
func TestGuides(t *testing.T) {
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		commands := commandsOf(string(text))
		s, has := scenes[name]
		switch {
		case name == "commands.md" || name == "subscribers.md": // generated; TestDocsOfSubscribers
		case !has && len(commands) > 0:
			t.Errorf("nothing tries the commands of docs/%s: %q", name, commands)
		case has && len(commands) == 0:
			t.Errorf("docs/%s has no commands", name)
		case has:
			t.Run(name, func(t *testing.T) { s.run(t, commands) })
		}
	}
}

func (s *scene) run(t *testing.T, commands []string) {
	files := map[string]string{"sheaf.yaml": lettersYAML, "letters.csv": lettersCSV(200), "letters.map": "format csv\ntitle from title\n"}
	if s.files != nil {
		for name, content := range s.files(t) {
			files[name] = content
		}
	}
	folder(t, files)
	here := []string{"https://gateway.example.org/", "", "oai:gateway.example.org:", "oai:test.example.org:"}
	if s.gateway {
		g := running(t)
		at := g.Addresses()
		here = append(here, "https://repository.example.edu/oai/request", at.Public+"oai", "http://127.0.0.1:8081/", at.Ops)
		here[1] = at.Public
	}
	if s.play != nil {
		s.play(t)
	}
	if s.here != nil {
		here = append(s.here(t), here...)
	}
	for command := range s.elsewhere {
		if !slices.Contains(commands, command) {
			t.Errorf("the guide has no command %s", command)
		}
	}
	local := strings.NewReplacer(here...)
	set := "" // variables of the shell
	for _, command := range commands {
		if s.elsewhere[command] != "" {
			continue
		}
		typed := local.Replace(command)
		if args, is := strings.CutPrefix(typed, "sheaf "); is {
			if r := sheaf(t, words(args)...); r.code != s.status[command] {
				t.Errorf("%s: exit status %d, not %d\n%s%s", command, r.code, s.status[command], r.stdout, r.stderr)
			}
			continue
		}
		if setsVariable(command) {
			set += typed + "\n"
			continue
		}
		if strings.HasPrefix(typed, "curl ") {
			typed = "curl -fsS " + strings.TrimPrefix(typed, "curl ")
		}
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", set+typed).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}

// words are the arguments that a shell makes of a line with double quotes.
func words(line string) (out []string) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// running runs the gateway of the folder that the test is in, until the test ends.
func running(t *testing.T) *app.Gateway {
	t.Helper()
	cfg, err := config.Load("sheaf.yaml", app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g, err := app.NewGateway(t.Context(), cfg, app.Options{Idle: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return g
}
