package formats

import (
	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// A writer appends elements.
type writer struct{ dst []byte }

// raw appends XML as it is.
func (w *writer) raw(xml string) { w.dst = append(w.dst, xml...) }

// open starts an element; attrs are literal attributes, each with a blank before it.
func (w *writer) open(name, attrs string) {
	w.dst = append(append(append(append(w.dst, '<'), name...), attrs...), '>')
}

func (w *writer) close(name string) {
	w.dst = append(append(append(w.dst, '<', '/'), name...), '>')
}

// element writes an element of text.
func (w *writer) element(name, attrs, text string) {
	w.open(name, attrs)
	w.text(text)
	w.close(name)
}

// value writes an element of the value's text, with its language.
func (w *writer) value(name, attrs string, v *dublincore.Value) {
	w.dst = append(append(append(w.dst, '<'), name...), attrs...)
	w.lang(v.Lang)
	w.dst = append(w.dst, '>')
	w.text(v.Text)
	w.close(name)
}

// lang writes xml:lang, if tag may stand there.
func (w *writer) lang(tag string) {
	if xmlscan.IsLanguage(tag) {
		w.dst = append(append(append(w.dst, ` xml:lang="`...), tag...), '"')
	}
}

// attribute writes an attribute of text.
func (w *writer) attribute(name, text string) {
	w.dst = append(append(append(append(w.dst, ' '), name...), '='), '"')
	w.text(text)
	w.dst = append(w.dst, '"')
}

// uriAttribute writes an attribute that is a URI.
func (w *writer) uriAttribute(name, uri string) {
	w.dst = append(append(append(append(w.dst, ' '), name...), '='), '"')
	w.uri(uri)
	w.dst = append(w.dst, '"')
}

// text appends s, cleaned, so that it may stand in an element or between double quotes.
func (w *writer) text(s string) { w.dst = xmlscan.AppendAttribute(w.dst, xmlscan.Clean(s)) }
