package harvest_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
)

func TestRedirects(t *testing.T) {
	var got *http.Request
	var gotForm url.Values
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r })
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		status := 301
		switch r.URL.Path {
		case "/see":
			status = 303
		case "/loop":
			http.Redirect(w, r, "/loop", status)
			return
		case "/other":
			http.Redirect(w, r, other+"/there", status)
			return
		case "/new":
			got, gotForm = r, r.Form
			return
		}
		w.Header().Set("Location", "/new")
		w.WriteHeader(status)
	})
	f := harvest.NewFetcher(harvest.Options{Reach: here})
	fetch := func(path string, form url.Values) (*harvest.Response, error) {
		return f.Fetch(t.Context(), harvest.Request{URL: base + path, Form: form, Access: harvest.Access{Token: "t"}})
	}
	if resp, err := fetch("/old?verb=Identify", nil); err != nil || got.URL.RawQuery != "verb=Identify" || resp.URL != base+"/new?verb=Identify" {
		t.Errorf("query: %v %v", resp, err)
	}
	if got.Header.Get("Authorization") == "" {
		t.Error("the token is lost on the same host")
	}
	if _, err := fetch("/old", url.Values{"verb": {"Identify"}}); err != nil || got.Method != "POST" || gotForm.Get("verb") != "Identify" {
		t.Errorf("form: %v %v", got, err)
	}
	if _, err := fetch("/see", url.Values{"verb": {"Identify"}}); err != nil || got.Method != "GET" || gotForm.Get("verb") != "Identify" {
		t.Errorf("303: %v %v", got, err)
	}
	if _, err := fetch("/other", nil); err != nil || got.URL.Path != "/there" || got.Header.Get("Authorization") != "" {
		t.Errorf("the token went to another host: %v %v", got.Header, err)
	}
	_, err := fetch("/loop", nil)
	wantKind(t, err, harvest.Protocol)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNoRedirectFromHTTPSToHTTP(t *testing.T) {
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"http://example.org/"}}, Body: http.NoBody}, nil
	})
	_, err := harvest.NewFetcher(harvest.Options{Transport: transport}).Fetch(t.Context(), harvest.Request{URL: "https://example.org/"})
	if e := wantKind(t, err, harvest.Protocol); !strings.Contains(e.Detail, "https to http") {
		t.Error(e)
	}
}

// TestFollow: who asks decides whether a redirect is followed.
func TestFollow(t *testing.T) {
	asked := ""
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked = r.URL.Path; r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusFound)
		}
	})
	refusal := &harvest.Error{Kind: harvest.Forbidden}
	f := harvest.NewFetcher(harvest.Options{Reach: here})
	for _, refuses := range []bool{false, true} {
		to := ""
		_, err := f.Fetch(t.Context(), harvest.Request{URL: base + "/a", Follow: func(_ context.Context, u *url.URL) error {
			if to = u.Path; refuses {
				return refusal
			}
			return nil
		}})
		if (err != nil) != refuses || refuses && harvest.KindOf(err) != harvest.Forbidden || to != "/b" || (asked == "/a") != refuses {
			t.Errorf("refuses %v: %v; led to %s, asked for %s", refuses, err, to, asked)
		}
	}
}
