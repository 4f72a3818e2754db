package kinds

import (
	_ "embed"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed resourcesync.go
var resourcesyncCode string

// resourcesyncKind harvests resources that a server keeps in sync by ResourceSync. What people save of it is one of them,
// whose format its bytes tell.
var resourcesyncKind = Kind{
	Kind: config.Kind{Name: "resourcesync", Check: checkResourceSync, Code: resourcesyncCode,
		Settings: &ResourceSync{Metadata: "resource", FullEvery: 30 * 24 * time.Hour}},
	What: "a document of ResourceSync", Probe: probeResourceSync, Build: buildResourceSync,
	FullEvery: func(s *config.Source) time.Duration { return s.Settings.(*ResourceSync).FullEvery },
}

// ResourceSync has the keys of kind resourcesync.
type ResourceSync struct {
	// A pattern that the URI of a metadata record has, in which * stands for anything. Default: all that are XML, as the
	// types in the list say.
	Only string `yaml:"only" also:"pattern,filter,include"`
	// What the metadata is: the resource itself, or what its link describedby leads to.
	Metadata string `yaml:"metadata" enum:"resource,describedby"`
	// Other hosts at which lists and resources may be asked for. Default: that of from alone.
	Hosts []string `yaml:"hosts" also:"host,domains"`
	// How long after everything was asked for it is asked for again, and not only what has changed. 0s is never.
	FullEvery time.Duration `yaml:"full_every" min:"0s" max:"3660d"`
}

// resourcesyncConfig is what a source says of its server.
func resourcesyncConfig(s *config.Source) resourcesync.Config {
	r := s.Settings.(*ResourceSync)
	c := resourcesync.Config{Only: r.Only, DescribedBy: r.Metadata == "describedby", Hosts: r.Hosts, Access: access(s)}
	if len(s.From) > 0 {
		c.From = s.From[0]
	}
	return c
}

func checkResourceSync(s *config.Source, r *config.Report) {
	if len(s.From) > 1 {
		r.Problem("from", "a source of kind resourcesync has one URL; make a source of each")
	}
	if s.Absent != nil && s.Settings.(*ResourceSync).FullEvery == 0 {
		r.Problem("absent", "needs full_every: more than 0s; only where everything is asked for is it known what is missing")
	}
	c := resourcesyncConfig(s)
	if err := c.Check(); err != nil {
		key, what, _ := strings.Cut(err.Error(), ": ")
		r.Problem(key, "%s", what)
	}
}

func buildResourceSync(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return resourcesync.New(resourcesyncConfig(s), f)
}
