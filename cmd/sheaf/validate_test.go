package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sheaf runs a command in an empty folder.
func sheaf(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, errs bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

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

func TestValidateHelp(t *testing.T) {
	want, err := os.ReadFile("testdata/validate-help.txt")
	if err != nil && !*update {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if status := run(t.Context(), []string{"validate", "--help"}, nil, &out, &out); status != exitDone {
		t.Fatalf("status %d: %s", status, &out)
	}
	if *update {
		if err := os.WriteFile("testdata/validate-help.txt", out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Errorf("(-want +got; go test -update writes it anew)\n%s", d)
	}
}

func TestValidateAGoodEndpoint(t *testing.T) {
	base := endpoint(t)
	// The arguments of a request that was pasted from a browser are left out.
	status, out, errs := sheaf(t, "validate", "--pause", "0s", "--strict", base+"?verb=Identify")
	if status != exitDone || !strings.HasPrefix(out, base+": ") || !strings.Contains(out, " 0 failed") {
		t.Errorf("status %d\n%s\n%s", status, out, errs)
	}
}

func TestValidateFindsFaults(t *testing.T) {
	for _, f := range oaitest.Faults()[:8] {
		status, out, errs := sheaf(t, "validate", "--pause", "0s", "--strict", "--json", endpoint(t, f.Name))
		var r oaitest.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v\n%s\n%s", err, out, errs)
		}
		demands, advice := r.Failures()
		if status != exitLook || len(demands)+len(advice) == 0 {
			t.Errorf("%s: status %d, found %v %v", f.Name, status, demands, advice)
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
	status, out, errs := sheaf(t, "validate", "--pause", "0s", srv.URL)
	if status != exitLook || strings.ContainsFunc(strings.ReplaceAll(out+errs, "\n", ""), unseen) {
		t.Errorf("status %d: %q %q", status, out, errs)
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
			status, _, errs := sheaf(t, append([]string{"validate"}, c.args...)...)
			if status != c.want || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, want %d: %s", status, c.want, errs)
			}
		})
	}
}
