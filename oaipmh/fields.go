package oaipmh

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strings"
)

// A Field is a piece of metadata for people: the local name of an element and its text.
type Field struct {
	Name, Value string
	Lang        string // xml:lang, if there is one
	URL         string // the value, if it is an http or https URL
}

const (
	maxFields     = 100
	maxFieldBytes = 4 << 10
)

// readableFields returns the texts of an XML element in their order, whatever its format. more is true if there are
// more of them, or if the element can't be read any further. Only pages for people use it: they need no namespaces
// and no positions, but bounds.
func readableFields(element []byte) (fields []Field, more bool) {
	d := xml.NewDecoder(bytes.NewReader(element))
	var path []Field
	for {
		token, err := d.RawToken()
		if err != nil {
			return fields, len(path) > 0
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(path) == 64 {
				return fields, true
			}
			path = append(path, Field{Name: t.Name.Local, Lang: langOf(t.Attr)})
		case xml.CharData:
			if len(path) > 0 {
				f := &path[len(path)-1]
				f.Value += string(t[:min(len(t), maxFieldBytes-min(len(f.Value), maxFieldBytes))])
			}
		case xml.EndElement:
			if len(path) == 0 {
				return fields, true
			}
			f := path[len(path)-1]
			path = path[:len(path)-1]
			if f.Value = strings.ToValidUTF8(strings.TrimSpace(f.Value), ""); f.Value == "" {
				continue
			}
			if len(fields) == maxFields {
				return fields, true
			}
			f.URL = webAddress(f.Value)
			fields = append(fields, f)
		}
	}
}

func langOf(attrs []xml.Attr) string {
	for _, a := range attrs {
		if a.Name.Space == "xml" && a.Name.Local == "lang" {
			return a.Value
		}
	}
	return ""
}

func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return s
}
