package formats

import (
	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const (
	namespaceMODS  = "http://www.loc.gov/mods/v3"
	schemaMODS     = "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd"
	namespaceXSI   = "http://www.w3.org/2001/XMLSchema-instance"
	namespaceXLink = "http://www.w3.org/1999/xlink"
)

const modsOpen = `<mods xmlns="` + namespaceMODS + `" xmlns:xlink="` + namespaceXLink + `" xmlns:xsi="` + namespaceXSI +
	`" xsi:schemaLocation="` + namespaceMODS + ` ` + schemaMODS + `" version="3.7">`

// demandsMODS: the schema demands at least one element, whichever it is.
var demandsMODS = []Demand{
	{Code: "any-value", Words: "a value that says anything", Met: func(rec *dublincore.Record) bool {
		for i := range rec.Values {
			if xmlscan.Clean(rec.Values[i].Text) != "" {
				return true
			}
		}
		return false
	}},
}

// appendMODS appends the record as MODS 3.7. It follows the mapping from MODS to Dublin Core of the Library of Congress
// (2012) in the opposite direction. Every term has a place, in the order of the elements in the MODS guidelines.
func appendMODS(dst []byte, rec *dublincore.Record, item Item) []byte {
	w := &writer{dst}
	w.raw(modsOpen)
	w.modsTitles(rec)
	w.modsNames(rec)
	w.modsTypes(rec)
	w.modsOrigin(rec)
	w.modsLanguages(rec)
	w.modsPhysical(rec)
	w.modsTexts(rec)
	w.modsSubjects(rec)
	w.modsRelated(rec)
	w.modsIdentifiers(rec)
	w.modsLocation(rec, item)
	w.modsRights(rec)
	w.modsRecordInfo(rec, item)
	w.raw("</mods>")
	return w.dst
}

func (w *writer) modsTitles(rec *dublincore.Record) {
	for v := range values(rec, dublincore.Title) {
		w.open("titleInfo", "")
		w.value("title", "", v)
		w.close("titleInfo")
	}
	for v := range values(rec, dublincore.Alternative) {
		w.open("titleInfo", ` type="alternative"`)
		w.value("title", "", v)
		w.close("titleInfo")
	}
}

// modsNames writes the names of those who made the thing. The record does not say whether they are persons.
func (w *writer) modsNames(rec *dublincore.Record) {
	for _, by := range [...]struct {
		term       dublincore.Term
		code, text string
	}{{dublincore.Creator, "cre", "creator"}, {dublincore.Contributor, "ctb", "contributor"}} {
		for v := range values(rec, by.term) {
			w.open("name", "")
			w.value("namePart", "", v)
			w.raw(`<role><roleTerm type="code" authority="marcrelator">` + by.code +
				`</roleTerm><roleTerm type="text" authority="marcrelator">` + by.text + `</roleTerm></role>`)
			w.close("name")
		}
	}
}

// modsType is the word of MODS for a class of the DCMI Type Vocabulary; empty if MODS has no word that is as exact.
func modsType(class string) string {
	switch class {
	case "Text":
		return "text"
	case "StillImage":
		return "still image"
	case "MovingImage":
		return "moving image"
	case "Sound":
		return "sound recording"
	case "PhysicalObject":
		return "three dimensional object"
	case "InteractiveResource":
		return "software, multimedia"
	}
	return ""
}

func (w *writer) modsTypes(rec *dublincore.Record) {
	for v := range values(rec, dublincore.Type) {
		class := xmlscan.Clean(v.Text)
		switch word := modsType(class); {
		case word != "":
			w.element("typeOfResource", "", word)
		case class == "Collection":
			w.element("typeOfResource", ` collection="yes"`, "mixed material")
		case dublincore.IsDCMIType(class):
			w.element("genre", ` authority="dct"`, class)
		}
	}
	for v := range values(rec, dublincore.Type) {
		if !dublincore.IsDCMIType(xmlscan.Clean(v.Text)) {
			w.value("genre", "", v)
		}
	}
}

// modsDates are the elements of originInfo.
var modsDates = [...]struct {
	term        dublincore.Term
	name, attrs string
}{
	{dublincore.Issued, "dateIssued", ""},
	{dublincore.Created, "dateCreated", ""},
	{dublincore.Valid, "dateValid", ""},
	{dublincore.Modified, "dateModified", ""},
	{dublincore.DateCopyrighted, "copyrightDate", ""},
	{dublincore.Date, "dateOther", ""},
	{dublincore.Available, "dateOther", ` type="available"`},
	{dublincore.DateAccepted, "dateOther", ` type="accepted"`},
	{dublincore.DateSubmitted, "dateOther", ` type="submitted"`},
}

func (w *writer) modsOrigin(rec *dublincore.Record) {
	start := len(w.dst)
	w.open("originInfo", "")
	empty := len(w.dst)
	for v := range values(rec, dublincore.Publisher) {
		w.value("publisher", "", v)
	}
	key := ` keyDate="yes"` // at most one: the first
	for _, d := range modsDates {
		for v := range values(rec, d.term) {
			w.modsDate(d.name, d.attrs+key, v)
			key = ""
		}
	}
	for v := range values(rec, dublincore.AccrualPeriodicity) {
		w.value("frequency", "", v)
	}
	if len(w.dst) == empty {
		w.dst = w.dst[:start]
		return
	}
	w.close("originInfo")
}

func (w *writer) modsDate(name, attrs string, v *dublincore.Value) {
	switch v.Scheme {
	case "W3CDTF":
		attrs += ` encoding="w3cdtf"`
	case "EDTF":
		attrs += ` encoding="edtf"`
	}
	w.element(name, attrs, v.Text)
}

func (w *writer) modsLanguages(rec *dublincore.Record) {
	for v := range values(rec, dublincore.Language) {
		attrs := ` type="text"`
		switch v.Scheme {
		case "ISO639-3":
			attrs = ` type="code" authority="iso639-3"`
		case "RFC3066":
			attrs = ` type="code" authority="rfc3066"`
		case "RFC4646":
			attrs = ` type="code" authority="rfc4646"`
		case "RFC5646":
			attrs = ` type="code" authority="rfc5646"`
		case "ISO639-2":
			attrs = ` type="code"` // MODS names the bibliographic codes only
		}
		w.open("language", "")
		w.element("languageTerm", attrs, v.Text)
		w.close("language")
	}
}

func (w *writer) modsPhysical(rec *dublincore.Record) {
	if !has(rec, dublincore.Format, dublincore.Extent, dublincore.Medium) {
		return
	}
	w.open("physicalDescription", "")
	for v := range each(rec, dublincore.Format, dublincore.Medium) {
		if isMediaType(v.Text) {
			w.element("internetMediaType", "", v.Text)
		} else {
			w.value("form", "", v)
		}
	}
	for v := range values(rec, dublincore.Extent) {
		w.value("extent", "", v)
	}
	w.close("physicalDescription")
}
