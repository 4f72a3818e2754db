package oaipmh

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// A compressor is a gzip writer with its output, kept for the next answer.
type compressor struct {
	out bytes.Buffer
	w   *gzip.Writer
}

var compressors = sync.Pool{New: func() any {
	c := new(compressor)
	// Level 1: metadata shrinks to an eighth already, and the rest would cost more than the repository.
	c.w, _ = gzip.NewWriterLevel(&c.out, gzip.BestSpeed)
	return c
}}

// minCompressed is the size below which compressing is not worth it.
const minCompressed = 512

// send writes a body, compressed if the client likes that, and gives the number of bytes sent.
func send(w http.ResponseWriter, r *http.Request, body []byte) int64 {
	zipped, plain := acceptedEncodings(r.Header)
	if zipped && (len(body) >= minCompressed || !plain) {
		c := compressors.Get().(*compressor)
		defer func() {
			if c.out.Cap() <= maxKept {
				compressors.Put(c)
			}
		}()
		c.out.Reset()
		c.w.Reset(&c.out)
		c.w.Write(body) // into memory: it can't go wrong
		c.w.Close()
		body = c.out.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return 0
	}
	n, _ := w.Write(body) // a client that went away is no concern of ours
	return int64(n)
}

// acceptedEncodings reads Accept-Encoding (RFC 9110, section 12.5.3): whether gzip is wanted at least
// as much as no encoding, and whether no encoding is acceptable.
func acceptedEncodings(h http.Header) (zipped, plain bool) {
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
	plain = identityQ > 0 || identityQ < 0 && anyQ != 0
	return gzipQ > 0 && (gzipQ >= identityQ || !plain), plain
}

// qualities iterates over the elements of a header such as Accept, in lower case, with their quality
// values from 0 to 1. An unreadable quality counts as 0: what can't be read was not asked for.
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

// prefersHTML reports whether a person is asking: HTML is named, and liked better than XML.
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
