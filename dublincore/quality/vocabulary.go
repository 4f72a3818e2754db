package quality

import (
	"strings"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// A contextGroup is what a linked entity is: Europeana's four contextual classes.
type contextGroup uint8

const (
	aboutTime contextGroup = iota
	aboutConcept
	aboutAgent
	aboutPlace
	contextGroups
	aboutNothing = contextGroups
)

// links are the contextual classes that a record links to, from any property and from its subjects.
type links struct {
	any, subject [contextGroups]bool
}

func readLinks(values []dc.Value) (l links) {
	for i := range values {
		g := vocabularyOf(&values[i])
		if g == aboutNothing {
			continue
		}
		l.any[g] = true
		if values[i].Term == dc.Subject && g != aboutTime {
			l.subject[g] = true
		}
	}
	return l
}

// vocabularies are the vocabularies whose links Europeana follows, by the beginning of their URIs
// (without scheme and www), and what they describe; aboutNothing where that is for the property to say.
var vocabularies = []struct {
	prefix string
	about  contextGroup
}{
	{"vocab.getty.edu/aat/", aboutConcept},
	{"vocab.getty.edu/ulan/", aboutAgent},
	{"vocab.getty.edu/tgn/", aboutPlace},
	{"viaf.org/viaf/", aboutAgent},
	{"isni.org/", aboutAgent},
	{"geonames.org/", aboutPlace},
	{"sws.geonames.org/", aboutPlace},
	{"iconclass.org/", aboutConcept},
	{"id.loc.gov/authorities/names/", aboutAgent},
	{"id.loc.gov/authorities/", aboutConcept},
	{"id.loc.gov/vocabulary/", aboutConcept},
	{"eurovoc.europa.eu/", aboutConcept},
	{"vocabularies.unesco.org/", aboutConcept},
	{"thesaurus.europeanafashion.eu/", aboutConcept},
	{"semium.org/time/", aboutTime},
	{"data.europeana.eu/agent/", aboutAgent},
	{"data.europeana.eu/concept/", aboutConcept},
	{"data.europeana.eu/place/", aboutPlace},
	{"data.europeana.eu/timespan/", aboutTime},
	{"wikidata.org/", aboutNothing},
	{"d-nb.info/gnd/", aboutNothing},
	{"data.bnf.fr/", aboutNothing},
	{"dbpedia.org/resource/", aboutNothing},
}

// vocabularyOf is what a value links to, if it is the URI of an entity in a vocabulary that Europeana
// follows; aboutNothing else.
func vocabularyOf(v *dc.Value) contextGroup {
	byTerm := groupOf(v.Term)
	if byTerm == aboutNothing {
		return aboutNothing
	}
	uri, ok := cutWeb(v.Text)
	if !ok {
		return aboutNothing
	}
	uri = strings.TrimPrefix(uri, "www.")
	for _, known := range vocabularies {
		if strings.HasPrefix(uri, known.prefix) {
			if known.about == aboutNothing {
				return byTerm
			}
			return known.about
		}
	}
	return aboutNothing
}

// groupOf is what an entity is that stands under a term; aboutNothing for terms that name none.
func groupOf(t dc.Term) contextGroup {
	switch t {
	case dc.Creator, dc.Contributor, dc.Publisher:
		return aboutAgent
	case dc.Subject, dc.Type, dc.Format, dc.Medium:
		return aboutConcept
	case dc.Spatial, dc.Coverage:
		return aboutPlace
	case dc.Temporal, dc.Created, dc.Issued, dc.Date:
		return aboutTime
	}
	return aboutNothing
}
