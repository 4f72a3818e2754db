package oaipmh_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// clientOf asks a sample of n records in pages of seven, through a middleware.
func clientOf(t *testing.T, n int, through func(http.Handler) http.Handler) *oaipmh.Client {
	t.Helper()
	h, err := oaipmh.NewHandler(oaitest.Sample(n), oaipmh.Options{BaseURL: "https://r.example/oai", Keys: [][]byte{make([]byte, 32)}, PageSize: 7})
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler = h
	if through != nil {
		handler = through(h)
	}
	return &oaipmh.Client{BaseURL: "https://r.example/oai", HTTP: &http.Client{Transport: oaitest.Transport(handler)}}
}

// every is the identifiers of a list until it ends or breaks off.
func every(t *testing.T, c *oaipmh.Client, s oaipmh.Selection) (out []string, err error) {
	t.Helper()
	for rec, e := range c.Records(t.Context(), s) {
		if e != nil {
			return out, e
		}
		out = append(out, rec.Identifier)
	}
	return out, nil
}

func TestClientWalksAList(t *testing.T) {
	for _, post := range []bool{false, true} {
		c := clientOf(t, 25, nil)
		c.Post = post
		pages, size := 0, 0
		got, err := every(t, c, oaipmh.Selection{Prefix: "oai_dc", Page: func(p oaipmh.Page) { pages, size = pages+1, size+p.Records }})
		if err != nil || len(got) != size || pages != (size+6)/7 || pages < 4 {
			t.Errorf("post %v: %d records of %d on %d pages, %v", post, len(got), size, pages, err)
		}
		seen := map[string]bool{}
		for _, id := range got {
			seen[id] = true
		}
		if len(seen) != len(got) {
			t.Errorf("post %v: %d different records of %d", post, len(seen), len(got))
		}
		headers := 0
		for _, err := range c.Headers(t.Context(), oaipmh.Selection{Prefix: "oai_dc"}) {
			if err != nil {
				t.Fatal(err)
			}
			headers++
		}
		if headers != len(got) {
			t.Errorf("%d headers of %d records", headers, len(got))
		}
		rec, err := c.Get(t.Context(), got[0], "oai_dc")
		if err != nil || rec.Identifier != got[0] {
			t.Errorf("%v, %v", rec, err)
		}
		var why *oaipmh.ResponseError
		if _, err := c.Get(t.Context(), "oai:none:1", "oai_dc"); !errors.As(err, &why) || why.Code != "idDoesNotExist" {
			t.Errorf("a record that is not there: %v", err)
		}
	}
}

// A caller that stops asking makes no further request.
func TestClientStops(t *testing.T) {
	requests := 0
	c := clientOf(t, 25, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { requests++; h.ServeHTTP(w, r) })
	})
	for range c.Records(t.Context(), oaipmh.Selection{Prefix: "oai_dc"}) {
		break
	}
	if requests != 1 {
		t.Errorf("%d requests for one record", requests)
	}
}

func TestClientEmptyLists(t *testing.T) {
	c := clientOf(t, 3, nil)
	if got, err := every(t, c, oaipmh.Selection{Prefix: "oai_dc", From: time.Now().Add(time.Hour)}); err != nil || len(got) != 0 {
		t.Errorf("a window without records: %v, %v", got, err)
	}
	var why *oaipmh.ResponseError
	if _, err := every(t, c, oaipmh.Selection{Prefix: "none"}); !errors.As(err, &why) || why.Code != "cannotDisseminateFormat" {
		t.Errorf("a format that is not there: %v", err)
	}
}

// A list that breaks off says where, and goes on from there without a record lost or doubled.
func TestClientGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests, broken := 0, true
		c := clientOf(t, 25, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests++; requests > 2 && broken {
					http.Error(w, "no", http.StatusInternalServerError)
					return
				}
				h.ServeHTTP(w, r)
			})
		})
		first, err := every(t, c, oaipmh.Selection{Prefix: "oai_dc"})
		var list *oaipmh.ListError
		var status *oaipmh.StatusError
		if !errors.As(err, &list) || list.Token == "" || !errors.As(err, &status) || status.Status != 500 || requests != 7 {
			t.Fatalf("after %d requests: %v", requests, err)
		}
		broken = false
		rest, err := every(t, c, oaipmh.Selection{Token: list.Token})
		all, _ := every(t, c, oaipmh.Selection{Prefix: "oai_dc"})
		if err != nil || strings.Join(append(first, rest...), " ") != strings.Join(all, " ") {
			t.Errorf("%d and %d records of %d, %v", len(first), len(rest), len(all), err)
		}
	})
}

// A repository that asks us to wait is waited for, however long within bounds, and asked again then.
func TestClientWaits(t *testing.T) {
	for _, header := range []string{"120", "date"} {
		synctest.Test(t, func(t *testing.T) {
			began, asked := time.Now(), []time.Duration{}
			c := clientOf(t, 3, func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if asked = append(asked, time.Since(began)); len(asked) < 3 {
						after := header
						if header == "date" {
							after = time.Now().Add(2 * time.Minute).UTC().Format(http.TimeFormat)
						}
						w.Header().Set("Retry-After", after)
						w.WriteHeader([]int{503, 429}[len(asked)-1])
						return
					}
					h.ServeHTTP(w, r)
				})
			})
			if got, err := every(t, c, oaipmh.Selection{Prefix: "oai_dc"}); err != nil || len(got) == 0 {
				t.Fatal(got, err)
			}
			if len(asked) != 3 || asked[1] < 119*time.Second || asked[2] < 238*time.Second {
				t.Errorf("asked at %v", asked)
			}
		})
	}
	c := clientOf(t, 3, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(503)
		})
	})
	var status *oaipmh.StatusError
	if _, err := c.Identify(t.Context()); !errors.As(err, &status) || status.RetryAfter != 24*time.Hour {
		t.Errorf("a repository that wants us to wait a day: %v", err)
	}
}

func TestClientBadAnswers(t *testing.T) {
	const page = `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate><request/>%s</OAI-PMH>`
	for name, test := range map[string]struct{ answer, want string }{
		"a token that leads nowhere": {fmt.Sprintf(page, `<ListRecords><record><header><identifier>1</identifier></header></record><resumptionToken>again</resumptionToken></ListRecords>`), "same resumption token"},
		"another verb":               {fmt.Sprintf(page, `<Identify/>`), "something other"},
		"not XML":                    {`<OAI-PMH><a></b></OAI-PMH>`, "not well-formed"},
		"too long":                   {strings.Repeat("x", 2000), "longer"},
	} {
		c := &oaipmh.Client{BaseURL: "https://r.example/oai", MaxBytes: 1000, Attempts: 1, HTTP: &http.Client{Transport: oaitest.Transport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, test.answer)
		}))}}
		if _, err := every(t, c, oaipmh.Selection{Prefix: "oai_dc"}); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "https://r.example/oai") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The query of a base URL stays where it is.
func TestClientBaseURLWithAQuery(t *testing.T) {
	var asked string
	c := &oaipmh.Client{BaseURL: "https://r.example/oai?col=7", Attempts: 1, UserAgent: "us", Contact: "us@example.org", HTTP: &http.Client{Transport: oaitest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery + " " + r.Header.Get("User-Agent") + " " + r.Header.Get("From")
		http.NotFound(w, r)
	}))}}
	if _, err := c.Identify(t.Context()); err == nil || asked != "col=7&verb=Identify us us@example.org" {
		t.Errorf("asked %q, %v", asked, err)
	}
}
