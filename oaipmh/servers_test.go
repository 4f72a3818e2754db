package oaipmh_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// twoServers are handlers of one repository, each with a copy of it, and one clock.
type twoServers struct {
	now    time.Time
	copies [2]*oaitest.Memory
	doors  [2]*oaipmh.Handler
}

func newTwoServers(t *testing.T) *twoServers {
	s := &twoServers{now: start}
	for i := range s.copies {
		s.copies[i] = &oaitest.Memory{Now: func() time.Time { return s.now }}
		s.doors[i] = serve(t, s.copies[i], oaipmh.Options{PageSize: 10})
	}
	for i := range 30 {
		s.put(i, "Old", 0, 1)
	}
	return s
}

// put changes a record in some of the copies.
func (s *twoServers) put(i int, title string, copies ...int) {
	for _, c := range copies {
		s.copies[c].Put(oaitest.Item{Identifier: id(i), Sets: []string{fmt.Sprintf("set%02d", i)}, Metadata: map[string][]byte{"oai_dc": dc(title)}})
	}
}

func list(verb, token string) string { return "verb=" + verb + "&resumptionToken=" + token }

// behind asks, and expects to be told to come again.
func (s *twoServers) behind(t *testing.T, door int, query string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.doors[door].ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+query, nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Fatalf("%d %v\n%s", w.Code, w.Header(), w.Body)
	}
}

// A walk begins at one server and comes to another one, which lacks what has changed: it must not end there, because the
// harvester believes that it has all that is older than the date of its first page.
func TestServerThatIsBehind(t *testing.T) {
	s := newTwoServers(t)
	s.now = s.now.Add(time.Minute)
	for i := 20; i < 30; i++ { // they were on the last page, and stay there
		s.put(i, "New", 0)
	}
	frozen := s.now.Add(-30 * time.Second)
	s.copies[1].Now = func() time.Time { return frozen }
	s.now = s.now.Add(time.Minute)

	token := tokenOf(get(t, s.doors[0], records))
	token = tokenOf(get(t, s.doors[0], list("ListRecords", token)))
	s.behind(t, 1, list("ListRecords", token))

	// It has caught up: with the changes, but its clock still shows a moment before the first page.
	for i := 20; i < 30; i++ {
		s.put(i, "New", 1)
	}
	s.behind(t, 1, list("ListRecords", token))
	s.copies[1].Now = s.copies[0].Now
	if last := get(t, s.doors[1], list("ListRecords", token)); strings.Count(last, "New") != 10 || tokenOf(last) != "" {
		t.Errorf("not the ten that changed:\n%s", last)
	}
}

// The walk's latest date counts, not that of its first page or of the page before.
func TestTokenKeepsTheLatestDate(t *testing.T) {
	s := newTwoServers(t)
	s.copies[1].Now = func() time.Time { return start }
	token := tokenOf(get(t, s.doors[1], records)) // of the one that will be behind
	s.now = start.Add(time.Hour)
	token = tokenOf(get(t, s.doors[0], list("ListRecords", token)))
	s.behind(t, 1, list("ListRecords", token))

	// A server that comes to the walk with an earlier date, but not one that is behind, doesn't set it back.
	s = newTwoServers(t)
	s.now = start.Add(time.Hour)
	first := tokenOf(get(t, s.doors[0], records))
	s.copies[1].Now = func() time.Time { return start.Add(30 * time.Minute) }
	s.behind(t, 1, list("ListRecords", first))
}

// A page that a server has kept is of the log that it knew, also when it is still right there.
func TestKeptPageThatIsBehind(t *testing.T) {
	s := newTwoServers(t)
	s.copies[1].Now = func() time.Time { return start }
	token := tokenOf(get(t, s.doors[1], records))
	for range 3 {
		get(t, s.doors[1], list("ListRecords", token))
	}
	s.now = start.Add(time.Hour)
	s.put(15, "New", 0)
	s.now = start.Add(2 * time.Hour)
	s.behind(t, 1, list("ListRecords", tokenOf(get(t, s.doors[0], records))))
	get(t, s.doors[1], list("ListRecords", token)) // the walk that has seen no more goes on
}

func TestSetsOfAServerThatIsBehind(t *testing.T) {
	s := newTwoServers(t)
	s.copies[1].Now = func() time.Time { return start }
	s.now = start.Add(time.Hour)
	token := tokenOf(get(t, s.doors[0], "verb=ListSets"))
	s.behind(t, 1, list("ListSets", token))
	s.copies[1].Now = s.copies[0].Now
	get(t, s.doors[1], list("ListSets", token))
}
