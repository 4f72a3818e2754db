package app_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// deploy is the folder with what operators install.
const deploy = "../../deploy"

// An alertRule is what is read of an alert in deploy/prometheus/rules.yml.
type alertRule struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

// alertRules are the alerts that are shipped.
func alertRules(t *testing.T) (out []alertRule) {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alertRule }
	}
	if err := yaml.Unmarshal([]byte(text(t, deploy+"/prometheus/rules.yml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert != "" {
				out = append(out, r)
			}
		}
	}
	if len(out) < 20 {
		t.Fatalf("there are %d alerts", len(out))
	}
	return out
}

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each alert leads to a section of docs/alerts.md that says what it means, how to look and what to do; each such
// section is of an alert; and the rules' own tests make each alert fire.
func TestAlertsHaveRunbooks(t *testing.T) {
	guide, tests := text(t, "../../docs/alerts.md"), text(t, deploy+"/prometheus/rules_test.yml")
	sections := map[string]string{}
	for _, section := range strings.Split(guide, "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	for _, r := range alertRules(t) {
		anchor := "docs/alerts.md#" + strings.ToLower(r.Alert)
		if !strings.HasSuffix(r.Annotations["runbook_url"], anchor) {
			t.Errorf("%s leads to %s, not to %s", r.Alert, r.Annotations["runbook_url"], anchor)
		}
		if r.Annotations["summary"] == "" || !slices.Contains([]string{"page", "ticket", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has the summary %q and the severity %q", r.Alert, r.Annotations["summary"], r.Labels["severity"])
		}
		for _, part := range []string{"**Means.** ", "\n**Look.** ", "\n**Do.** "} {
			if !strings.Contains(sections[r.Alert], part) {
				t.Errorf("docs/alerts.md lacks %q of %s", strings.TrimSpace(part), r.Alert)
			}
		}
		delete(sections, r.Alert)
		fires := regexp.MustCompile(`alertname="` + r.Alert + `", alertstate="firing".*value: 1|alertname: ` + r.Alert + `(, exp_alerts: \[\{|\n\s+exp_alerts:\n\s+- exp)`)
		if !fires.MatchString(tests) {
			t.Errorf("no test makes %s fire", r.Alert)
		}
	}
	for title := range sections {
		t.Errorf("docs/alerts.md speaks of %s, which is not an alert", title)
	}
}
