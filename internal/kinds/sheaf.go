package kinds

import (
	"bytes"
	"context"
	_ "embed"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/harvest/sheaf"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed sheaf.go
var sheafCode string

// sheafKind harvests another gateway by its feed. What people save of it is an answer of the feed.
var sheafKind = Kind{
	Kind: config.Kind{Name: "sheaf", Settings: &Sheaf{Take: "record", FullEvery: 30 * 24 * time.Hour}, Check: checkSheaf, Code: sheafCode},
	What: "a gateway of this kind", Probe: probeSheaf, Build: buildSheaf,
	FullEvery: func(s *config.Source) time.Duration { return s.Settings.(*Sheaf).FullEvery },
	BaseURL:   func(s *config.Source) string { c := sheafConfig(s); return harvest.Shown(c.BaseURL()) },
	IsPage:    func(content []byte) bool { return bytes.HasPrefix(content, []byte(`{"identifier":"oai:`)) },
	ItemsOf: func(_ context.Context, _ string, s *config.Source, f File) ([]harvest.Item, error) {
		return sheaf.Items(sheafConfig(s), f.Content)
	},
}

// Sheaf has the keys of kind sheaf.
type Sheaf struct {
	// What is taken of a record: its Dublin Core as the other gateway has it (record), or what the other gateway's source
	// had sent, to be mapped here (original).
	Take string `yaml:"take" enum:"record,original"`
	// Only the records of this source of the other gateway. Default: those of all.
	OnlySource string `yaml:"only_source" also:"source"`
	// Only the records in this set of the other gateway, as its OAI-PMH endpoint calls it. Default: all.
	OnlySet string `yaml:"only_set" also:"set,sets"`
	// How long after everything was asked for it is asked for again, and not only what has changed. 0s is never, unless the
	// other gateway's log is put back.
	FullEvery time.Duration `yaml:"full_every" min:"0s" max:"3660d"`
}

func sheafConfig(s *config.Source) sheaf.Config {
	own := s.Settings.(*Sheaf)
	c := sheaf.Config{Source: own.OnlySource, Set: own.OnlySet, Originals: own.Take == "original", Access: access(s)}
	if len(s.From) > 0 {
		c.From = s.From[0]
	}
	return c
}

func checkSheaf(s *config.Source, r *config.Report) {
	if len(s.From) > 1 {
		r.Problem("from", "a source of kind sheaf has one URL; make a source of each")
	}
	if s.Absent != nil && s.Settings.(*Sheaf).FullEvery == 0 {
		r.Problem("absent", "needs full_every: more than 0s; only where everything is asked for is it known what is missing")
	}
	c := sheafConfig(s)
	if err := c.Check(); err != nil {
		key, what, _ := strings.Cut(err.Error(), ": ")
		r.Problem(key, "%s", what)
	}
}

// A gateway is another gateway, whose sets are called what its OAI-PMH endpoint says.
type gateway struct {
	*sheaf.Source
	harvest.SetNamer
}

func buildSheaf(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	c := sheafConfig(s)
	feed, err := sheaf.New(c, f)
	if err != nil {
		return nil, err
	}
	names, err := oai.New(oai.Config{BaseURL: c.BaseURL(), Access: c.Access}, f)
	return gateway{feed, names}, err
}
