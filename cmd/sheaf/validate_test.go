package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// endpoint serves a sample with faults.
func endpoint(t *testing.T, faults ...string) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaitest.NewHostile(oaitest.Sample(45), base)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Play(faults...); err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	return base
}

func TestValidateAGoodEndpoint(t *testing.T) {
	base := endpoint(t)
	// The arguments of a request that was pasted from a browser are left out.
	r := sheaf(t, "validate", "--pause", "0s", "--strict", base+"?verb=Identify")
	if r.code != exitDone || !strings.HasPrefix(r.stdout, base+": ") || !strings.Contains(r.stdout, " 0 failed") {
		t.Errorf("%+v", r)
	}
}

func TestValidateFindsFaults(t *testing.T) {
	for _, f := range oaitest.Faults()[:8] {
		r := sheaf(t, "validate", "--pause", "0s", "--strict", "--json", endpoint(t, f.Name))
		var report oaitest.Report
		if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
			t.Fatalf("%v\n%+v", err, r)
		}
		demands, advice := report.Failures()
		if r.code != exitLook || len(demands)+len(advice) == 0 {
			t.Errorf("%s: status %d, found %v %v", f.Name, r.code, demands, advice)
		}
	}
}

// What an endpoint sends can't command the terminal that the report is read on.
func TestValidateReportsNothingUnseen(t *testing.T) {
	hostile := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml\u009b31m")
		w.Write([]byte("<?xml version='1.0'?><OAI-PMH>\x1b]0;owned\a\u202e<request/></OAI-PMH>"))
	})
	srv := httptest.NewServer(hostile)
	defer srv.Close()
	r := sheaf(t, "validate", "--pause", "0s", srv.URL)
	if r.code != exitLook || strings.ContainsFunc(strings.ReplaceAll(r.stdout+r.stderr, "\n", ""), unseen) {
		t.Errorf("%q %q", r.stdout, r.stderr)
	}
}

func TestValidateIsPolite(t *testing.T) {
	var agent string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent = r.UserAgent()
		http.Error(w, "no", http.StatusForbidden)
	}))
	defer srv.Close()
	sheaf(t, "validate", "--pause", "0s", "--contact", "cat@example.org", srv.URL)
	if !strings.HasPrefix(agent, "Sheaf/") || !strings.Contains(agent, "+mailto:cat@example.org") {
		t.Errorf("User-Agent: %s", agent)
	}
}

func TestValidateRefuses(t *testing.T) {
	dead := httptest.NewServer(nil)
	dead.Close()
	for name, c := range map[string]struct {
		args []string
		want int
		says string
	}{
		"no URL":         {nil, exitUsage, "<url>"},
		"a file":         {[]string{"oai.xml"}, exitUsage, "not a whole http"},
		"a user":         {[]string{"https://a:b@example.org/oai"}, exitUsage, "leave it out"},
		"a query":        {[]string{"https://example.org/oai?db=1"}, exitUsage, "leave it out"},
		"no pages":       {[]string{"--max-pages", "0", "https://example.org/oai"}, exitUsage, "1 or more"},
		"no time":        {[]string{"--timeout", "0s", "https://example.org/oai"}, exitUsage, "500ms"},
		"nobody answers": {[]string{"--pause", "0s", dead.URL}, exitFailed, "could not be checked"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sheaf(t, append([]string{"validate"}, c.args...)...)
			if r.code != c.want || !strings.Contains(r.stderr, c.says) {
				t.Errorf("%+v, want status %d", r, c.want)
			}
		})
	}
}
