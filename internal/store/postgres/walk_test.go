package postgres_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A pair of gateways is on one log: ahead writes, and behind reads from a replica.
type pair struct {
	t             *testing.T
	ahead, behind *postgres.Store
	replica       *pgtest.Database
}

func newPair(t *testing.T) *pair {
	server := primary(t)
	base := server.NewDatabase(t)
	p := &pair{t: t, replica: server.Replicate(t, "one").Database(base.Name), ahead: open(t, base.DSN())}
	var err error
	p.behind, err = postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Replica: p.replica.DSN(), Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.behind.Close() })
	return p
}

// lag runs f while the one gateway hears nothing of what the other writes, and its replica has nothing of it either. So its doors
// take the log for what it was.
func (p *pair) lag(f func()) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); !p.lagged(f); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatal("the replica is not read from")
		}
	}
}

// lagged is lag if the replica has all that the gateway has seen, when it stands still.
func (p *pair) lagged(f func()) bool {
	p.t.Helper()
	still, done, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() { ended <- p.behind.Still(func() error { close(still); <-done; return nil }) }()
	<-still
	defer func() {
		close(done)
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	}()
	if err := p.replica.Exec("SELECT pg_wal_replay_pause()"); err != nil {
		p.t.Fatal(err)
	}
	defer func() {
		if err := p.replica.Exec("SELECT pg_wal_replay_resume()"); err != nil {
			p.t.Error(err)
		}
	}()
	before := p.behind.ReplicaViews()
	if err := p.behind.Snapshot(p.t.Context(), func(store.View) error { return nil }); err != nil {
		p.t.Fatal(err)
	}
	if p.behind.ReplicaViews() == before {
		return false
	}
	f()
	return true
}

// door is the OAI-PMH door of a gateway.
func door(t *testing.T, log *postgres.Store) *oaipmh.Handler {
	t.Helper()
	list := &endpoint.Repository{Log: log, Name: "Example", AdminEmails: []string{"metadata@a.example"}, Page: storetest.Page}
	h, err := oaipmh.NewHandler(list, oaipmh.Options{BaseURL: "https://a.example/oai", Keys: [][]byte{[]byte("sixteen bytes or more")}, PageSize: 100})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A visit is the answer to a request for a list.
type visit struct {
	date, token string
	text        string
}

var (
	visitDate  = regexp.MustCompile(`<responseDate>(.*?)</responseDate>`)
	visitToken = regexp.MustCompile(`<resumptionToken[^>]*>(.+?)</resumptionToken>`)
)

func ask(t *testing.T, h *oaipmh.Handler, query string) visit {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+query, nil))
	if w.Code != 200 {
		t.Fatalf("%s: %d %s", query, w.Code, w.Body)
	}
	v := visit{text: w.Body.String()}
	v.date = visitDate.FindStringSubmatch(v.text)[1]
	if m := visitToken.FindStringSubmatch(v.text); m != nil {
		v.token = m[1]
	}
	return v
}

const firstPage = "verb=ListRecords&metadataPrefix=oai_dc"

func nextPage(token string) string {
	return "verb=ListRecords&resumptionToken=" + url.QueryEscape(token)
}

// A harvester's walk begins at a gateway that has a hundred changes, and ends at one that has none of them. It asks again from the
// date of its first page. None of the changes is missed.
func TestWalkOverGatewaysOfWhichOneLags(t *testing.T) {
	p := newPair(t)
	run, err := p.ahead.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	first := page(run, "", 0, 200)
	if _, err := p.ahead.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	here, there := door(t, p.ahead), door(t, p.behind)
	for range 3 { // so that the page is kept there
		ask(t, there, nextPage(ask(t, there, firstPage).token))
	}
	p.lag(func() {
		changed := page(run, first.Next, 1, 0)
		for _, c := range first.Changes[100:] {
			c.Fingerprint, c.OAIDC = pipeline.Hash{2}, []byte("<new/>")
			changed.Changes = append(changed.Changes, c)
		}
		receipt, err := p.ahead.Commit(t.Context(), changed)
		if err != nil {
			t.Fatal(err)
		}
		var begun visit
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			begun = ask(t, here, firstPage)
			if begun.date > oaipmh.Second.Format(receipt.Head.Datestamp) { // so that the changes are older than what is asked for next
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the head's datestamp stands still")
			}
		}
		// Somebody asks for a time that has just passed, of which the replica knows nothing.
		span := ask(t, there, firstPage+"&from="+oaipmh.Second.Format(receipt.Head.Datestamp)+"&until="+begun.date)
		passed := span.text
		for span.token != "" {
			span = ask(t, there, nextPage(span.token))
			passed += span.text
		}
		if n := strings.Count(passed, "<new/>"); n != 100 {
			t.Errorf("%d of 100 changes of a time that is over were missed", 100-n)
		}
		seen := begun.text
		for v := begun; v.token != ""; {
			v = ask(t, there, nextPage(v.token))
			seen += v.text
		}
		seen += ask(t, here, firstPage+"&from="+begun.date).text
		if n := strings.Count(seen, "<new/>"); n != 100 {
			t.Errorf("%d of 100 changes were missed", 100-n)
		}
	})
}

// A place in an epoch that has just begun is not refused by a gateway that has not heard of it.
func TestEpochThatAGatewayHasNotHeardOf(t *testing.T) {
	p := newPair(t)
	run, err := p.ahead.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ahead.Commit(t.Context(), page(run, "", 0, 200)); err != nil {
		t.Fatal(err)
	}
	here, there := door(t, p.ahead), door(t, p.behind)
	p.lag(func() {
		if err := p.ahead.NewEpoch(t.Context(), pipeline.Head{}, "a test"); err != nil {
			t.Fatal(err)
		}
		head, err := p.ahead.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if last := ask(t, there, nextPage(ask(t, here, firstPage).token)); strings.Count(last.text, "<record>") != 100 {
			t.Errorf("the second page is\n%s", last.text)
		}
		changes, err := p.behind.Changes(t.Context(), pipeline.Wanted{After: head.Seq, Epoch: head.Epoch, Limit: 1, Bytes: 1})
		if err != nil || changes.Head.Cursor != head.Cursor {
			t.Errorf("a follower at %v is told of %v, %v", head.Cursor, changes.Head.Cursor, err)
		}
	})
}

// What somebody has seen at a replica can come to be seen at the primary a moment later.
func TestPrimaryThatIsBehindForAMoment(t *testing.T) {
	log := open(t, pgtest.NewDatabase(t).DSN())
	looks := 0
	err := log.Snapshot(t.Context(), func(store.View) error {
		if looks++; looks == 1 {
			return oaipmh.ErrBehind
		}
		return nil
	})
	if err != nil || looks != 2 {
		t.Errorf("%v after %d looks", err, looks)
	}
	if err := log.Snapshot(t.Context(), func(store.View) error { return oaipmh.ErrBehind }); err != oaipmh.ErrBehind {
		t.Errorf("of a log that stays behind: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := log.Snapshot(ctx, func(store.View) error { cancel(); return oaipmh.ErrBehind }); err != context.Canceled {
		t.Errorf("for nobody any more: %v", err)
	}
}
