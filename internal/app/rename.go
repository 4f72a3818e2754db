package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
)

// renameSources gives the sources in the log the names that the configuration has for them now (was:). The name in
// identifiers stays, so a configuration that would make other identifiers is refused: all records would come a second time.
func renameSources(ctx context.Context, log Log, cfg *config.Config) error {
	all, err := log.Status(ctx)
	if err != nil {
		return err
	}
	for _, name := range cfg.Names() {
		s := cfg.Sources[name]
		from, err := logged(all, name, s)
		if err != nil {
			return ConfigError{err}
		}
		if from != "" && from != name {
			if err := log.Rename(ctx, from, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// logged is the name under which the log has a source; empty if it has nothing of it.
func logged(all []store.SourceStatus, name string, s *config.Source) (string, error) {
	var found *store.SourceStatus
	for i := range all {
		st := &all[i]
		if st.Live+st.Deleted == 0 {
			continue
		}
		if st.Source != name && st.Minted == s.Minted(name) && !slices.Contains(s.Was, st.Source) {
			return "", fmt.Errorf("sources.%s: the name %s is in the identifiers of the records of %s; choose another one, or, if it is that source, set was: [%s, %s]", name, st.Minted, st.Source, st.Minted, st.Source)
		}
		if st.Source != name && !slices.Contains(s.Was, st.Source) {
			continue
		}
		if found != nil {
			return "", fmt.Errorf("sources.%s: the log has records of both %s and %s, so they are two sources; take one of them out of was, and end it with sheaf retire if it is over", name, found.Source, st.Source)
		}
		found = st
	}
	if found == nil {
		return "", nil
	}
	minted := found.Minted
	if minted == "" {
		minted = found.Source
	}
	if minted != s.Minted(name) {
		return "", fmt.Errorf("sources.%s: its %d records are called %s in their identifiers, and would all come again as %s; set was: [%s]", name, found.Live+found.Deleted, minted, s.Minted(name), strings.Join(wasOf(minted, name, s), ", "))
	}
	return found.Source, nil
}

// wasOf are the earlier names of a source, of which minted is the first.
func wasOf(minted, name string, s *config.Source) []string {
	out := []string{minted}
	for _, was := range s.Was {
		if was != minted && was != name {
			out = append(out, was)
		}
	}
	return out
}
