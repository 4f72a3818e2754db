package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type configCmd struct {
	Check  configCheckCmd  `cmd:"" help:"Say everything that is wrong with a configuration."`
	Schema configSchemaCmd `cmd:"" help:"Print the JSON Schema of the configuration, for editors."`
}

type configCheckCmd struct {
	File string `arg:"" optional:"" help:"The configuration file. Default: that of --config, or sheaf.yaml."`
}

func (configCheckCmd) Help() string {
	return `Checks a configuration file and all that it includes: every problem at once, with file, line and column, and what to do. Mappings and selectors are tried; no address is bound, no folder made, no source asked. A database of PostgreSQL is asked whether a log can be in it. A gateway that runs on the data folder is asked which sources it has records of, and those that the configuration lacks are named.

The exit status is 2 if the gateway would not start with it, 3 if something deserves a look.`
}

func (configCheckCmd) Examples() []string {
	return []string{"sheaf config check", "sheaf config check /etc/sheaf.yaml"}
}

func (c *configCheckCmd) Run(e *env) error {
	file := c.File
	if file == "" {
		file = e.flags.Config
	}
	if file == "" {
		file = defaultConfig
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			return usagef("there is no %s here; name the file: sheaf config check FILE", defaultConfig)
		}
	}
	options := app.ConfigOptions()
	options.Files = matches
	cfg, err := config.Load(file, options)
	if err != nil {
		return err
	}
	if err := app.Check(cfg); err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(e.stderr, "%s: %s\n", file, strings.TrimRight(line, "\n"))
		}
		return errMisconfigured
	}
	unknown, err := app.CheckStore(e.ctx, cfg)
	if err != nil {
		fmt.Fprintf(e.stderr, "%s: %s\n", file, wording.Line(err.Error()))
		return errMisconfigured
	}
	left, err := leftOut(e.ctx, cfg)
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintln(e.stderr, w)
	}
	if unknown != "" {
		left = append(left, wording.Line(unknown))
	}
	for _, w := range left {
		fmt.Fprintf(e.stderr, "%s: %s\n", file, w)
	}
	if n := len(cfg.Names()); n > 0 {
		fmt.Fprintf(e.stdout, "%s is good: %s\n", file, wording.Count(int64(n), "source", "sources"))
	} else {
		fmt.Fprintf(e.stdout, "%s can be used, and names no sources: nothing is harvested. sheaf probe URL writes the configuration of one.\n", file)
	}
	if len(cfg.Warnings)+len(left) > 0 {
		return errLook
	}
	return nil
}

// matches reports whether a pattern matches a file; also one that can't be read, because its folder is closed to this user.
func matches(pattern string) bool {
	names, err := filepath.Glob(pattern)
	return err != nil || len(names) > 0
}

// leftOut warns of sources whose records the gateway serves, and that the configuration does not have. Without a gateway on
// its data folder nothing is known of that: a check opens no log.
func leftOut(ctx context.Context, cfg *config.Config) (warnings []string, err error) {
	if !control.Answers(cfg.Data) {
		return nil, nil
	}
	client, err := control.NewClient(cfg.Data, nil)
	if err != nil {
		return nil, err
	}
	infos, err := client.Sources(ctx)
	for i := range infos {
		st := &infos[i].Status
		if has(cfg, infos[i].Name) || st.Live == 0 || st.Stop.Retired {
			continue
		}
		warnings = append(warnings, fmt.Sprintf("sources: %s of %s would go on to be served, and there is no source of that name; was: keeps them under another one, sheaf retire %[2]s ends them",
			wording.Count(st.Live, "record", "records"), infos[i].Name))
	}
	return warnings, errors.Join(err, client.Close())
}

// has says whether a configuration has a source, under this name or a later one.
func has(cfg *config.Config, name string) bool {
	for present, s := range cfg.Sources {
		if present == name || slices.Contains(s.Was, name) {
			return true
		}
	}
	return false
}

type configSchemaCmd struct{}

func (configSchemaCmd) Help() string {
	return "Prints the JSON Schema of the configuration. An editor that is told of it completes keys, and shows what they mean."
}

func (configSchemaCmd) Examples() []string {
	return []string{"sheaf config schema > sheaf.schema.json"}
}

func (configSchemaCmd) Run(e *env) error {
	_, err := e.stdout.Write(config.Schema(kinds.Configurable()))
	return err
}
