package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

func main() {
	app.LimitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses (DESIGN §5).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or configuration
	exitLook   = 3 // finished, with something to look at
)

// commands has all commands, in the order in which the help lists them.
type commands struct {
	Config string `placeholder:"FILE" help:"The configuration file. Default: sheaf.yaml, if there is one here."`
	Data   string `placeholder:"DIR" help:"The data folder, whatever the configuration says."`

	Serve      serveCmd         `cmd:"" help:"Run the gateway."`
	Harvest    harvestCmd       `cmd:"" help:"Harvest sources now."`
	Cancel     cancelCmd        `cmd:"" help:"End harvests that are under way."`
	Probe      probeCmd         `cmd:"" help:"Say what is at a URL, and write a configuration to harvest it."`
	Sources    sourcesCmd       `cmd:"" help:"List the sources."`
	Status     statusCmd        `cmd:"" help:"Say how the gateway and its sources stand."`
	Runs       runsCmd          `cmd:"" help:"List the last harvests, and how they ended."`
	Show       showCmd          `cmd:"" help:"Show one record, and where it came from."`
	Map        mapCmd           `cmd:"" help:"Show what the mapping makes of an original, and why."`
	Remap      remapCmd         `cmd:"" help:"Run changed rules over what is kept of a source."`
	Quality    qualityCmd       `cmd:"" help:"Measure how good the metadata of a source is."`
	Quarantine quarantineCmd    `cmd:"" help:"Look at the items that were rejected."`
	Pending    pendingCmd       `cmd:"" help:"List what waits for a decision."`
	Approve    approveCmd       `cmd:"" help:"Do what waits with a run."`
	Refuse     refuseCmd        `cmd:"" help:"Leave things as they are that wait with a run."`
	Pause      pauseCmd         `cmd:"" help:"Stop sources from being harvested."`
	Resume     resumeCmd        `cmd:"" help:"Let sources be harvested again."`
	Retire     retireCmd        `cmd:"" help:"End a source: its records become deletions."`
	Takedown   takedownCmd      `cmd:"" help:"Remove a record for good, and keep it out."`
	Withdraw   withdrawCmd      `cmd:"" help:"Hide a record for a while."`
	Readmit    restoreRecordCmd `cmd:"" name:"restore-record" help:"Let a record come back that was withdrawn."`
	Validate   validateCmd      `cmd:"" help:"Check any OAI-PMH endpoint against the specification."`
	Harvesters harvestersCmd    `cmd:"" help:"Say who harvests this gateway."`
	Webhooks   webhooksCmd      `cmd:"" help:"Look after the receivers that are sent each change."`
	Watch      watchCmd         `cmd:"" help:"Print events as they come."`
	Mirror     mirrorCmd        `cmd:"" help:"Keep a folder or a SQLite file equal to a gateway, or to any OAI-PMH repository."`
	Export     exportCmd        `cmd:"" help:"Write the records out."`
	Audit      auditCmd         `cmd:"" help:"List what people have done to the gateway."`
	Clock      clockCmd         `cmd:"" help:"Say whether the clock is trusted; say that it is right."`
	Epoch      epochCmd         `cmd:"" help:"Begin a new epoch of the log, from which all who follow it start again."`
	Refresh    refreshCmd       `cmd:"" help:"Send records once more as events."`
	Backup     backupCmd        `cmd:"" help:"Copy the log to a file, also while the gateway runs."`
	Restore    restoreCmd       `cmd:"" help:"Put a backup in the place of the log."`
	Copy       copyCmd          `cmd:"" help:"Carry the log from SQLite into PostgreSQL."`
	Doctor     doctorCmd        `cmd:"" help:"Check what the gateway stands on, and say what to do."`
	Reload     reloadCmd        `cmd:"" help:"Have the gateway read its configuration again."`
	Settings   configCmd        `cmd:"" name:"config" help:"Check a configuration."`
	Version    versionCmd       `cmd:"" help:"Print the version."`
}

// env is what a command works with.
type env struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	flags          *commands
}

// run is main, for tests too. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var cli commands
	helped := false // --help was answered while the arguments were parsed
	parser, err := kong.New(&cli,
		kong.Name("sheaf"),
		kong.Description("Sheaf gathers metadata from many sources, maps it to Dublin Core, and hands it on: by OAI-PMH, as events, as web pages."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(helpPrinter),
	)
	if err != nil {
		panic(err) // the structs of this package are wrong
	}
	if len(args) == 0 {
		_, _ = parser.Parse([]string{"--help"})
		return exitUsage
	}
	if len(args) == 1 && args[0] == "--version" {
		args = []string{"version"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return exitDone
	}
	if err != nil {
		return report(stderr, usageError{fmt.Errorf("%w; %s says how it is used", err, helpCommand(err))})
	}
	return report(stderr, parsed.Run(&env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, flags: &cli}))
}

