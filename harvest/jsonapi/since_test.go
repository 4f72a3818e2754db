package jsonapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
)

// A clocked site says the time beside its one page.
type clocked struct {
	date, body string
	asked      *string
}

func (s clocked) Fetch(_ context.Context, req harvest.Request) (*harvest.Response, error) {
	*s.asked = req.URL
	h := http.Header{}
	if s.date != "" {
		h.Set("Date", s.date)
	}
	return &harvest.Response{URL: req.URL, Status: http.StatusOK, Header: h, Body: []byte(s.body)}, nil
}

// TestSince: the next pass asks from the server's own time, and never from a later one.
func TestSince(t *testing.T) {
	const date = "Fri, 01 May 2026 12:00:00 GMT"
	for _, c := range []struct {
		name, date, stamp, since, asks string
	}{
		{"the newest item", date, `"2026-04-20T10:00:00+02:00"`, "2026-04-20T08:00:00Z", "2026-04-19T08:00:00Z"},
		{"the first answer", date, `null`, "2026-05-01T12:00:00Z", "2026-04-30T12:00:00Z"},
		{"an item of the future", date, `"2099-01-01"`, "2026-05-01T12:00:00Z", "2026-04-30T12:00:00Z"},
		{"a server of the future", "Thu, 01 Jan 2099 00:00:00 GMT", `null`, "2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"},
		{"an item alone", "", `"2026-04-20 10:00:00"`, "2026-04-20T10:00:00Z", "2026-04-19T10:00:00Z"},
		{"an item of the future alone", "", `"2099-01-01"`, "2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"},
		{"seconds", date, `1776672000`, "2026-04-20T08:00:00Z", "2026-04-19T08:00:00Z"},
		{"milliseconds", date, `1776672000000`, "2026-04-20T08:00:00Z", "2026-04-19T08:00:00Z"},
		{"no time at all", "", `"in spring"`, "", ""},
	} {
		var asked string
		config := jsonapi.Config{From: "https://api.example.org/works?x=1", Key: "id", Datestamp: "at", Since: jsonapi.Since{Param: "from"},
			Now: func() time.Time { return time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC) }}
		site := clocked{c.date, fmt.Sprintf(`[{"id": "0"}, {"id": "1", "at": %s}, {"id": "2", "at": "2026-03-01"}]`, c.stamp), &asked}
		if strings.Contains(c.stamp, "null") || strings.Contains(c.stamp, "spring") {
			site.body = `[{"id": "1", "at": ` + c.stamp + `}]`
		}
		p := gives(t, "", config, site)
		if got := since(t, p.next); got != c.since || (len(p.warnings) > 0) != (c.since == "") {
			t.Errorf("%s: the next pass asks from %q, warnings %q", c.name, got, p.warnings)
		}
		next := gives(t, p.next, config, site)
		want := "https://api.example.org/works?x=1"
		if c.asks != "" {
			want += "&from=" + strings.ReplaceAll(c.asks, ":", "%3A")
		}
		if asked != want || next.full != (c.asks == "") {
			t.Errorf("%s: asks %s", c.name, asked)
		}
		// A pass in which nothing came does not go back.
		site.body = "[]"
		if got := since(t, gives(t, p.next, config, site).next); got != c.since {
			t.Errorf("%s: after a pass without items %q", c.name, got)
		}
	}
}

// TestShortSince: a pass that lacks items is asked for again from where it began.
func TestShortSince(t *testing.T) {
	var asked string
	config := jsonapi.Config{From: "https://api.example.org/works", Items: "items", Key: "id", Datestamp: "at", Total: "total", Since: jsonapi.Since{Param: "from", Format: "date"}}
	site := clocked{"Fri, 01 May 2026 12:00:00 GMT", `{"items": [{"id": "1", "at": "2026-04-20"}], "total": 2}`, &asked}
	if p := gives(t, "", config, site); p.short == "" || since(t, p.next) != "" {
		t.Fatalf("after a short pass: %q, %s", p.short, p.next)
	}
	site.body = strings.Replace(site.body, `"total": 2`, `"total": 1`, 1)
	whole := gives(t, "", config, site)
	site.body = strings.NewReplacer("2026-04-20", "2026-04-30", `"total": 1`, `"total": 2`).Replace(site.body)
	if p := gives(t, whole.next, config, site); p.short == "" || since(t, p.next) != "2026-04-20T00:00:00Z" || asked != "https://api.example.org/works?from=2026-04-19" {
		t.Errorf("after a short pass of changes: %q, %s, asked %s", p.short, p.next, asked)
	}
}

// TestOtherConfiguration: a cursor of another configuration begins a full pass.
func TestOtherConfiguration(t *testing.T) {
	var asked string
	config := jsonapi.Config{From: "https://api.example.org/works", Key: "id", Since: jsonapi.Since{Param: "from"}}
	site := clocked{"Fri, 01 May 2026 12:00:00 GMT", `[{"id": "1", "no": "2"}]`, &asked}
	at := gives(t, "", config, site).next
	if p := gives(t, at, config, site); p.full {
		t.Error("a pass of changes is full")
	}
	config.Key = "no"
	if p := gives(t, at, config, site); !p.full || p.keys[0] != "2" {
		t.Errorf("under another key: full %v, %v", p.full, p.keys)
	}
}
