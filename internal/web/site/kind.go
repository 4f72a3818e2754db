package site

import "github.com/sheaf-gateway/sheaf/dublincore"

// kinds are the headings under which results stand, by their DCMI type, in words of readers.
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

// kind is the heading for a record: that of its first DCMI type; "Records" if it has none.
func kind(r *dublincore.Record) string {
	for i := range r.Values {
		if v := &r.Values[i]; v.Term == dublincore.Type {
			if k := kinds[v.Text]; k != "" {
				return k
			}
		}
	}
	return "Records"
}

// dates are the terms of which the first that a record has is shown as its date: when the thing was
// made comes before when it was published, and the dates of its administration are none.
var dates = []dublincore.Term{
	dublincore.Created, dublincore.Date, dublincore.Issued, dublincore.DateCopyrighted, dublincore.Available, dublincore.Valid,
}

// summaries likewise.
var summaries = []dublincore.Term{dublincore.Abstract, dublincore.Description}

// first is the first value under the first of the terms that the record has.
func first(r *dublincore.Record, terms []dublincore.Term) (dublincore.Value, bool) {
	for _, t := range terms {
		if v, ok := r.First(t); ok {
			return v, true
		}
	}
	return dublincore.Value{}, false
}
