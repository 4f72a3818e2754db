package kinds

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

//go:embed oai.go
var oaiCode string

// oaiKind harvests a repository by OAI-PMH. What people save of it is a response.
var oaiKind = Kind{
	Kind: config.Kind{Name: "oai", Settings: &OAI{FullEvery: 30 * 24 * time.Hour, Reconcile: 7 * 24 * time.Hour, Granularity: "auto"}, Check: checkOAI, Code: oaiCode},
	What: "an OAI-PMH repository", Probe: probeOAI, Build: buildOAI, BaseURL: repositoryURL,
	FullEvery:      func(s *config.Source) time.Duration { return s.Settings.(*OAI).FullEvery },
	ReconcileEvery: func(s *config.Source) time.Duration { return s.Settings.(*OAI).Reconcile },
	IsPage:         isResponse, ItemsOf: itemsOfResponse,
}

// OAI has the keys of kind oai.
type OAI struct {
	// The metadata formats to ask for, by prefix: the first that is offered is taken.
	Formats []string `yaml:"formats" as:"prefix" also:"format,prefix,metadata_prefix"`
	// The sets to harvest, by their specs as ListSets spells them. Default: the whole repository.
	Sets []string `yaml:"sets" as:"foreignset" also:"set"`
	// How long after everything was asked for it is asked for again, and not only what has changed: some
	// repositories list a change late, or under an old date, or forget what was deleted. 0s is never.
	FullEvery time.Duration `yaml:"full_every" min:"0s" max:"3660d"`
	// How long after everything was listed the headers of everything are listed again, to find records that were missed,
	// because they were added under an old date, and those that are gone without a trace. 0s is never.
	Reconcile time.Duration `yaml:"reconcile" min:"0s" max:"3660d" also:"reconciliation,check_every"`
	// The granularity of datestamps to ask with, where the repository is wrong about its own. Default: auto.
	Granularity string `yaml:"granularity" enum:"auto,day,second"`
	// How far an incremental harvest reaches back before the last one, for repositories that list
	// changes late. Default: what suits the granularity.
	Overlap time.Duration `yaml:"overlap" min:"0s" max:"60d"`
	// Ask with POST instead of GET.
	Post bool `yaml:"post"`
	// The domain in this repository's own identifiers, oai:<domain>:…, which is left out of ours.
	// Default: what the repository declares.
	Domain string `yaml:"domain" as:"namespace"`
}

func checkOAI(s *config.Source, r *config.Report) {
	if len(s.From) > 1 {
		r.Problem("from", "a source of kind oai has one URL; make a source of each")
	}
	if a := s.Absent; a != nil && a.DeleteAfter == 1 {
		r.Problem("absent", "delete_after must be 2 or more for kind oai: a record that changes while everything is listed may be missing from the list once")
	}
	if o := s.Settings.(*OAI); s.Absent != nil && o.FullEvery == 0 && o.Reconcile == 0 {
		r.Problem("absent", "needs full_every or reconcile: more than 0s; only where everything is asked for is it known what is missing")
	}
	for _, from := range s.From {
		if !config.IsURL(from) {
			r.Problem("from", "must be the base URL of the repository, such as https://example.org/oai")
		}
		if strings.Contains(from, "verb=") {
			r.Problem("from", `is a request; give the base URL: what stands before "verb="`)
		}
	}
}

func buildOAI(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	o := s.Settings.(*OAI)
	return oai.New(oai.Config{
		BaseURL: s.From[0], Formats: o.Formats, Sets: o.Sets, Granularity: o.Granularity, Overlap: o.Overlap,
		POST: o.Post, Domain: o.Domain, Access: access(s),
	}, f)
}

// repositoryURL leaves out what may be a secret: a query, or a user.
func repositoryURL(s *config.Source) string {
	if address := strings.TrimSpace(s.From[0]); strings.Contains(address, "://") {
		return harvest.Shown(address)
	}
	return ""
}

// maxProlog bounds what may stand before the root of a response, in bytes.
const maxProlog = 64 << 10

// isResponse reports whether the root element is OAI-PMH, with or without a prefix.
func isResponse(content []byte) bool {
	dec := xml.NewDecoder(bytes.NewReader(content[:min(len(content), maxProlog)]))
	dec.Strict = false
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are ASCII
	for {
		token, err := dec.RawToken()
		if err != nil {
			return false
		}
		if root, is := token.(xml.StartElement); is {
			return root.Name.Local == "OAI-PMH"
		}
	}
}

func itemsOfResponse(_ context.Context, _ string, _ *config.Source, f File) (out []harvest.Item, err error) {
	response, err := oaipmh.ReadResponse(f.Content)
	if err != nil {
		return nil, fmt.Errorf("read the file as a response of OAI-PMH: %w", err)
	}
	for i := range response.Records {
		rec := &response.Records[i]
		item := harvest.Item{Identifier: rec.Identifier, Original: rec.Metadata}
		item.Format.Namespace = rec.Received.Namespace
		switch {
		case rec.Received.Problem != "":
			item.Original = rec.Received.Raw
			item.Rejected = &harvest.Rejection{Detail: rec.Received.Problem}
		case rec.Metadata == nil: // deleted
			continue
		}
		out = append(out, item)
	}
	return out, nil
}
