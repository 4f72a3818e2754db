package oai_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// whole is the outcome of a pass after which the copy is what the repository has.
const whole = "whole"

// outcomes are what becomes of a full pass and of an incremental one after it, by the fault that the repository
// plays. What is not named here is whole twice: the fault is one of parts that a harvest does not need, or
// one that it copes with. An error is named by its kind; it leaves the cursor where it was. "doubted" is a pass that
// proves no absence.
var outcomes = map[string][2]string{
	// Errors with a name.
	"wall-200":           failing(harvest.Challenged),
	"wall-202":           failing(harvest.Challenged),
	"wall-403":           failing(harvest.Challenged),
	"no-oai-dc":          failing(harvest.Config),
	"empty-endless":      failing(harvest.EmptyPage),
	"empty-page":         failing(harvest.EmptyPage),
	"bad-token-for-end":  failing(harvest.ExpiredToken),
	"token-expired":      failing(harvest.ExpiredToken),
	"token-expires-late": failing(harvest.ExpiredToken),
	"token-to-nothing":   failing(harvest.ExpiredToken),
	"agent-refused":      failing(harvest.Forbidden),
	"login":              failing(harvest.Forbidden),
	"key-demanded":       failing(harvest.Forbidden),
	"html-page":          failing(harvest.HTML),
	"landing":            failing(harvest.HTML),
	"status-432":         failing(harvest.HTTP4xx),
	"status-522":         failing(harvest.HTTP5xx),
	"redirect-loop":      failing(harvest.Protocol),
	"busy-ever":          failing(harvest.RateLimited),
	"busy-huge":          failing(harvest.RateLimited),
	"same-token":         failing(harvest.RepeatedToken),
	"token-endless":      failing(harvest.RepeatedToken),
	"token-loop":         failing(harvest.RepeatedToken),
	"length-long":        failing(harvest.Timeout),
	"stall":              failing(harvest.Timeout),
	"stall-body":         failing(harvest.Timeout),
	"trickle":            failing(harvest.Timeout),
	"endless-body":       failing(harvest.TooLarge),
	"gzip-bomb":          failing(harvest.TooLarge),
	"accepted":           failing(harvest.Truncated),
	"cut-chunks":         failing(harvest.Truncated),
	"cut-connection":     failing(harvest.Truncated),
	"empty-body":         failing(harvest.Truncated),
	"gzip-cut":           failing(harvest.Truncated),
	"gzip-damaged":       failing(harvest.Truncated),
	"length-short":       failing(harvest.Truncated),
	"truncated":          failing(harvest.Truncated),

	// Items in quarantine, and all others here.
	"unbalanced":    {whole + ", 6 missing, 6 quarantined", whole + ", 6 missing, 1 other bytes, 1 quarantined"},
	"no-header":     {whole + ", 6 quarantined", whole + ", 1 other bytes, 1 quarantined"}, // the list of headers has them
	"no-identifier": {whole + ", 1 quarantined", whole + ", 1 other bytes, 1 quarantined"},
	"no-metadata":   {whole + ", 53 missing, 53 quarantined", whole + ", 53 missing, 2 quarantined"},

	// Records whose bytes are not as they were put in: the repository sends others, or what it sends was mended.
	"ancestor-prefixes":      {whole + ", 53 other bytes", whole + ", 53 other bytes"},
	"cdata":                  {whole + ", 6 other bytes", whole + ", 7 other bytes"},
	"dc-extra":               {whole + ", 6 other bytes", whole + ", 7 other bytes"},
	"doctype-entity":         {whole + ", 6 other bytes", whole + ", 7 other bytes"},
	"double-escaped":         {whole + ", 53 other bytes", whole + ", 51 other bytes"},
	"html-entity":            {whole + ", 6 other bytes", whole + ", 7 other bytes"},
	"huge-text":              {whole + ", 1 other bytes", whole + ", 1 other bytes"},
	"invalid-utf8":           {whole + ", 6 other bytes", whole + ", 7 other bytes"},
	"latin1-bytes":           {whole + ", 6 other bytes", whole + ", 7 other bytes"},
	"metadata-unqualified":   {whole + ", 53 other bytes", whole + ", 53 other bytes"},
	"processing-instruction": {whole + ", 6 other bytes", whole + ", 7 other bytes"},

	// Passes that prove no absence: the repository's own count says that there was more.
	"deleted-forgotten": {whole + ", 2 missing, doubted", whole + ", 2 missing, 1 wrong, doubted"},
	"deletions-none":    {whole + ", 2 missing, doubted", whole + ", 2 missing, 1 wrong, doubted"},
	"short-list":        {whole + ", doubted", whole + ", doubted"}, // windows of time have found the rest
	"short-silent":      {whole + ", doubted", whole + ", doubted"},
	"size-large":        {whole + ", doubted", whole + ", doubted"},

	// The repository says that it does not have the format.
	"list-refused": failing(harvest.Config),

	// What nobody can know who asks for records, and identifiers that are others than the repository has.
	"identifier-no-uri": {whole + ", 55 missing", whole + ", 56 missing"},
}

// failing is a fault by which both passes end with an error.
func failing(kind harvest.Kind) [2]string { return [2]string{string(kind), string(kind)} }

// A harvested is what a harvester has, by identifier: the metadata, or "deleted".
type harvested struct {
	repo     *oaitest.Memory
	copy     map[string]string
	rejected map[string]bool
	doubted  bool
}

