package quality

import (
	"cmp"
	"fmt"
	"time"
)

// A Survey says how good the metadata of one source is.
type Survey struct {
	Source string `json:"source"`
	Title  string `json:"title,omitempty"`
	// Rules are the versions of the mapping rules that made the records: the one in force first, then those that
	// made most. Beyond three they are together, as "other". A source whose rules have changed has two until it is
	// mapped again.
	Rules    []RulesMade `json:"rules"`
	Measured time.Time   `json:"measured"`
	Report   *Report     `json:"report"` // of all records
	// Pages is the address that the path of a record's page is added to; empty if there is none.
	Pages string `json:"pages,omitempty"`
}

// RulesMade are the records that a version of the rules has made.
type RulesMade struct {
	Version string  `json:"version"`
	Present bool    `json:"present"` // in force: what is harvested now is made by it
	Records int64   `json:"records"`
	Report  *Report `json:"report"`
}

// MadeBy names the rules that made the records.
func (s *Survey) MadeBy() string {
	switch len(s.Rules) {
	case 0:
		return "none yet"
	case 1:
		return s.Rules[0].Version
	}
	return fmt.Sprintf("%d versions", len(s.Rules))
}

// Parts are the reports on what each version of the rules has made, named by as much of the version as tells them apart.
func (s *Survey) Parts() (parts []Part) {
	for _, r := range s.Rules {
		name := r.Version[:min(len(r.Version), 8)]
		if r.Present {
			name += " (now)"
		}
		parts = append(parts, Part{Name: name, Report: r.Report})
	}
	return parts
}

// Page is what the HTML page of the survey has besides the figures. recordPath gives the path of a record's page below the
// survey's Pages, or "".
func (s *Survey) Page(recordPath func(identifier string) string) Page {
	page := Page{
		Title: "Quality of " + cmp.Or(s.Title, s.Source),
		Facts: []Fact{{Name: "Source", Value: s.Source}, {Name: "Rules", Value: s.MadeBy()}, {Name: "Measured", Value: s.Measured.UTC().Format("2006-01-02 15:04:05Z")}},
		Parts: s.Parts(),
	}
	if s.Pages != "" {
		page.Link = func(identifier string) string {
			if path := recordPath(identifier); path != "" {
				return s.Pages + path
			}
			return ""
		}
	}
	return page
}
