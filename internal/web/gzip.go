package web

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Names says whether a header of a request names something, and does not refuse it. What is only meant by a wildcard is
// not named.
func Names(header []string, what string) bool {
	for _, line := range header {
		for element := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(element, ";")
			if !strings.EqualFold(strings.TrimSpace(name), what) {
				continue
			}
			_, quality, given := strings.Cut(strings.ReplaceAll(parameters, " ", ""), "q=")
			q, err := strconv.ParseFloat(quality, 64)
			return !given || err != nil || q > 0
		}
	}
	return false
}

// Gzip says whether an answer is compressed: the client takes gzip. Then it says so in the header of the answer, whose Vary
// must name Accept-Encoding in either case.
func Gzip(h http.Header, r *http.Request) bool {
	zips := Names(r.Header.Values("Accept-Encoding"), "gzip")
	if zips {
		h.Set("Content-Encoding", "gzip")
	}
	return zips
}

// NewGzip compresses what is written to it. Speed counts more than the last tenth of the size.
func NewGzip(w io.Writer) *gzip.Writer {
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is a valid one
	return z
}

// minGzip is how large a body must be, in bytes, to be worth compressing: a smaller one fills no packet of the network.
const minGzip = 1 << 10

var gzips = sync.Pool{New: func() any { return NewGzip(nil) }} // a writer has large tables

// Gzipped is the body of an answer as it is sent: compressed, if the client takes that and it is worth it. It is whole
// before anything of it is written, because only so long does a request have its turn.
func Gzipped(h http.Header, r *http.Request, body []byte) []byte {
	h.Add("Vary", "Accept-Encoding")
	if len(body) < minGzip || !Gzip(h, r) {
		return body
	}
	z := gzips.Get().(*gzip.Writer)
	defer gzips.Put(z)
	out := bytes.NewBuffer(make([]byte, 0, len(body)/4))
	z.Reset(out)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()        // as before
	return out.Bytes()
}
