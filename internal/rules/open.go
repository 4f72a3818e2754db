package rules

import (
	"cmp"
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Options are what rules need beside the configuration of their source.
type Options struct {
	// Sets has the sets made by rules, compiled once for all sources.
	Sets []Set
	// Formats has the writers of formats; those of this release if nil.
	Formats *formats.Table
	// Canonical and FileFormat come from the source's kind. They say what of a kept original counts, and which format
	// an original in a file has if its content does not tell.
	Canonical  func(original []byte) []byte
	FileFormat string
	// Draft is the text of a mapping that stands for the one that the configuration names; nil for none. What it includes
	// is looked for where that one is.
	Draft []byte
}

// Open reads the rules of a source from the files as they are now. It writes the address of the gateway into records only
// if it is configured. Any other address would work on this machine at most, and might change with each start.
func Open(cfg *config.Config, source string, o Options) (*Rules, error) {
	s := cfg.Sources[source]
	if s == nil {
		return nil, fmt.Errorf("there is no source %q in the configuration; sheaf sources lists them", source)
	}
	walk, corrections, err := openCrosswalk(s, o.Draft)
	if err != nil {
		return nil, err
	}
	return &Rules{
		Source: source, Minted: s.Minted(source), Crosswalk: walk, Corrections: corrections,
		Rights: cmp.Or(s.Rights, cfg.OAI.Rights), Sets: o.Sets, Formats: o.Formats,
		Gateway:   pipeline.Gateway{Name: cfg.Gateway.Name, Root: cfg.Gateway.URL},
		Canonical: o.Canonical, fileFormat: o.FileFormat,
	}, nil
}
