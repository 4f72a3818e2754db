package dublincore

import (
	"strings"
	"sync"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// A ResourceType is the kind of thing that a resource is, in three vocabularies. It is empty for a vocabulary that has
// no class for the kind (DCMI has none for an interview, which may be printed or recorded), or none that is known here.
type ResourceType struct {
	DCMI string // class of the DCMI Type Vocabulary: "Text"
	COAR string // URI of the COAR Resource Type Vocabulary
	AAT  string // URI of the Getty's Art & Architecture Thesaurus
}

const (
	dcmiTypes = "http://purl.org/dc/dcmitype/"
	coarTypes = "http://purl.org/coar/resource_type/"
	aatTypes  = "http://vocab.getty.edu/aat/"
)

// IsDCMIType reports whether text is a class of the DCMI Type Vocabulary: "Text", "StillImage".
func IsDCMIType(text string) bool {
	switch text {
	case "Collection", "Dataset", "Event", "Image", "InteractiveResource", "MovingImage", "PhysicalObject",
		"Service", "Software", "Sound", "StillImage", "Text":
		return true
	}
	return false
}

// maxTypeText bounds the text of a type, in bytes.
const maxTypeText = 200

// ParseType recognises a kind of resource by its label in English and a dozen other languages, singular
// or plural, by its DCMI, COAR or AAT URI, or by its info:eu-repo name. It is false for any other text: it never
// guesses by a part of the label.
func ParseType(text string) (ResourceType, bool) {
	if len(text) > maxTypeText {
		return ResourceType{}, false
	}
	key := typeKey(text)
	t, ok := resourceTypes()[key]
	if !ok {
		if plain, qualified := cutQualifier(key); qualified {
			key = plain
			t, ok = resourceTypes()[key]
		}
	}
	if !ok {
		if singular, cut := strings.CutSuffix(key, "s"); cut {
			t, ok = resourceTypes()[singular]
		}
	}
	return t, ok
}

// cutQualifier removes what the AAT adds to its terms: "maps (documents)", "letters (correspondence)". The last
// bracket was removed with the punctuation.
func cutQualifier(key string) (plain string, ok bool) {
	for _, qualifier := range []string{"documents", "document", "document genre", "document genres", "correspondence", "visual works", "visual work",
		"administrative records", "information artifacts", "documents for music", "object genre"} {
		if plain, ok := strings.CutSuffix(key, " ("+qualifier); ok {
			return plain, true
		}
	}
	return key, false
}

// typeKey is the form in which types are looked up: that of [date.Fold], without what stands around the name in URIs
// and other codes, and with blanks for hyphens and underscores.
func typeKey(text string) string {
	key := date.Fold(strings.Trim(text, " \t\r\n.,;:[]()"))
	for _, prefix := range []string{"https://", "http://"} {
		key = strings.TrimPrefix(key, prefix)
	}
	for _, prefix := range []string{"info:eu-repo/semantics/", "purl.org/info:eu-repo/semantics/", "purl.org/dc/dcmitype/", "dcmitype:",
		"dctype:", "dcterms:", "schema.org/", "purl.org/eprint/type/", "purl.org/spar/fabio/"} {
		key = strings.TrimPrefix(key, prefix)
	}
	if concept, ok := strings.CutPrefix(key, "vocabularies.coar-repositories.org/resource_types/"); ok { // where the URI of COAR leads
		key = "purl.org/coar/resource_type/" + strings.TrimSuffix(concept, "/")
	}
	key = strings.Replace(key, "vocab.getty.edu/page/aat/", "vocab.getty.edu/aat/", 1)
	if strings.HasPrefix(key, "purl.org/coar/") || strings.HasPrefix(key, "vocab.getty.edu/") {
		return key
	}
	return typeJoints.Replace(key)
}

// typeJoints makes one form of the several ways to join the words of a type.
var typeJoints = strings.NewReplacer("-", " ", "_", " ", " / ", "/")

// resourceTypes are the rows of typeTable by their labels and URIs.
var resourceTypes = sync.OnceValue(func() map[string]ResourceType {
	m := make(map[string]ResourceType, 1200)
	add := func(key string, t ResourceType) {
		if was, ok := m[key]; ok && was.DCMI != t.DCMI {
			panic("dublincore: the type " + key + " is in the table twice")
		} else if !ok {
			m[key] = t
		}
	}
	for _, row := range typeTable {
		t := ResourceType{DCMI: row.dcmi}
		if row.coar != "" {
			t.COAR = coarTypes + row.coar
			add(typeKey(t.COAR), t)
		}
		if row.aat != "" {
			t.AAT = aatTypes + row.aat
			add(typeKey(t.AAT), t)
		}
		for label := range strings.SplitSeq(row.labels, ",") {
			add(typeKey(label), t)
		}
	}
	return m
})
