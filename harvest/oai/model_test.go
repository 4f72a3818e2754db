package oai_test

import (
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"pgregory.net/rapid"
)

// A laggard is a repository as they are: records change while it is listed, a change gets its
// datestamp some time before it can be seen, tokens expire, answers are cut short.
type laggard struct {
	t       *rapid.T
	now     time.Time
	days    bool
	records map[string]version // what can be seen
	pending []change           // what can't yet
	step    func()             // something happens between two requests
}

type version struct {
	stamp   time.Time
	text    string
	deleted bool
}

type change struct {
	id      string
	visible time.Time
	version
}

func (l *laggard) pass(d time.Duration) {
	l.now = l.now.Add(d)
	var rest []change
	for _, c := range l.pending {
		if c.visible.After(l.now) {
			rest = append(rest, c)
		} else if c.stamp.After(l.records[c.id].stamp) || l.records[c.id].stamp.Equal(c.stamp) {
			l.records[c.id] = c.version
		}
	}
	l.pending = rest
}

func (l *laggard) RoundTrip(hr *http.Request) (*http.Response, error) {
	l.step()
	q := hr.URL.Query()
	date := strings.Replace(head, "2026-05-01T10:00:00Z", l.now.Format(time.RFC3339), 1)
	body := date
	switch q.Get("verb") {
	case "Identify":
		g := "YYYY-MM-DDThh:mm:ssZ"
		if l.days {
			g = "YYYY-MM-DD"
		}
		body += "<Identify><granularity>" + g + "</granularity></Identify>"
	case "ListMetadataFormats":
		body += "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>"
	default:
		body += l.list(q.Get("from"), q.Get("resumptionToken"))
	}
	body += "</OAI-PMH>"
	if rapid.IntRange(0, 30).Draw(l.t, "cut") == 0 {
		body = body[:len(body)*2/3]
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// list gives two records after the place in a token, which is "from/stamp/id".
func (l *laggard) list(from, token string) string {
	afterStamp, afterID := "", ""
	if token != "" {
		if rapid.IntRange(0, 10).Draw(l.t, "expired") == 0 {
			return `<error code="badResumptionToken"/>`
		}
		parts := strings.Split(token, "/")
		from, afterStamp, afterID = parts[0], parts[1], parts[2]
	}
	type row struct{ stamp, id string }
	var rows []row
	for id, v := range l.records {
		s := v.stamp.Format(time.RFC3339)
		if s >= from && (s > afterStamp || s == afterStamp && id > afterID) {
			rows = append(rows, row{s, id})
		}
	}
	if len(rows) == 0 && token == "" {
		return `<error code="noRecordsMatch"/>`
	}
	sort.Slice(rows, func(i, j int) bool {
		return rows[i].stamp < rows[j].stamp || rows[i].stamp == rows[j].stamp && rows[i].id < rows[j].id
	})
	more := ""
	if len(rows) > 2 {
		rows = rows[:2]
		more = "<resumptionToken>" + from + "/" + rows[1].stamp + "/" + rows[1].id + "</resumptionToken>"
	}
	out := "<ListRecords>"
	for _, r := range rows {
		v := l.records[r.id]
		shown := r.stamp
		if l.days {
			shown = shown[:10]
		}
		if v.deleted {
			out += `<record><header status="deleted"><identifier>` + r.id + `</identifier><datestamp>` + shown + `</datestamp></header></record>`
		} else {
			out += `<record><header><identifier>` + r.id + `</identifier><datestamp>` + shown + `</datestamp></header><metadata><a xmlns="u">` + v.text + `</a></metadata></record>`
		}
	}
	return out + more + "</ListRecords>"
}

// Whatever changes while it is walked, with a lag that the overlap covers, a harvester that goes on from
// its cursor after every error ends with an exact copy.
func TestIncrementalNeverMissesAChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &laggard{t: t, now: time.Date(2026, 5, 1, 23, 50, 0, 0, time.UTC), records: map[string]version{}, days: rapid.Bool().Draw(t, "days")}
		changes := 0
		l.step = func() {
			l.pass(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				changes++
				lag := time.Duration(rapid.IntRange(0, 290).Draw(t, "lag")) * time.Second
				l.pending = append(l.pending, change{id: "r" + strconv.Itoa(rapid.IntRange(1, 9).Draw(t, "record")), visible: l.now.Add(lag),
					version: version{stamp: l.now, text: fmt.Sprint(changes), deleted: rapid.IntRange(0, 4).Draw(t, "deleted") == 0}})
			}
			l.pass(0)
		}
		src, err := oai.New(oai.Config{BaseURL: "http://example.org/oai", Restarts: 1000, Now: func() time.Time { return l.now }},
			harvest.NewFetcher(harvest.Options{Transport: l, Clock: &restless{}, Attempts: 1}))
		if err != nil {
			t.Fatal(err)
		}
		have := map[string]string{}
		var at harvest.Cursor
		walk := func(passes int) {
			for tries := 0; passes > 0; tries++ {
				if tries > 2000 {
					t.Fatal("the walk does not end")
				}
				page, err := src.Page(t.Context(), at)
				if err != nil {
					if harvest.KindOf(err) == "" {
						t.Fatal(err)
					}
					continue
				}
				for _, item := range page.Items {
					if item.Deleted {
						have[item.Key] = "gone"
					} else {
						have[item.Key] = string(item.Original)
					}
				}
				at = page.Next
				if page.Done {
					passes--
				}
			}
		}
		walk(rapid.IntRange(1, 4).Draw(t, "passes"))
		l.step = func() {}
		l.pass(time.Hour)
		walk(1)
		want := map[string]string{}
		for id, v := range l.records {
			want[id] = `<a xmlns="u">` + v.text + "</a>"
			if v.deleted {
				want[id] = "gone"
			}
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("the copy differs: %s", diff)
		}
	})
}
