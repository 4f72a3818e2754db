package quality

import (
	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// A Tier is a class of Europeana's Publishing Framework for metadata: 0, A, B or C, which is best.
type Tier uint8

// The tiers.
const (
	Tier0 Tier = iota
	TierA
	TierB
	TierC
	tierCount
)

// String is "0", "A", "B" or "C".
func (t Tier) String() string { return string("0ABC?"[min(t, tierCount)]) }

// A tierDimension is what is judged for a tier.
type tierDimension uint8

const (
	tierLanguage tierDimension = iota
	tierEnabling
	tierContextual
	tierOverall
	tierDimensions
)

var tierNames = [tierDimensions]struct{ code, label, rule string }{
	tierLanguage: {"language", "Language",
		"share of the filled properties with a text whose language is said: 25 % for A, 50 % for B, 75 % for C"},
	tierEnabling: {"enabling-elements", "Enabling elements",
		"different elements to browse by (created, issued, temporal; type, format, medium, linked subject; creator, contributor, publisher; spatial) " +
			"and the groups they come from: 1 of 1 for A, 3 of 2 for B, 4 of 2 for C"},
	tierContextual: {"contextual-classes", "Contextual classes",
		"agents, concepts, places and time spans that are linked to a vocabulary Europeana follows: none needed for A, 1 for B, 2 for C"},
	tierOverall: {"overall", "Overall", "the lowest of the three"},
}

// spoken are the properties whose language counts.
var spoken = setOf(dc.Coverage, dc.Description, dc.Abstract, dc.Format, dc.Relation, dc.Rights, dc.Source, dc.Subject, dc.Title, dc.Type,
	dc.Alternative, dc.HasPart, dc.IsPartOf, dc.IsReferencedBy, dc.Medium, dc.Provenance, dc.References, dc.Spatial, dc.TableOfContents, dc.Temporal)

// The groups of enabling elements. A subject counts only if it is a link (see
// readLinks).
var enabling = [contextGroups]termSet{
	aboutTime:    setOf(dc.Created, dc.Issued, dc.Temporal),
	aboutConcept: setOf(dc.Format, dc.Type, dc.Medium),
	aboutAgent:   setOf(dc.Creator, dc.Contributor, dc.Publisher),
	aboutPlace:   setOf(dc.Spatial),
}

// judgeTiers finds the tiers of the record. Only links to vocabularies count, because Dublin Core has no place for
// contextual entities that the record describes itself.
func (m *Meter) judgeTiers(f *facts) {
	links := readLinks(f.values)
	f.tier[tierLanguage] = languageTier(f)
	f.tier[tierEnabling] = enablingTier(f, &links)
	f.tier[tierContextual] = contextualTier(&links)
	f.tier[tierOverall] = min(f.tier[tierLanguage], f.tier[tierEnabling], f.tier[tierContextual])
	for d, t := range f.tier {
		m.tiers[d][t]++
	}
}

// languageTier is by the share of filled properties that have a value in a said language, or a link to a
// vocabulary with labels in several. Codes are no texts: a class of DCMI's types, which Europeana keeps
// in edm:type, and the URI of a licence, which it keeps in edm:rights, count neither way.
func languageTier(f *facts) Tier {
	var filled, said termSet
	for i := range f.values {
		v := &f.values[i]
		if !spoken.has(v.Term) || v.Term == dc.Type && dc.IsDCMIType(v.Text) || v.Term == dc.Rights && isWebAddress(v.Text) {
			continue
		}
		t := v.Term
		if t == dc.Abstract {
			t = dc.Description // EDM has no abstract
		}
		filled.set(t)
		if v.Lang != "" || vocabularyOf(v) != aboutNothing {
			said.set(t)
		}
	}
	switch all, n := filled.size(), said.size(); {
	case all == 0 || 4*n < all:
		return Tier0
	case 2*n < all:
		return TierA
	case 4*n < 3*all:
		return TierB
	}
	return TierC
}

func enablingTier(f *facts, l *links) Tier {
	elements, groups := 0, 0
	for g, terms := range enabling {
		n := (f.present & terms).size()
		elements += n
		if n > 0 || l.subject[g] {
			groups++
		}
	}
	if l.subject != [contextGroups]bool{} {
		elements++ // one element, whatever it links to
	}
	switch {
	case elements >= 4 && groups >= 2:
		return TierC
	case elements >= 3 && groups >= 2:
		return TierB
	case elements >= 1:
		return TierA
	}
	return Tier0
}

func contextualTier(l *links) Tier {
	classes := 0
	for _, linked := range l.any {
		if linked {
			classes++
		}
	}
	return min(TierA+Tier(classes), TierC)
}
