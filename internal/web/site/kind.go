package site

import "github.com/sheaf-gateway/sheaf/dublincore"

// kinds has the headings under which results stand, by their DCMI type, in the words of readers, in English.
var kinds = map[string]string{
	"Collection":          "Collections",
	"Dataset":             "Data sets",
	"Event":               "Events",
	"Image":               "Images",
	"InteractiveResource": "Interactive resources",
	"MovingImage":         "Films",
	"PhysicalObject":      "Objects",
	"Service":             "Services",
	"Software":            "Software",
	"Sound":               "Sound recordings",
	"StillImage":          "Images",
	"Text":                "Documents",
}

// Kind returns the heading for a record, in English, which is that of its first DCMI type; "Records" if the record has no type.
func Kind(r *dublincore.Record) string {
	for i := range r.Values {
		if v := &r.Values[i]; v.Term == dublincore.Type {
			if k := kinds[v.Text]; k != "" {
				return k
			}
		}
	}
	return "Records"
}

// dates has the terms for a record's date. The first one that the record has is shown. When the thing was made comes
// before when it was published. Dates of its administration are never shown.
var dates = []dublincore.Term{
	dublincore.Created, dublincore.Date, dublincore.Issued, dublincore.DateCopyrighted, dublincore.Available, dublincore.Valid,
}

// summaries has the terms for a record's summary. The first one that the record has is shown.
var summaries = []dublincore.Term{dublincore.Abstract, dublincore.Description}

// first returns the first value of the first of the terms that the record has.
func first(r *dublincore.Record, terms []dublincore.Term) (dublincore.Value, bool) {
	for _, t := range terms {
		if v, ok := r.First(t); ok {
			return v, true
		}
	}
	return dublincore.Value{}, false
}
