package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxFriends bounds the base URLs in Identify, because every harvester asks for Identify again and again.
const maxFriends = 24

// describeGateway gives the descriptions in Identify, beside that of the identifiers: the repositories that we harvest,
// the terms of the metadata, and an icon; each only if there is something to say.
func describeGateway(cfg *config.Config) (out [][]byte, err error) {
	add := func(b []byte, e error) {
		if out = append(out, b); err == nil {
			err = e
		}
	}
	var friends, rights []string
	for _, name := range cfg.Names() {
		s := cfg.Sources[name]
		if u := repositoryURL(s); u != "" && len(friends) < maxFriends && !slices.Contains(friends, u) {
			friends = append(friends, u)
		}
		if r := cmp.Or(s.Rights, cfg.OAI.Rights); r != "" && !slices.Contains(rights, r) {
			rights = append(rights, r)
		}
	}
	if len(friends) > 0 {
		add(oaipmh.DescribeFriends(friends))
	}
	if len(rights) > 0 {
		add(oaipmh.DescribeRights(rights))
	}
	if b := cfg.OAI.Branding; b != nil {
		add(oaipmh.DescribeBranding(oaipmh.Branding{URL: b.Icon, Link: b.Link, Title: b.Title, Width: b.Width, Height: b.Height}))
	}
	if err != nil {
		return nil, fmt.Errorf("describe the gateway: %w", err)
	}
	return out, nil
}

// describeSets gives a function that names and describes the sets of the sources, and those that rules make.
func describeSets(cfg *config.Config) (func(spec string) (name string, descriptions [][]byte), error) {
	ours := map[string][][]byte{}
	for name, s := range cfg.Sets {
		about, err := rules.AboutSet(s)
		if err != nil {
			return nil, ConfigError{fmt.Errorf("sets.%s.description: %w", name, err)}
		}
		if len(about.Values) > 0 {
			ours[rules.SetSpec(name)] = [][]byte{about.AppendOAIDC(nil)}
		}
	}
	return func(spec string) (string, [][]byte) {
		if name, below := strings.CutPrefix(spec, rules.TopSet+":"); below && cfg.Sets[name] != nil {
			return cfg.Sets[name].Title, ours[spec]
		} else if spec == rules.TopSet {
			return "Sets made by rules over the records of all sources", nil
		}
		s := cfg.Sources[spec]
		if s == nil {
			return "", nil
		}
		var out [][]byte
		if about := aboutSource(s); len(about.Values) > 0 {
			out = append(out, about.AppendOAIDC(nil))
		}
		if r := cmp.Or(s.Rights, cfg.OAI.Rights); r != "" {
			if b, err := oaipmh.DescribeRights([]string{r}); err == nil {
				out = append(out, b)
			}
		}
		return s.Title, out
	}, nil
}

// aboutSource describes a source in Dublin Core, as far as the configuration says something about it.
func aboutSource(s *config.Source) *dublincore.Record {
	r := &dublincore.Record{}
	for _, v := range []struct {
		term dublincore.Term
		text string
	}{
		{dublincore.Title, s.Title}, {dublincore.Description, s.Description}, {dublincore.Publisher, s.Provider.Name}, {dublincore.Identifier, s.Provider.URL},
	} {
		if v.text != "" {
			r.AddText(v.term, v.text)
		}
	}
	return r
}

// recordPage gives the address of the page about a record, below a public root; empty if the record is not of the
// namespace.
func recordPage(namespace string) func(root, identifier string) string {
	return func(root, identifier string) string {
		path := pipeline.RecordPath(identifier)
		if path == "" || !strings.HasPrefix(identifier, "oai:"+namespace+":") {
			return ""
		}
		return root + pipeline.RecordsPath + path
	}
}