// passOf goes through a pass, and says how it ended.
func (h *harvested) passOf(t *testing.T, s *oai.Source, at harvest.Cursor) (next harvest.Cursor, outcome string) {
	t.Helper()
	h.rejected, h.doubted = map[string]bool{}, false
	met := map[string]bool{}
	for range 2000 {
		page, err := s.Page(t.Context(), at)
		if err != nil {
			return at, string(harvest.KindOf(err))
		}
		h.doubted = page.Unproven || page.Short != ""
		for _, item := range page.Items {
			if item.Listed && met[item.Identifier] {
				continue
			}
			if met[item.Identifier] = true; item.Listed {
				if item, err = s.Ask(t.Context(), at, item); err != nil {
					item.Rejected = &harvest.Rejection{Reason: "unfetchable"}
				}
			}
			switch {
			case item.Rejected != nil:
				h.rejected[item.Key] = true
			case item.Deleted:
				h.copy[item.Identifier] = "deleted"
			default:
				h.copy[item.Identifier] = string(item.Original)
			}
		}
		if at = page.Next; page.Done {
			return at, whole
		}
	}
	t.Fatal("the pass does not end")
	return at, ""
}

// outcome holds the copy against the repository, and says what is different.
func (h *harvested) outcome(t *testing.T) string {
	t.Helper()
	missing, mended, wrong := 0, 0, 0
	for i := range 100 {
		rec, _, err := h.repo.Get(t.Context(), oaitest.SampleIdentifier(i), "oai_dc")
		if err != nil {
			continue
		}
		want := string(rec.Metadata)
		if rec.Deleted {
			want = "deleted"
		}
		switch have, ok := h.copy[rec.Identifier]; {
		case !ok:
			missing++
		case have == want:
		case have != "deleted" && want != "deleted":
			mended++
		default:
			wrong++
		}
	}
	out := whole
	for _, x := range []struct {
		n    int
		what string
	}{{missing, "missing"}, {wrong, "wrong"}, {mended, "other bytes"}, {len(h.rejected), "quarantined"}} {
		if x.n > 0 {
			out += fmt.Sprintf(", %d %s", x.n, x.what)
		}
	}
	if h.doubted {
		out += ", doubted"
	}
	return out
}

// begin harvests a repository of 55 records that plays a fault, on connections in memory; t is a bubble's.
func begin(t *testing.T, fault, query string) (h *harvested, s *oai.Source) {
	t.Helper()
	const base = "http://sample.example.org/oai"
	time.Sleep(time.Until(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)))
	h = &harvested{repo: oaitest.Sample(55), copy: map[string]string{}}
	server, err := oaitest.NewHostile(h.repo, base)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Play(fault); err != nil {
		t.Fatal(err)
	}
	transport, stop := oaitest.Pipe(server)
	t.Cleanup(stop)
	s, err = oai.New(oai.Config{BaseURL: base + query, MaxPages: 100}, harvest.NewFetcher(harvest.Options{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	return h, s
}

// change changes one record, deletes one, and adds one.
func (h *harvested) change() {
	put := func(i int, title string) {
		h.repo.Put(oaitest.Item{Identifier: oaitest.SampleIdentifier(i), Sets: []string{"papers:odd"}, Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC(title)}})
	}
	put(3, "changed")
	h.repo.Delete(oaitest.SampleIdentifier(4))
	put(61, "new")
}

// Whatever a repository plays, a harvest ends in time, with what the repository has, with items in quarantine, or
// with an error that has a name: never with less that is called whole.
func TestEveryFaultIsSurvived(t *testing.T) {
	names := map[string]bool{}
	for _, f := range oaitest.Faults() {
		names[f.Name] = true
		t.Run(f.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s := begin(t, f.Name, "")
				began := time.Now()
				var got [2]string
				at, outcome := h.passOf(t, s, "")
				if got[0] = outcome; outcome == whole {
					got[0] = h.outcome(t)
				}
				time.Sleep(time.Hour)
				h.change()
				time.Sleep(time.Hour)
				_, outcome = h.passOf(t, s, at)
				if got[1] = outcome; outcome == whole {
					got[1] = h.outcome(t)
				}
				want, ok := outcomes[f.Name]
				if !ok {
					want = [2]string{whole, whole}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-want +got):\n%s", f.What, d)
				}
				if took := time.Since(began); took > 24*time.Hour {
					t.Errorf("two passes took %v", took)
				}
			})
		})
	}
	for _, name := range slices.Sorted(maps.Keys(outcomes)) {
		if !names[name] {
			t.Errorf("no fault is called %s", name)
		}
	}
}

// A key in the base URL goes with every request.
func TestKeyInTheBaseURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := begin(t, "key-demanded", "?key=secret")
		if _, got := h.passOf(t, s, ""); got != whole || h.outcome(t) != whole {
			t.Errorf("%s, %s", got, h.outcome(t))
		}
	})
}

// What an index that lags behind does not list yet, the overlap of the next pass brings.
func TestIndexLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := begin(t, "index-lag", "")
		h.change()
		time.Sleep(10 * time.Second)
		at, got := h.passOf(t, s, "")
		if got != whole || h.outcome(t) == whole {
			t.Fatalf("the index does not lag: %s, %s", got, h.outcome(t))
		}
		time.Sleep(20 * time.Minute)
		if _, got := h.passOf(t, s, at); got != whole || h.outcome(t) != whole {
			t.Errorf("%s, %s", got, h.outcome(t))
		}
	})
}
