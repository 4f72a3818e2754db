package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		header []string
		want   bool
	}{
		{nil, false}, {[]string{"gzip"}, true}, {[]string{"br, GZIP ;q=0.5"}, true}, {[]string{"br", "gzip"}, true}, {[]string{"gzip;q=0"}, false},
		{[]string{"gzip; q=0.0, br"}, false}, {[]string{"*"}, false}, {[]string{"gzipped"}, false}, {[]string{"gzip;q=x"}, true}, {[]string{",;,"}, false},
	} {
		if got := Names(c.header, "gzip"); got != c.want {
			t.Errorf("%q names gzip: %v", c.header, got)
		}
	}
}

// A body is compressed for those who take that, if it is large; caches hear in any case that it could have been otherwise.
func TestGzipped(t *testing.T) {
	long := []byte(strings.Repeat("a letter ", 1000))
	for _, c := range []struct {
		name, accepts string
		body          []byte
		zipped        bool
	}{
		{"long", "gzip", long, true}, {"the same again", "gzip", long, true}, {"refused", "br, gzip;q=0", long, false}, {"short", "gzip", long[:minGzip-1], false}, {"empty", "gzip", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, h := httptest.NewRequest(http.MethodGet, "/", nil), http.Header{}
			r.Header.Set("Accept-Encoding", c.accepts)
			got := Gzipped(h, r, c.body)
			if (h.Get("Content-Encoding") == "gzip") != c.zipped || h.Get("Vary") != "Accept-Encoding" {
				t.Fatalf("the header is %v", h)
			}
			if c.zipped {
				z, err := gzip.NewReader(bytes.NewReader(got))
				if err != nil || len(got) > len(c.body)/10 {
					t.Fatalf("%d bytes, %v", len(got), err)
				}
				if got, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, c.body) {
				t.Errorf("%d bytes became %d others", len(c.body), len(got))
			}
		})
	}
}
