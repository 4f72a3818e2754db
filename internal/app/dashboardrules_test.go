package app_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	selectorRE = regexp.MustCompile(`\b(sheaf[_:][a-z0-9_:]+)(\{[^}]*\})?`)
	rangeRE    = regexp.MustCompile(`\b(rate|increase)\((sheaf_[a-z0-9_]+)[^\[]*\[([^\]]*)\]`)
)

// The dashboards keep the rules that Grafana's linter of dashboards has: what can be chosen is chosen everywhere, rates
// fit any resolution, counters are never shown as they are, and a panel says what it shows, and in which unit.
func TestDashboardsKeepTheRules(t *testing.T) {
	files, err := filepath.Glob(deploy + "/grafana/dashboards/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 5 {
		t.Fatalf("there are %d dashboards", len(files))
	}
	uids := map[string]string{}
	for _, file := range files {
		var d struct {
			UID    string
			Panels []struct {
				ID          int
				Type, Title string
				Datasource  struct{ UID string }
				Targets     []struct{ Expr, RefID string }
				FieldConfig struct{ Defaults struct{ Unit string } }
			}
		}
		if err := json.Unmarshal([]byte(text(t, file)), &d); err != nil {
			t.Fatal(err)
		}
		if other := uids[d.UID]; other != "" {
			t.Errorf("%s and %s have the uid %s", file, other, d.UID)
		}
		uids[d.UID] = file
		ids := map[int]bool{}
		for _, p := range d.Panels {
			name := filepath.Base(file) + ", " + p.Title
			if ids[p.ID] || p.ID == 0 {
				t.Errorf("%s: the id %d is not its own", name, p.ID)
			}
			ids[p.ID] = true
			if p.Title == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s: %+v", name, p)
			}
			if p.Type == "timeseries" && p.FieldConfig.Defaults.Unit == "" {
				t.Errorf("%s has no unit", name)
			}
			refs := map[string]bool{}
			for _, target := range p.Targets {
				if refs[target.RefID] {
					t.Errorf("%s has two targets %s", name, target.RefID)
				}
				refs[target.RefID] = true
				for _, m := range selectorRE.FindAllStringSubmatch(target.Expr, -1) {
					if !strings.Contains(m[2], `job=~"$job"`) || !strings.Contains(m[2], `instance=~"$instance"`) {
						t.Errorf("%s: %s%s is not of the job and instance that were chosen", name, m[1], m[2])
					}
				}
				counters := 0
				for _, m := range rangeRE.FindAllStringSubmatch(target.Expr, -1) {
					counters++
					if m[1] == "rate" && m[3] != "$__rate_interval" {
						t.Errorf("%s: the rate of %s is over %s, not $__rate_interval", name, m[2], m[3])
					}
				}
				if n := strings.Count(target.Expr, "_total{") + strings.Count(target.Expr, "_bucket{"); n != counters {
					t.Errorf("%s: %d of %d counters have a rate or an increase", name, counters, n)
				}
			}
		}
	}
}
