package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

// RuleSets is the top of the specs of sets that rules make. No source is called so.
const RuleSets = "rules"

// A RuleSet is a set made by a rule.
type RuleSet struct {
	Spec  string // "rules:photographs"
	Where *crosswalk.Condition
}

// A Finish is what becomes of a record once it is mapped: what is served of it beside the Dublin Core.
// It acts where a record is mapped, and so on what is in the log by a remap only: its Version is part of
// the version of the rules that made a record.
type Finish struct {
	// Rights is the URL of the terms under which the source's metadata may be used, if known.
	Rights string
	// Sets are the sets made by rules, in order of their specs.
	Sets []RuleSet
	// Formats are the writers of the formats that are made of records; those of this release if nil.
	Formats *formats.Table
	// Gateway is who serves the records, and its number in the log.
	Gateway       Gateway
	GatewayNumber int
}

// A Gateway is what formats say of whoever serves a record, where the record lacks it.
type Gateway struct {
	Name string `json:"name"`
	// Root is the public root, to which the paths of the pages about records are added; without it
	// no page is named.
	Root string `json:"root"`
}

// Version is that of mapping rules together with all that follows them: it differs wherever something
// else could be served.
func (f *Finish) Version(rules string) string {
	var b bytes.Buffer
	if f.Rights != "" {
		fmt.Fprintf(&b, "rights %q\n", f.Rights)
	}
	if f.Gateway != (Gateway{}) {
		fmt.Fprintf(&b, "gateway %q %q\n", f.Gateway.Name, f.Gateway.Root)
	}
	for _, s := range f.Sets {
		fmt.Fprintf(&b, "set %s %s\n", s.Spec, s.Where.Version())
	}
	writeVersions(&b, f.Formats)
	if b.Len() == 0 {
		return rules
	}
	h := sha256.New()
	fmt.Fprintf(h, "rules %s\n%s", rules, b.Bytes())
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// A finished record is what is to be served of one beside its Dublin Core.
type finished struct {
	sets    []string
	formats Formats
	rights  string
}

// finish finds out what is to be served of a record of the source. sets are those that the source has put
// it in, and perhaps such as other rules made. As with MapItem, what brings it down is a bad item.
func (f *Finish) finish(source string, sets []string, record *dublincore.Record) (out finished, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the rules for sets broke off, which is a fault of this program: %v", p)
		}
	}()
	return finished{f.SetsOf(source, sets, record), FormatsOf(record, f.Formats, f.GatewayNumber), f.Rights}, nil
}

// SetsOf are the sets of a record: those that its source has put it in, then those that rules make, in
// order of their specs. Such as other rules made may be among the former: they fall away.
func (f *Finish) SetsOf(source string, sets []string, record *dublincore.Record) []string {
	out := make([]string, 0, len(sets)+2)
	for _, s := range sets {
		if !madeByRule(s) {
			out = append(out, s)
		}
	}
	for i := range f.Sets {
		if s := &f.Sets[i]; s.Where.Holds(record, source) {
			out = append(out, s.Spec)
		}
	}
	return out
}

func madeByRule(spec string) bool {
	rest, ok := strings.CutPrefix(spec, RuleSets)
	return ok && (rest == "" || rest[0] == ':')
}
