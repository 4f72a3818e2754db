package main

import (
	"fmt"
	"runtime/debug"
	"strings"
)

type versionCmd struct{}

func (versionCmd) Help() string {
	return "Prints the version of this program and of Go, and the commit that it was built from."
}

func (versionCmd) Examples() []string { return []string{"sheaf version"} }

func (versionCmd) Run(e *env) error {
	fmt.Fprintln(e.stdout, "sheaf", buildLine(debug.ReadBuildInfo()))
	return nil
}

// version returns the version of this program: that of its module, or "devel" if it was built from a working copy.
func version() string {
	info, ok := debug.ReadBuildInfo()
	return versionOf(info, ok)
}

func versionOf(info *debug.BuildInfo, ok bool) string {
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

// buildLine returns a line such as "1.2.3 (commit 0123456789ab, go1.26.0)".
func buildLine(info *debug.BuildInfo, ok bool) string {
	if !ok {
		return "devel"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	var more []string
	if commit := settings["vcs.revision"]; commit != "" {
		commit = "commit " + commit[:min(12, len(commit))]
		if settings["vcs.modified"] == "true" {
			commit += " with changes"
		}
		more = append(more, commit)
	}
	more = append(more, info.GoVersion)
	return versionOf(info, ok) + " (" + strings.Join(more, ", ") + ")"
}
