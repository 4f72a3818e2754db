package site

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

// Readers see names where records have codes: "Albanian" for "sqi", "In copyright" for the address of that statement. The code
// stays the value in addresses and in whatever programs read.

// nameOf is what a value of a record is called; empty if it is not a code, or is its own name.
func nameOf(l *words.Language, v *dublincore.Value) string {
	if name := called(l, v); name != v.Text {
		return name
	}
	return ""
}

func called(l *words.Language, v *dublincore.Value) string {
	switch v.Term {
	case dublincore.Language:
		return l.Tongue(v.Text)
	case dublincore.Type:
		return l.T(types[v.Text])
	case dublincore.License, dublincore.Rights, dublincore.AccessRights:
		return reuse(l, v.Text)
	case dublincore.Spatial, dublincore.Coverage:
		if v.Scheme == "ISO3166" { // without the scheme, CA may be California
			return l.Country(v.Text)
		}
	}
	return ""
}

// types are DCMI's types of one thing, in the words of readers, in English.
var types = map[string]string{
	"Collection":          "Collection",
	"Dataset":             "Data set",
	"Event":               "Event",
	"Image":               "Image",
	"InteractiveResource": "Interactive resource",
	"MovingImage":         "Film",
	"PhysicalObject":      "Object",
	"Service":             "Service",
	"Software":            "Software",
	"Sound":               "Sound recording",
	"StillImage":          "Still image",
	"Text":                "Text",
}

// reuse is what a statement of rights or a licence is called, by its address.
func reuse(l *words.Language, address string) string {
	if !strings.HasPrefix(address, "http") {
		return ""
	}
	v, _, known := dublincore.NormalizeRights(address)
	if !known {
		return ""
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(v.Text, "http://"), "/")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case host == "rightsstatements.org":
		return l.T(statements[parts[1]])
	case host == "purl.org":
		return l.T(accesses[parts[2]])
	case parts[0] == "licenses":
		return licence(l, parts[1], parts[2:])
	}
	return l.T(tools[parts[1]])
}

// licence is a Creative Commons licence: the short name that people know, and what it asks for. where is its version, and the
// country for whose law it was written.
func licence(l *words.Language, name string, where []string) string {
	var asked []string
	for element := range strings.SplitSeq(name, "-") {
		asked = append(asked, l.T(elements[element]))
	}
	return "CC " + strings.ToUpper(name+" "+strings.Join(where, " ")) + " (" + strings.Join(asked, ", ") + ")"
}

// elements are what a licence asks for, in English.
var elements = map[string]string{
	"by": "name the author",
	"nc": "no commercial use",
	"nd": "no changes",
	"sa": "same licence",
}

// tools are Creative Commons' marks of what belongs to everybody, in English.
var tools = map[string]string{
	"zero": "No rights reserved (CC0 1.0)",
	"mark": "In the public domain (Public Domain Mark 1.0)",
}

// statements are those of rightsstatements.org, in English.
var statements = map[string]string{
	"InC":       "In copyright",
	"InC-OW-EU": "In copyright, orphan work in the EU",
	"InC-EDU":   "In copyright, educational use permitted",
	"InC-NC":    "In copyright, non-commercial use permitted",
	"InC-RUU":   "In copyright, rights holder not found or not known",
	"NoC-CR":    "No copyright, contractual restrictions",
	"NoC-NC":    "No copyright, non-commercial use only",
	"NoC-OKLR":  "No copyright, other legal restrictions",
	"NoC-US":    "No copyright in the United States",
	"CNE":       "Copyright not evaluated",
	"UND":       "Copyright undetermined",
	"NKC":       "No known copyright",
}

// accesses are COAR's rights of access, in English.
var accesses = map[string]string{
	"c_abf2": "Open access",
	"c_f1cf": "Embargoed access",
	"c_16ec": "Restricted access",
	"c_14cb": "Metadata only access",
}
