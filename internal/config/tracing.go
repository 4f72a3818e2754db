package config

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Tracing says where the gateway tells which way records took, and how long each part of it was.
type Tracing struct {
	// The collector that is told, by OTLP over HTTP, such as http://127.0.0.1:4318; /v1/traces is added. Default: nothing is
	// traced.
	OTLP string `yaml:"otlp" as:"url" also:"endpoint,url,collector"`
	// Of how many pages, batches of events and requests one is traced: 100 for one in a hundred. Runs always are. Default: 1.
	OneIn int `yaml:"one_in" min:"1" max:"1000000" also:"sample,sampling"`
	// A file with headers that the collector asks for, such as a line Authorization: Bearer and a token.
	Headers Secret `yaml:"headers_file" also:"headers,header_file"`
	// The authorities that vouch for the collector's certificate, in PEM. Default: those of the system.
	CA File `yaml:"ca_file" also:"ca,cafile"`
}

// Header is what the headers file says.
func (t *Tracing) Header() (http.Header, error) {
	out := http.Header{}
	lines := bufio.NewScanner(strings.NewReader(t.Headers.Value()))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) { // what it says is secret
			return nil, fmt.Errorf("line %d is not a header such as Authorization: Bearer and a token", n)
		}
		out.Add(name, value)
	}
	return out, lines.Err()
}

func (d *decoder) checkTracing(root *node, c *Config) {
	f := root.field("tracing")
	if f == nil || f.value.shape != mapping {
		return
	}
	t := &c.Tracing
	if t.OTLP == "" {
		if !root.has("tracing", "otlp") { // one that is there and wrong is reported already
			d.problem(f.value.place, "tracing", "needs otlp: the address of the collector, such as http://127.0.0.1:4318")
		}
		return
	}
	u, err := url.Parse(t.OTLP)
	switch {
	case err != nil:
		return
	case u.Scheme != "https" && u.Scheme != "http", u.User != nil, u.RawQuery != "", strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/v1/traces"):
		d.problem(root.where("tracing", "otlp"), "tracing.otlp", "must be the collector's address without /v1/traces, user or query, such as https://collector.example.org:4318; secrets go into headers_file")
		return
	case u.Scheme == "http" && t.CA != "":
		d.problem(root.where("tracing", "ca_file"), "tracing.ca_file", "is for https, and otlp is http; take one of them back")
	case u.Scheme == "http" && t.Headers.File != "" && !Local(u.Host) && !Local(u.Host+":80"):
		d.warning(root.where("tracing", "headers_file"), "tracing.headers_file", "goes over the network in the clear, because otlp is http; use https")
	}
	if _, err := t.Header(); err != nil {
		d.problem(root.where("tracing", "headers_file"), "tracing.headers_file", "%v", err)
	}
}
