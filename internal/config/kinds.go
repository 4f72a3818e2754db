package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// kinds has the kinds of source that a configuration can describe. The tags of the fields of [Source] say which kind uses
// which field.
var kinds = []kind{
	{"oai", checkOAI},
	{"listing", checkListing},
}

type kind struct {
	name  string
	check func(*decoder, *source)
}

func kindNames() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// kind refuses a kind that the program can't harvest.
func (d *decoder) kind(name string) error {
	known := d.options.Kinds
	if known == nil {
		known = kindNames()
	}
	if slices.Contains(known, name) {
		return nil
	}
	if why := notYetKind(name); why != "" {
		return errors.New(why)
	}
	if guess := wording.Nearest(name, known); guess != "" {
		return fmt.Errorf("is not a known kind%s", didYouMean(guess))
	}
	return errors.New("is not a known kind; known are " + strings.Join(known, ", "))
}

func checkOAI(d *decoder, s *source) {
	if len(s.is.From) > 1 {
		d.problem(s.at("from"), s.key+".from", "a source of kind oai has one URL; make a source of each")
	}
	for _, from := range s.is.From {
		if !isURL(from) {
			d.problem(s.at("from"), s.key+".from", "must be the base URL of the repository, such as https://example.org/oai")
		}
		if strings.Contains(from, "verb=") {
			d.problem(s.at("from"), s.key+".from", `is a request; give the base URL: what stands before "verb="`)
		}
	}
}

func checkListing(d *decoder, s *source) {
	remote := slices.IndexFunc(s.is.From, isURL) >= 0
	if !remote {
		return
	}
	switch {
	case slices.ContainsFunc(s.is.From, func(f string) bool { return !isURL(f) }):
		d.problem(s.at("from"), s.key+".from", "holds URLs and files; make a source of each")
	case len(s.is.From) > 1:
		d.problem(s.at("from"), s.key+".from", "has more than one URL; give one with {page} in it, or make a source of each")
	}
	if strings.Count(s.is.From[0], "{page}") > 1 {
		d.problem(s.at("from"), s.key+".from", "has {page} more than once")
	}
	if s.is.Select.Row == "" {
		d.problem(s.at("select"), s.key+".select", "needs row: the CSS selector of one record on the page")
	}
	if s.field("pages") != nil && !strings.Contains(s.is.From[0], "{page}") {
		d.problem(s.at("pages"), s.key+".pages", "from has no {page} to put the number in")
	}
}

func isURL(from string) bool { return strings.Contains(from, "://") }
