package oaipmh

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// minCompressed is the size below which compressing is not worth it.
const minCompressed = 512

// send writes a document, compressed if the client prefers that, and returns the number of bytes sent. keep, if not
// nil, is called with the elements of the list.
func send(w http.ResponseWriter, r *http.Request, d *document, accepted encodings, keep func(*part)) int64 {
	switch {
	case accepted.zipped && (d.part != nil || len(d.buf) >= minCompressed || !accepted.plain):
		return sendZipped(w, r, d, keep)
	case d.part != nil:
		return write(w, r, d.buf[:d.start], d.part.plain, d.buf[d.start:])
	case keep != nil && !accepted.zipped:
		keep(&part{plain: bytes.Clone(d.buf[d.start:d.end])})
	}
	return write(w, r, d.buf)
}

func sendZipped(w http.ResponseWriter, r *http.Request, d *document, keep func(*part)) int64 {
	z := deflaters.Get().(*deflater)
	defer z.release()
	var middle deflated
	if d.part != nil {
		middle = *d.part.deflated
	} else if middle = z.deflate(d.buf[d.start:d.end]); keep != nil {
		mine := middle
		mine.bytes = bytes.Clone(middle.bytes)
		keep(&part{deflated: &mine})
	}
	z.member = appendGzip(z.member[:0], d.buf[:d.start], &middle, d.buf[d.end:])
	w.Header().Set("Content-Encoding", "gzip")
	return write(w, r, z.member)
}

// write writes the parts of a body, and gives the number of bytes sent.
func write(w http.ResponseWriter, r *http.Request, parts ...[]byte) (sent int64) {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	w.Header().Set("Content-Length", strconv.Itoa(length))
	if r.Method == http.MethodHead {
		return 0
	}
	for _, p := range parts {
		n, err := w.Write(p)
		if sent += int64(n); err != nil {
			break // the client has gone away, and nobody needs to know
		}
	}
	return sent
}

// encodings says how an answer may be encoded: zipped if gzip is wanted at least as much as no encoding, and plain if
// no encoding is acceptable.
type encodings struct{ zipped, plain bool }

// acceptedEncodings reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptedEncodings(h http.Header) encodings {
	gzipQ, identityQ, anyQ := -1.0, -1.0, -1.0
	for name, q := range qualities(h.Values("Accept-Encoding")) {
		switch name {
		case "gzip", "x-gzip":
			gzipQ = max(gzipQ, q)
		case "identity":
			identityQ = q
		case "*":
			anyQ = q
		}
	}
	if gzipQ < 0 {
		gzipQ = anyQ
	}
	plain := identityQ > 0 || identityQ < 0 && anyQ != 0
	return encodings{gzipQ > 0 && (gzipQ >= identityQ || !plain), plain}
}

// qualities iterates over the elements of a header such as Accept, in lower case, with their quality values from 0
// to 1. A quality that can't be read counts as 0, because nobody can be said to have asked for it.
func qualities(values []string) func(yield func(string, float64) bool) {
	return func(yield func(string, float64) bool) {
		for _, v := range values {
			for element := range strings.SplitSeq(v, ",") {
				name, parameters, _ := strings.Cut(element, ";")
				if name = strings.ToLower(strings.TrimSpace(name)); name == "" {
					continue
				}
				if !yield(name, quality(parameters)) {
					return
				}
			}
		}
	}
}

func quality(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}

// prefersHTML reports whether a person is asking: the header names HTML, and prefers it to XML.
//
// HTML alone is not enough. A harvester in Java that sets no Accept header sends "text/html, image/gif,
// image/jpeg, *; q=.2, */*; q=.2", and wants XML. No browser names GIF without XHTML.
func prefersHTML(h http.Header) bool {
	html, xml, anyText, anything := -1.0, -1.0, -1.0, -1.0
	xhtml, java := false, false
	for name, q := range qualities(h.Values("Accept")) {
		switch name {
		case "text/html":
			html = max(html, q)
		case "application/xhtml+xml":
			html, xhtml = max(html, q), true
		case "text/xml", "application/xml":
			xml = max(xml, q)
		case "text/*":
			anyText = q
		case "*/*":
			anything = q
		case "*", "image/gif":
			java = true
		}
	}
	if xml < 0 {
		xml = max(anyText, anything)
	}
	return html > 0 && html > xml && (xhtml || !java) || html > 0 && html == xml && xhtml && !java && fromBrowser(h)
}

// fromBrowser reports whether a browser says that it opens a page.
func fromBrowser(h http.Header) bool { return h.Get("Sec-Fetch-Mode") == "navigate" }