// helpCommand returns the command that prints the help for an error of the command line.
func helpCommand(err error) string {
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil {
		if node := p.Context.Selected(); node != nil {
			return node.FullPath() + " --help"
		}
	}
	return "sheaf --help"
}

// helpPrinter prints the help of a command with its examples at the end.
func helpPrinter(o kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(o, ctx); err != nil {
		return err
	}
	node := ctx.Selected()
	if node == nil || !node.Target.IsValid() || !node.Target.CanAddr() {
		return nil
	}
	if e, ok := node.Target.Addr().Interface().(interface{ Examples() []string }); ok {
		heading := "Example:"
		if len(e.Examples()) > 1 {
			heading = "Examples:"
		}
		_, err := fmt.Fprintf(ctx.Stdout, "\n%s\n  %s\n", heading, strings.Join(e.Examples(), "\n  "))
		return err
	}
	return nil
}

// A usageError is an error that a person has to correct in the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errLook means that the command did what it should, and has told the user that there is something to look at.
var errLook = errors.New("there is something to look at")

// errMisconfigured means that the configuration can't work, and that the user was told why.
var errMisconfigured = usageError{errSaid}

// errSaid means that the command failed and has told the user why.
var errSaid = errors.New("the command failed")

// report tells a person what went wrong, and returns the exit status that tells programs.
func report(stderr io.Writer, err error) int {
	var problems config.Problems
	var usage usageError
	var sources app.ConfigError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errLook):
		return exitLook
	case errors.Is(err, errMisconfigured):
		return exitUsage
	case errors.Is(err, errSaid):
		return exitFailed
	case errors.As(err, &problems):
		fmt.Fprintln(stderr, err) // each line begins with a file and a line number
		return exitUsage
	}
	if errors.As(err, &usage) || errors.As(err, &sources) {
		// A mapping or corrections may be wrong in many places: a line for each.
		fmt.Fprintf(stderr, "sheaf: %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
		return exitUsage
	}
	fmt.Fprintf(stderr, "sheaf: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	return exitFailed
}

// defaultConfig is read if there is such a file, and no other one is named.
const defaultConfig = "sheaf.yaml"

// config reads the configuration.
func (e *env) config() (*config.Config, error) {
	if e.flags.Config == "" {
		if _, err := os.Stat(defaultConfig); errors.Is(err, fs.ErrNotExist) {
			return e.withData(config.Default()), nil
		}
	}
	cfg, err := config.Load(cmp.Or(e.flags.Config, defaultConfig), app.ConfigOptions())
	if err != nil {
		return nil, err
	}
	return e.withData(cfg), nil
}

// reachable is the configuration, for a command that a gateway answers. A gateway that runs goes by what it has read, so a file
// that is no good now keeps nobody from asking it how it stands, or from stopping a source: then only the data folder counts.
func (e *env) reachable() (*config.Config, error) {
	cfg, err := e.config()
	var problems config.Problems
	if !errors.As(err, &problems) {
		return cfg, err
	}
	there := config.Default()
	there.Data = config.DataOf(cmp.Or(e.flags.Config, defaultConfig), app.ConfigOptions())
	if there = e.withData(there); !control.Answers(there.Data) {
		return nil, err
	}
	return there, nil
}

func (e *env) withData(cfg *config.Config) *config.Config {
	if e.flags.Data != "" {
		cfg.Data = e.flags.Data
	}
	return cfg
}

// connect returns a client of the gateway that runs on the log of a configuration, or of the log itself if no gateway runs.
// If there is no log it returns an error, rather than making an empty one for a command that only reads.
func (e *env) connect(cfg *config.Config) (*control.Client, error) {
	if !hasLog(cfg) {
		return nil, fmt.Errorf("there is no log in %s yet: sheaf serve or sheaf harvest makes one; or name the data folder with --data", cfg.Data)
	}
	return e.introduced(app.Connect(e.ctx, cfg, e.options()))
}

// introduced says to the gateway who gives the commands.
func (e *env) introduced(client *control.Client, err error) (*control.Client, error) {
	if err == nil {
		client.Introduce(whoami(), audit.ByCommand, "")
	}
	return client, err
}

// hasLog says whether there is a log, by what is in the data folder: the log itself, or the mark of one in a database.
func hasLog(cfg *config.Config) bool {
	name := "sheaf.db"
	if cfg.Store.Kind == "postgres" {
		name = datadir.HighwaterName
	}
	_, err := os.Stat(filepath.Join(cfg.Data, name))
	return err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// options returns the options of a command that is over soon. It logs only what went wrong.
func (e *env) options() app.Options {
	return app.Options{Version: version(), Logger: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelError}))}
}
