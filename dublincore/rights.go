package dublincore

import (
	"strings"
	"sync"
	"unicode"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// NormalizeRights finds the statement of rightsstatements.org, the Creative Commons licence or tool, or
// the COAR access right that text is, and returns its canonical URI: by its URI, repaired where it is
// usually broken (https for http, www, /page/ for /vocab/, a query, a missing last slash, blanks and
// punctuation around it, a file such as deed.en after it), by the short name of a licence with its version
// ("CC BY-NC 4.0", "CC0"), or its name with that behind it, by the label of a rights statement ("In Copyright"), or by its info:eu-repo
// name. A licence without a version is not understood, because only the owner can say which version is meant.
//
// The note is Repaired for a URI that was mended, Normalized for a name.
func NormalizeRights(text string) (v Value, note NoteKind, ok bool) {
	if len(text) > maxIdentifier {
		return asItCame(text, NotUnderstood)
	}
	trimmed := strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(".,;:()[]<>\"'", r)
	})
	if uri := rightsURI(trimmed); uri != "" {
		return normalized(text, uri, "URI", Repaired)
	}
	if uri := rightsByName(trimmed); uri != "" {
		return normalized(text, uri, "URI", Normalized)
	}
	return asItCame(text, NotUnderstood)
}

// rightsURI is the canonical form of a URI of rights; empty if text is not one.
func rightsURI(text string) string {
	rest, ok := cutFold(text, "https://")
	if !ok {
		rest, _ = cutFold(text, "http://") // or nothing before the host
	}
	if www, ok := cutFold(rest, "www."); ok {
		rest = www
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	host, path, _ := strings.Cut(rest, "/")
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	switch strings.ToLower(host) {
	case "rightsstatements.org":
		return rightsStatement(parts)
	case "creativecommons.org":
		return creativeCommons(parts)
	case "purl.org":
		if len(parts) == 3 && parts[0] == "coar" && parts[1] == "access_right" && isAccessRight(parts[2]) {
			return coarAccess + parts[2]
		}
	}
	return ""
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// rightsStatements are the twelve statements of rightsstatements.org and their labels.
var rightsStatements = []struct{ code, label string }{
	{"InC", "In Copyright"},
	{"InC-OW-EU", "In Copyright - EU Orphan Work"},
	{"InC-EDU", "In Copyright - Educational Use Permitted"},
	{"InC-NC", "In Copyright - Non-Commercial Use Permitted"},
	{"InC-RUU", "In Copyright - Rights-holder(s) Unlocatable or Unidentifiable"},
	{"NoC-CR", "No Copyright - Contractual Restrictions"},
	{"NoC-NC", "No Copyright - Non-Commercial Use Only"},
	{"NoC-OKLR", "No Copyright - Other Known Legal Restrictions"},
	{"NoC-US", "No Copyright - United States"},
	{"CNE", "Copyright Not Evaluated"},
	{"UND", "Copyright Undetermined"},
	{"NKC", "No Known Copyright"},
}

func rightsStatement(parts []string) string {
	if n := len(parts); n > 2 && unicode.IsLetter(rune(parts[n-1][0])) { // rdf, json or a language behind it
		parts = parts[:n-1]
	}
	if len(parts) < 2 || len(parts) > 3 || !strings.EqualFold(parts[0], "vocab") && !strings.EqualFold(parts[0], "page") &&
		!strings.EqualFold(parts[0], "data") || len(parts) == 3 && parts[2] != "1.0" {
		return ""
	}
	for _, s := range rightsStatements {
		if strings.EqualFold(s.code, parts[1]) {
			return "http://rightsstatements.org/vocab/" + s.code + "/1.0/"
		}
	}
	return ""
}

// creativeCommons reads the path of a licence or a public domain tool.
func creativeCommons(parts []string) string {
	if len(parts) < 3 {
		return ""
	}
	if last := parts[len(parts)-1]; len(parts) > 3 && isLicenceFile(last) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) > 4 {
		return ""
	}
	kind, name, version := strings.ToLower(parts[0]), strings.ToLower(parts[1]), parts[2]
	switch kind {
	case "licenses":
		if !isLicence(name, version) || !isLicenceVersion(version) {
			return ""
		}
	case "publicdomain":
		if name != "zero" && name != "mark" || version != "1.0" || len(parts) > 3 {
			return ""
		}
	default:
		return ""
	}
	uri := "http://creativecommons.org/" + kind + "/" + name + "/" + version + "/"
	if len(parts) == 4 {
		place := strings.ToLower(parts[3])
		if version == "4.0" || !isJurisdiction(place) {
			return ""
		}
		uri += place + "/"
	}
	return uri
}

// isLicenceFile reports whether a name is that of a page or file below the URI of a licence: deed, deed.de, legalcode, rdf.
func isLicenceFile(part string) bool {
	part, _, _ = strings.Cut(strings.ToLower(part), ".")
	return part == "deed" || part == "legalcode" || part == "rdf"
}

// isLicence reports whether there is such a licence. Those without attribution ended with version 1.0.
func isLicence(name, version string) bool {
	switch name {
	case "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd":
		return true
	case "by-nd-nc", "sa", "nd", "nc", "nc-sa", "nd-nc":
		return version == "1.0" || version == "2.0"
	}
	return false
}

func isLicenceVersion(version string) bool {
	switch version {
	case "1.0", "2.0", "2.1", "2.5", "3.0", "4.0":
		return true
	}
	return false
}

// isJurisdiction reports whether a code is one of a ported licence: a country, igo or scotland.
func isJurisdiction(place string) bool {
	if place == "igo" || place == "scotland" {
		return true
	}
	return len(place) == 2 && place[0] >= 'a' && place[0] <= 'z' && place[1] >= 'a' && place[1] <= 'z'
}

const coarAccess = "http://purl.org/coar/access_right/"

func isAccessRight(code string) bool {
	switch code {
	case "c_abf2", "c_f1cf", "c_16ec", "c_14cb":
		return true
	}
	return false
}

// rightsByName are the URIs of rights by the names that they have besides their labels.
func rightsByName(text string) string {
	name := date.Fold(text)
	switch strings.TrimPrefix(name, "info:eu-repo/semantics/") {
	case "openaccess", "open access":
		return coarAccess + "c_abf2"
	case "embargoedaccess", "embargoed access":
		return coarAccess + "c_f1cf"
	case "restrictedaccess", "restricted access":
		return coarAccess + "c_16ec"
	case "closedaccess", "closed access", "metadata only access":
		return coarAccess + "c_14cb"
	case "cc0", "cc0 1.0", "cc-0", "cc zero", "cc0-1.0", "cc0 1.0 universal", "creative commons cc0", "creative commons cc0 1.0 universal",
		"creative commons zero", "creative commons zero v1.0 universal", "creative commons zero 1.0 universal", "cc0 1.0 universal (cc0 1.0) public domain dedication":
		return "http://creativecommons.org/publicdomain/zero/1.0/"
	case "public domain mark", "public domain mark 1.0", "pdm", "pdm 1.0", "cc pdm 1.0":
		return "http://creativecommons.org/publicdomain/mark/1.0/"
	}
	if uri := rightsByLabel()[withoutJoints.Replace(name)]; uri != "" {
		return uri
	}
	if uri := licenceByName(name); uri != "" {
		return uri
	}
	// "Attribution 4.0 International (CC BY 4.0)", as the page of a licence is headed. The closing bracket is gone by now.
	if long, short, ok := strings.Cut(name, " (cc"); ok {
		if uri := licenceByName(long); uri == licenceByName("cc"+short) {
			return uri
		}
	}
	return licenceInSentence(name)
}

// licenceInSentence reads "this work is licensed under a creative commons attribution 4.0 international license". A sentence
// that says more of it ("except", "not") is for people.
func licenceInSentence(name string) string {
	before, rest, ok := strings.Cut(name, "creative commons ")
	if !ok || !strings.HasSuffix(before, " under a ") && !strings.HasSuffix(before, " under the ") {
		return ""
	}
	for _, turning := range []string{" not ", "except", "unless", "otherwise", " or ", " no longer "} {
		if strings.Contains(name, turning) {
			return ""
		}
	}
	return licenceByName("creative commons " + strings.TrimRight(rest, ". "))
}

// withoutJoints removes what stands between the words of a label. Every source writes that in its own way.
var withoutJoints = strings.NewReplacer(" ", "", "-", "", "–", "")

// rightsByLabel are the URIs of the rights statements by their labels, in the form of [date.Fold].
var rightsByLabel = sync.OnceValue(func() map[string]string {
	m := make(map[string]string, len(rightsStatements))
	for _, s := range rightsStatements {
		m[withoutJoints.Replace(date.Fold(s.label))] = "http://rightsstatements.org/vocab/" + s.code + "/1.0/"
	}
	return m
})

// licenceWords joins the words of each element of a licence.
var licenceWords = strings.NewReplacer("non-commercial", "noncommercial", "non commercial", "noncommercial", "no derivatives", "noderivatives",
	"no-derivatives", "noderivatives", "no derivs", "noderivs", "no-derivs", "noderivs", "share alike", "sharealike", "share-alike", "sharealike",
	// As the forms of repositories have them: Spanish, Catalan, Portuguese, Italian, French, German, Dutch.
	"reconocimiento", "attribution", "atribucion", "attribution", "reconeixement", "attribution", "atribuicao", "attribution", "attribuzione", "attribution", "paternite", "attribution",
	"namensnennung", "attribution", "naamsvermelding", "attribution",
	"no comercial", "noncommercial", "nocomercial", "noncommercial", "nao comercial", "noncommercial", "naocomercial", "noncommercial", "non commerciale", "noncommercial", "noncommerciale", "noncommercial",
	"pas d'utilisation commerciale", "noncommercial", "utilisation non commerciale", "noncommercial", "nicht kommerziell", "noncommercial", "nicht-kommerziell", "noncommercial", "nietcommercieel", "noncommercial", "niet-commercieel", "noncommercial",
	"sin obra derivada", "noderivatives", "sinobraderivada", "noderivatives", "sin derivadas", "noderivatives", "sinderivadas", "noderivatives", "sense obra derivada", "noderivatives", "sem derivacoes", "noderivatives", "semderivacoes", "noderivatives",
	"non opere derivate", "noderivatives", "pas de modification", "noderivatives", "pas de modifications", "noderivatives", "keine bearbeitungen", "noderivatives", "keine bearbeitung", "noderivatives", "geenafgeleidewerken", "noderivatives", "geen afgeleide werken", "noderivatives",
	"compartir igual", "sharealike", "compartirigual", "sharealike", "compartilha igual", "sharealike", "compartilhaigual", "sharealike", "condividi allo stesso modo", "sharealike",
	"partage dans les memes conditions", "sharealike", "partage a l'identique", "sharealike", "weitergabe unter gleichen bedingungen", "sharealike", "gelijkdelen", "sharealike")

// wordsForLicence stand before or behind its name.
var wordsForLicence = map[string]bool{"license": true, "licence": true, "licencia": true, "llicencia": true, "licenca": true, "licenza": true, "lizenz": true, "licentie": true}

// licenceByName reads "cc by-nc-nd 4.0" and "creative commons attribution-noncommercial 4.0 international".
func licenceByName(name string) string {
	if first, rest, ok := strings.Cut(name, " "); ok && wordsForLicence[first] { // "Licence Creative Commons Attribution 4.0 International"
		name = rest
	}
	rest, ok := strings.CutPrefix(name, "creative commons")
	if !ok {
		if rest, ok = strings.CutPrefix(name, "cc"); !ok && !strings.HasPrefix(licenceWords.Replace(name), "attribution") {
			return ""
		}
	}
	rest = licenceWords.Replace(rest)
	var elements []string
	version, place := "", ""
	for _, word := range strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '/' || r == '(' || r == ')' }) {
		switch word {
		case "by", "attribution":
			elements = append(elements, "by")
		case "nc", "noncommercial", "noncommerciale":
			elements = append(elements, "nc")
		case "nd", "noderivatives", "noderivs":
			elements = append(elements, "nd")
		case "sa", "sharealike":
			elements = append(elements, "sa")
		case "international", "generic", "unported", "public", "internacional", "internazionale", "internationale", "internationaal", "de", "la":
		default:
			switch {
			case wordsForLicence[word]:
			case isLicenceVersion(word) && version == "":
				version = word
			case version != "" && version != "4.0" && place == "" && isJurisdiction(word):
				place = word
			default:
				return ""
			}
		}
	}
	if len(elements) == 0 || elements[0] != "by" || version == "" {
		return ""
	}
	parts := []string{"licenses", strings.Join(elements, "-"), version}
	if place != "" {
		parts = append(parts, place)
	}
	return creativeCommons(parts)
}
