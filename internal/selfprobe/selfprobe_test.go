package selfprobe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

const baseURL = "https://gateway.example.org/oai"

// prober is one of a repository that gives pages of three.
func prober(t *testing.T, repo *oaitest.Memory, live int64) *Prober {
	t.Helper()
	h, err := oaipmh.NewHandler(repo, oaipmh.Options{BaseURL: baseURL, PageSize: 3, Keys: [][]byte{[]byte("sixteen bytes of key")}})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{
		OAI: h, URL: baseURL, Logger: slog.New(slog.DiscardHandler),
		Live: func(context.Context) (int64, error) { return live, nil },
	})
}

// A good list is walked to its end, again and again, and deleted records and an empty log are no trouble.
func TestGood(t *testing.T) {
	repo := oaitest.Sample(7)
	repo.Delete(oaitest.SampleIdentifier(2))
	p := prober(t, repo, 6)
	for page := range 6 {
		p.runOnce(t.Context())
		if err := p.State().Trouble(); err != nil {
			t.Fatal(err)
		}
		if s := p.State(); (page < 2) != s.Walked.IsZero() || s.Good.IsZero() || page == 1 && s.Records != 6 || page >= 2 && s.WalkedTotal != 7 {
			t.Errorf("after page %d: %+v", page, s)
		}
	}
	empty := prober(t, &oaitest.Memory{}, 0)
	empty.runOnce(t.Context())
	if s := empty.State(); s.Trouble() != nil || s.Walked.IsZero() || s.WalkedTotal != 0 {
		t.Errorf("an empty log: %+v", s)
	}
}

// A list that ends although the log had more live records is told of, until a walk is whole.
func TestLacks(t *testing.T) {
	p := prober(t, oaitest.Sample(7), 9)
	for range 3 {
		p.runOnce(t.Context())
	}
	if s := p.State(); s.WalkedLacked != 2 || s.Trouble() == nil || !strings.Contains(s.Trouble().Error(), "lacked 2 records") {
		t.Errorf("%+v: %v", s, s.Trouble())
	}
}

// Whatever is wrong with a page is told of.
func TestBad(t *testing.T) {
	p := prober(t, oaitest.Sample(7), 7)
	good := p.o.OAI
	for name, h := range map[string]http.HandlerFunc{
		"busy":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"another thing": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html/>")) },
		"cut": func(w http.ResponseWriter, r *http.Request) {
			resp, err := oaitest.Transport(good).RoundTrip(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			half := make([]byte, resp.ContentLength/2)
			n, _ := resp.Body.Read(half)
			_, _ = w.Write(half[:n])
		},
	} {
		p.o.OAI = h
		p.runOnce(t.Context())
		if s := p.State(); s.Err == nil || s.Trouble() == nil || s.Walked != s.Good {
			t.Errorf("%s: %+v", name, s)
		}
	}
	p.o.OAI = good
	p.runOnce(t.Context())
	if s := p.State(); s.Trouble() != nil || s.Records != 3 {
		t.Errorf("when it is good again: %+v", s)
	}
	p.o.Live = func(context.Context) (int64, error) { return 0, errors.New("the log is gone") }
	for range 3 { // the walk comes to its end, and can't begin again
		p.runOnce(t.Context())
	}
	if err := p.State().Trouble(); err == nil || !strings.Contains(err.Error(), "the log is gone") {
		t.Errorf("without a log: %v", err)
	}
}

// A token that is refused, as after a new epoch, begins the list again.
func TestBeginsAgain(t *testing.T) {
	p := prober(t, oaitest.Sample(7), 7)
	p.runOnce(t.Context())
	p.token = "of another epoch"
	p.runOnce(t.Context())
	if s := p.State(); s.Trouble() != nil || s.Records != 3 {
		t.Errorf("%+v", s)
	}
	for range 2 {
		p.runOnce(t.Context())
	}
	if s := p.State(); s.Walked.IsZero() || s.WalkedTotal != 7 {
		t.Errorf("%+v", s)
	}
}

// What the prober asks is known as its own.
func TestIs(t *testing.T) {
	own := false
	p := prober(t, oaitest.Sample(1), 1)
	p.o.OAI = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { own = Is(r) })
	p.runOnce(t.Context())
	other, err := http.NewRequest(http.MethodGet, baseURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	other.Header.Set("User-Agent", "Sheaf self-probe")
	if !own || Is(other) {
		t.Errorf("own: %v, of a harvester that says so: %v", own, Is(other))
	}
}
