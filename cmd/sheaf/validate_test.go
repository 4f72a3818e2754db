package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/wording"
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
	for fault, check := range map[string]string{
		"deleted-metadata": "deleted-header-only", "lost-record": "identifiers-agree", "until-midnight": "until-day", "wall-200": "bot-wall",
		"token-endless": "duplicates", "cut-connection": "well-formed", "short-list": "list-short", "provenance-identifier": "provenance", "local-time": "response-date-clock",
	} {
		t.Run(fault, func(t *testing.T) {
			r := sheaf(t, "validate", "--pause", "0s", "--strict", "--json", endpoint(t, fault))
			var report oaitest.Report
			if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
				t.Fatalf("%v\n%+v", err, r)
			}
			if x, _ := report.Result(check); r.code != exitLook || x.Outcome != oaitest.Failed && x.Outcome != oaitest.Advised {
				t.Errorf("status %d, %+v", r.code, x)
			}
		})
	}
}

// What is said to be failed and the exit status agree: advice alone is no failure, unless it was asked for.
func TestValidateCountsWhatItExitsBy(t *testing.T) {
	for fault, c := range map[string]struct {
		flags []string
		says  string
		code  int
	}{
		"unsorted":      {nil, " 0 failed, 1 advice,", exitDone},
		"token-unsafe":  {[]string{"--strict"}, " 0 failed, 1 advice,", exitLook},
		"short-list":    {nil, " 1 failed, 0 advice,", exitLook},
		"short-silent":  {nil, " 1 failed, 0 advice,", exitLook},
		"from-ignored":  {nil, " 1 failed, 0 advice,", exitLook},
		"prefixed":      {[]string{"--strict"}, " 0 failed, 0 advice,", exitDone},
		"days-only":     {[]string{"--strict"}, " 0 failed, 0 advice,", exitDone},
		"no-datestamps": {nil, " 1 failed, 0 advice,", exitLook},
		"same-token":    {nil, " 1 failed, 0 advice,", exitLook},
	} {
		t.Run(fault, func(t *testing.T) {
			args := append([]string{"validate", "--pause", "0s", endpoint(t, fault)}, c.flags...)
			if r := sheaf(t, args...); r.code != c.code || !strings.Contains(r.stdout, c.says) {
				t.Errorf("status %d, want %d and %q\n%s%s", r.code, c.code, c.says, r.stdout, r.stderr)
			}
			r := sheaf(t, append(args, "--json")...)
			if failed := strings.Contains(r.stdout, `"outcome": "failed"`); r.code != c.code || failed != (c.code != exitDone && len(c.flags) == 0) {
				t.Errorf("with --json: status %d, failed: %v", r.code, failed)
			}
		})
	}
}

// However an endpoint goes on, the check ends with what it was allowed.
func TestValidateIsBounded(t *testing.T) {
	r := sheaf(t, "validate", "--pause", "0s", "--max-requests", "7", "--json", endpoint(t, "token-endless"))
	var report oaitest.Report
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatalf("%v\n%+v", err, r)
	}
	if r.code != exitLook || report.Requests != 7 || !strings.Contains(report.Stopped, "7 requests") || report.Bytes < 1000 {
		t.Errorf("status %d, %d requests, %d bytes, stopped: %s", r.code, report.Requests, report.Bytes, report.Stopped)
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
	said := strings.Trim(strings.ReplaceAll(r.stdout+r.stderr, "\n", ""), " ")
	if line := wording.Line(said); r.code != exitLook || strings.ReplaceAll(line, " ", "") != strings.ReplaceAll(said, " ", "") {
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
