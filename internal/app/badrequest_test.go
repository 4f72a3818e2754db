package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever bytes come in at a running gateway's endpoint, what goes out is a valid answer of the protocol or
// a plain HTTP error, and the gateway goes on.
func TestWhateverComesInAtTheEndpoint(t *testing.T) {
	need(t, []string{"xmllint"}, filepath.Join(shared, "xsd/oai-all.xsd"))
	g, _ := gatewayOf(t, 6, "oai: {page_size: 2}\n")
	const marker = "<sheaf>"
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"verb=ListRecords", "verb=", "&", "=", "%", "%zz", "%00", "\x00", "\xff\xfe", marker, "%3Csheaf%3E", "metadataPrefix=oai_dc", "set=src", "from=2024-01-01",
			"resumptionToken=", "identifier=", "+", ";", "#", "\t", "é", strings.Repeat("set=a&", 200), strings.Repeat("x", 70<<10)}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string {
			return strings.NewReplacer("\r", "", "\n", "").Replace(string(b)) // which would be another request
		}))
	var answers []string
	asked := 0
	rapid.Check(t, func(rt *rapid.T) {
		asked++
		query := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(rt, "query"), "")
		c, err := net.Dial("tcp", g.Addresses().Bound)
		if err != nil {
			rt.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(time.Minute))
		sent := make(chan struct{})
		go func() { // an answer may come before all was sent
			defer close(sent)
			fmt.Fprintf(c, "GET /oai?%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", query)
		}()
		defer func() {
			c.Close()
			<-sent
		}()
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			rt.Fatalf("%q: %v", query, err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			rt.Fatalf("%q: %v", query, err)
		}
		body, kind := string(b), resp.Header.Get("Content-Type")
		switch {
		case strings.Contains(body, marker):
			rt.Fatalf("%q comes back in\n%s", query, body)
		case resp.StatusCode == http.StatusOK && kind == "text/xml; charset=utf-8":
			answers = append(answers, body)
		case resp.StatusCode < 400 || resp.StatusCode >= 500 || !strings.HasPrefix(kind, "text/plain"):
			rt.Fatalf("%q: %s %s\n%s", query, resp.Status, kind, body)
		}
	})
	if 10*len(answers) < asked {
		t.Errorf("only %d answers of %d were of the protocol", len(answers), asked)
	}
	validate(t, wrapper(t, "oai-all.xsd"), answers[:min(len(answers), 100)]...)
	if body := g.ask(t, "verb", "ListRecords", "metadataPrefix", "oai_dc"); !strings.Contains(body, "<record>") {
		t.Error(body)
	}
}
