package oai

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A walk is one call of [Source.Page].
type walk struct {
	s        *Source
	p        place
	warnings []string
}

func (w *walk) warn(sentence string) { w.warnings = wording.AddOnce(w.warnings, sentence) }

// prepare finds out what a pass must know of the repository. If the configuration wants other formats or sets than
// those that the place was made for, a new full pass begins.
func (w *walk) prepare(ctx context.Context) error {
	wanted := hash(strings.Join(w.s.cfg.Formats, "\n") + "\n\n" + strings.Join(w.s.cfg.Sets, "\n"))
	if w.s.cfg.Domain != "" {
		w.p.Domain = w.s.cfg.Domain
	}
	inRange := w.p.Set >= 0 && w.p.Set < max(len(w.s.cfg.Sets), 1)
	if w.p.Format != nil && w.p.Wanted == wanted && inRange {
		w.p.Granularity = w.granularity(w.p.Granularity)
		return nil
	}
	w.p = w.p.again()
	w.p.Wanted = wanted
	if err := w.identify(ctx); err != nil {
		return err
	}
	format, err := w.s.chooseFormat(ctx, w.warn)
	w.p.Format = format
	return err
}

// granularity returns what the configuration says, or else what was found out.
func (w *walk) granularity(found string) string {
	if g := w.s.cfg.Granularity; g == day || g == second {
		return g
	}
	return found
}

func (w *walk) identify(ctx context.Context) error {
	r, err := w.s.ask(ctx, url.Values{"verb": {"Identify"}})
	if err != nil {
		return err
	}
	i := r.Identify
	if i == nil {
		w.warn("The repository does not answer Identify.")
		i = &oaipmh.Identity{}
	}
	found := second // if the repository does not say, seconds are tried, and then days
	if g := strings.ToLower(i.Door.Granularity); g != "" && !strings.Contains(g, "hh:mm:ss") {
		found = day
	}
	w.p.Granularity, w.p.Earliest = w.granularity(found), ""
	if !i.EarliestDatestamp.IsZero() {
		w.p.Earliest = stamp(i.EarliestDatestamp)
	}
	// Once found, the domain stays whatever Identify says later, because keys must not change.
	if w.p.Domain == "" {
		w.p.Domain = cmp.Or(i.Door.RepositoryIdentifier, "-")
	}
	return nil
}

// namespaces has the namespaces of formats that repositories offer under different prefixes.
var namespaces = map[string][]string{
	"oai_dc":       {"http://www.openarchives.org/OAI/2.0/oai_dc/"},
	"mods":         {"http://www.loc.gov/mods/v3"},
	"marc21":       {"http://www.loc.gov/MARC21/slim"},
	"marcxml":      {"http://www.loc.gov/MARC21/slim"},
	"qdc":          {"http://dspace.org/qualifieddc/", "http://worldcat.org/xmlschemas/qdc-1.0/"},
	"oai_qdc":      {"http://worldcat.org/xmlschemas/qdc-1.0/"},
	"ead":          {"urn:isbn:1-931666-22-9", "http://ead3.archivists.org/schema/"},
	"lido":         {"http://www.lido-schema.org"},
	"edm":          {"http://www.europeana.eu/schemas/edm/"},
	"oai_openaire": {"http://namespace.openaire.eu/schema/oaire/"},
	"datacite":     {"http://datacite.org/schema/kernel-4", "http://datacite.org/schema/kernel-3"},
}

// chooseFormat takes the first wanted format that the repository offers: by prefix, or by namespace.
func (s *Source) chooseFormat(ctx context.Context, warn func(string)) (*harvest.Format, error) {
	r, err := s.ask(ctx, url.Values{"verb": {"ListMetadataFormats"}})
	if err != nil {
		return nil, err
	}
	if len(r.Formats) == 0 {
		warn("The repository does not say which formats it has.")
		return &harvest.Format{Prefix: s.cfg.Formats[0]}, nil
	}
	for _, want := range s.cfg.Formats {
		if f := findFormat(r.Formats, want); f != nil {
			return &harvest.Format{Prefix: f.Prefix, Namespace: f.Namespace, Schema: f.Schema}, nil
		}
	}
	var offered []string
	for _, f := range r.Formats {
		offered = append(offered, f.Prefix)
	}
	return nil, s.problem(harvest.Config, "none of the formats "+strings.Join(s.cfg.Formats, ", ")+
		" is offered; there are "+oneLine(strings.Join(offered, ", ")), nil)
}

func findFormat(offered []oaipmh.Format, want string) *oaipmh.Format {
	for _, same := range []func(f *oaipmh.Format) bool{
		func(f *oaipmh.Format) bool { return f.Prefix == want },
		func(f *oaipmh.Format) bool { return strings.EqualFold(f.Prefix, want) },
		func(f *oaipmh.Format) bool { return f.Namespace == want || f.Schema == want },
		func(f *oaipmh.Format) bool {
			for _, n := range namespaces[want] {
				if strings.TrimRight(f.Namespace, "/") == strings.TrimRight(n, "/") {
					return true
				}
			}
			return false
		},
	} {
		for i := range offered {
			if offered[i].Prefix != "" && same(&offered[i]) {
				return &offered[i]
			}
		}
	}
	return nil
}
