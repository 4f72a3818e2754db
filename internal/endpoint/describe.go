package endpoint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxFriends bounds the base URLs in Identify, because every harvester asks for Identify again and again.
const maxFriends = 24

// DescribeGateway gives the descriptions in Identify, beside that of the identifiers: the repositories that we harvest
// (harvested has their base URLs, in order), the terms of the metadata, and an icon; each only if there is something to say.
func DescribeGateway(cfg *config.Config, harvested []string) (out [][]byte, err error) {
	add := func(b []byte, e error) {
		if out = append(out, b); err == nil {
			err = e
		}
	}
	var friends, rights []string
	for _, u := range harvested {
		if u != "" && len(friends) < maxFriends && !slices.Contains(friends, u) {
			friends = append(friends, u)
		}
	}
	for _, name := range cfg.Names() {
		s := cfg.Sources[name]
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

// A DescribedSet is a set that no source has: what it is called, and what is said of it.
type DescribedSet struct {
	Title string
	About *dublincore.Record // nil if there is nothing to say
}

// DescribeSets gives a function that names and describes the sets of the sources, and the others, by their specs.
func DescribeSets(cfg *config.Config, others map[string]DescribedSet) func(spec string) (name string, descriptions [][]byte) {
	return func(spec string) (string, [][]byte) {
		if set, is := others[spec]; is {
			return set.Title, described(set.About)
		}
		s := cfg.Minting(spec)
		if s == nil {
			return "", nil
		}
		out := described(aboutSource(s))
		if r := cmp.Or(s.Rights, cfg.OAI.Rights); r != "" {
			if b, err := oaipmh.DescribeRights([]string{r}); err == nil {
				out = append(out, b)
			}
		}
		return s.Title, out
	}
}

// described is a description in Dublin Core, if it says something.
func described(about *dublincore.Record) [][]byte {
	if about == nil || len(about.Values) == 0 {
		return nil
	}
	return [][]byte{about.AppendOAIDC(nil)}
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

// RecordPage gives the address of the page about a record, below a public root; empty if the record is not of the
// namespace.
func RecordPage(namespace string) func(root, identifier string) string {
	return func(root, identifier string) string {
		if !strings.HasPrefix(identifier, "oai:"+namespace+":") {
			return ""
		}
		return pipeline.RecordURL(root, identifier)
	}
}
