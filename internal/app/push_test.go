package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	token      = "correct horse battery staple"
	otherToken = "another horse in another stable"
)

// A sender pushes to a running gateway.
type sender struct {
	*running
	ops string
}

// pushed is a gateway with sources that are pushed: rows by their column id, and others by nothing.
func pushed(t testing.TB, dir, more string) *sender {
	t.Helper()
	for name, text := range map[string]string{"token": "an older token of 1998\n" + token + "\n", "other": otherToken} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "row.map"), []byte("format csv\ntitle from title\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := start(t, configure(t, dir, "events: {kind: none}\nsources:\n"+
		"  rows: {kind: push, token_file: token, key: id, mapping: row.map, max_size: 1MB"+more+"}\n"+
		"  others: {kind: push, token_file: other, components: all}\n"), app.Options{})
	return &sender{g, strings.TrimSuffix(g.Addresses().Ops, "/")}
}

// A told is the answer to a push.
type told struct {
	Status   int
	Header   http.Header
	Result   string
	Totals   map[string]int64
	Cursor   string
	Why      string
	Error    string
	Advice   string
	NotShown int64 `json:"not_shown"`
	Items    []struct{ Identifier, Key, Became, Reason, Detail, Advice string }
}

// became says what became of each item, by its key.
func (a *told) became() map[string]string {
	out := map[string]string{}
	for _, it := range a.Items {
		out[it.Key] = it.Became
	}
	return out
}

func (s *sender) send(t testing.TB, method, path, body string, headers ...string) *told {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.ops+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return answered(t, r)
}

func answered(t testing.TB, r *http.Request) *told {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := &told{Status: resp.StatusCode, Header: resp.Header}
	text, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(text, a)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", resp.Status, err, text)
	}
	return a
}

// wants holds an answer to a status, and to what became of the items, by their keys.
func (a *told) wants(t testing.TB, status int, became map[string]string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %+v", a.Status, status, a)
	}
	if diff := cmp.Diff(became, a.became(), cmp.Transformer("none", func(m map[string]string) map[string]string {
		if m == nil {
			return map[string]string{}
		}
		return m
	})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// status says how a source stands.
func (s *sender) status(t testing.TB, source string) store.SourceStatus {
	t.Helper()
	all, err := s.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Name == source {
			return all[i].Status
		}
	}
	t.Fatalf("no source %s", source)
	return store.SourceStatus{}
}

// TestPush: one record and many, new, changed, the same again, and gone; each answer says what became of them, and the
// log has it by then.
func TestPush(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	table := "id,title\n1,One\n2,Two\n"
	s.send(t, "PUT", "/push/rows", table).wants(t, 201, map[string]string{"1": "created", "2": "created"})
	if got := len(records(t, s.Client)); got != 2 {
		t.Errorf("%d records after the answer", got)
	}
	again := s.send(t, "POST", "/push/rows", table)
	again.wants(t, 200, map[string]string{"1": "unchanged", "2": "unchanged"})
	info, err := s.Info(t.Context())
	if err != nil || again.Cursor != info.Head.Cursor.String() {
		t.Errorf("cursor %q, head %v, %v", again.Cursor, info.Head.Cursor, err)
	}
	s.send(t, "PUT", "/push/rows/2", "id,title\n2,Second\n").wants(t, 200, map[string]string{"2": "changed"})
	// What the address says counts where the record says nothing, and has slashes and dots as they are.
	s.send(t, "PUT", "/push/rows/a%2Fb/../c//d", "title\nThree\n").wants(t, 201, map[string]string{"a/b/../c//d": "created"})
	gone := s.send(t, "DELETE", "/push/rows/1", "")
	gone.wants(t, 200, map[string]string{"1": "deleted"})
	if it := gone.Items[0]; it.Identifier != "oai:test.example.org:rows/1" || it.Reason != "source-deleted" {
		t.Errorf("%+v", it)
	}
	s.send(t, "DELETE", "/push/rows/1", "").wants(t, 200, map[string]string{"1": "unchanged"})
	s.send(t, "DELETE", "/push/rows/never", "").wants(t, 404, nil)
	s.send(t, "PUT", "/push/rows/1", "title\nOne again\n").wants(t, 200, map[string]string{"1": "changed"})
	st := s.status(t, "rows")
	if st.LastRun.Result != pipeline.Complete || st.Live != 3 || st.Quarantined != 0 {
		t.Errorf("status %+v", st)
	}
}

// TestPushForms: any form that can be told by its bytes.
func TestPushForms(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	dc := `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A title</dc:title></oai_dc:dc>`
	header := func(id, more string) string {
		return "<record><header" + more + "><identifier>" + id + "</identifier><datestamp>2026-01-01</datestamp></header>"
	}
	aid := `<ead xmlns="urn:isbn:1-931666-22-9"><eadheader><eadid>aid</eadid></eadheader><archdesc level="fonds"><did><unittitle>Papers</unittitle></did>` +
		`<dsc><c level="file" id="c7"><did><unittitle>Letters</unittitle></did></c></dsc></archdesc></ead>`
	marc := "00061nam a2200037 a 4500001000300000245000800003\x1e17\x1e10\x1faOne\x1e\x1d"
	marc = strings.Replace(marc, "00061", fmt.Sprintf("%05d", len(marc)), 1)
	marc = strings.Replace(marc, "2200037", "2200049", 1)
	for name, c := range map[string]struct {
		path, body string
		status     int
		became     map[string]string
	}{
		"one record of XML": {"/push/others/mods-1", `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>One</title></titleInfo></mods>`, 201, map[string]string{"mods-1": "created"}},
		"Dublin Core":       {"/push/others/dc-1", dc, 201, map[string]string{"dc-1": "created"}},
		"ISO 2709":          {"/push/others", marc, 201, map[string]string{"17": "created"}},
		"MARCXML":           {"/push/others", `<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">x1</controlfield><datafield tag="245" ind1=" " ind2=" "><subfield code="a">T</subfield></datafield></record></collection>`, 201, map[string]string{"x1": "created"}},
		"a response of OAI-PMH": {"/push/others", `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>` + header("oai:a:1", "") + "<metadata>" + dc + "</metadata></record>" + header("oai:a:2", ` status="deleted"`) + "</record></ListRecords></OAI-PMH>", 201,
			map[string]string{"oai:a:1": "created", "oai:a:2": "deleted"}},
		"a finding aid":               {"/push/others", aid, 201, map[string]string{"aid": "created", "aid/c7": "created"}},
		"a finding aid at an address": {"/push/others/aid-2", aid, 201, map[string]string{"aid-2": "created"}},
		"no key":                      {"/push/others", dc, 422, map[string]string{"file:push": "quarantined"}},
		"a record and a broken one":   {"/push/rows", "id,title\n7,Seven\n,None\n", 200, map[string]string{"7": "created", "file:push": "quarantined"}},
		"two at one address":          {"/push/rows/8", "id,title\n8,Eight\n9,Nine\n", 422, nil},
		"nothing":                     {"/push/rows", "", 422, nil},
		"nothing at an address":       {"/push/rows/8", "\n", 422, nil},
		"a file at an address":        {"/push/rows/records.csv", "id,title\n8,Eight\n", 400, nil},
		"a page":                      {"/push/rows", "<!doctype html><html><body>x</body></html>", 422, map[string]string{"file:push": "quarantined"}},
	} {
		t.Run(name, func(t *testing.T) {
			own := token
			if strings.HasPrefix(c.path, "/push/others") {
				own = otherToken
			}
			a := s.send(t, "PUT", c.path, c.body, "Authorization", "Bearer "+own)
			for i := range a.Items { // the name of a place has a digest in it
				if rest, ok := strings.CutPrefix(a.Items[i].Key, "file:push "); ok && rest != "" {
					if a.Items[i].Key = "file:push"; a.Items[i].Advice == "" || a.Items[i].Detail == "" || a.Items[i].Identifier != "" {
						t.Errorf("no advice: %+v", a.Items[i])
					}
				}
			}
			a.wants(t, c.status, c.became)
			if c.status >= 400 && a.Why+a.Error == "" {
				t.Errorf("no reason: %+v", a)
			}
		})
	}
}

// TestPushNeedsItsToken: who has none, or that of another source, gets no further, whatever the address.
func TestPushNeedsItsToken(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	basic := func(password string) string {
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth("anybody", password)
		return r.Header.Get("Authorization")
	}
	for _, c := range []struct {
		path, auth string
		status     int
	}{
		{"/push/rows", "Bearer " + token, 201},
		{"/push/rows", "bearer an older token of 1998", 200},
		{"/push/rows", basic(token), 200},
		{"/push/rows", basic("correct horse"), 401},
		{"/push/rows", "", 401},
		{"/push/rows", "Bearer ", 401},
		{"/push/nowhere", "Bearer wrong", 401},
		{"/push/nowhere", "Bearer " + token, 403},
		{"/push/others", "Bearer " + token, 403},
		{"/push/", "Bearer " + token, 403},
	} {
		a := s.send(t, "PUT", c.path, "id,title\n1,One\n", "Authorization", c.auth)
		if a.Status != c.status || c.status == 401 && a.Header.Get("WWW-Authenticate") == "" || strings.Contains(a.Error, "horse") {
			t.Errorf("%s as %q: %+v, want %d", c.path, c.auth, a, c.status)
		}
	}
	// A page of the web can't make a browser push, not even with a password that the browser knows.
	for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.ops+"/push/rows", strings.NewReader("id,title\n1,Evil\n"))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("push", token)
		r.Header.Set(headers[0], headers[1])
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s", headers, resp.Status)
		}
	}
	for path, status := range map[string]int{"/": 200, "/metrics": 200, "/push": 404} {
		resp, err := http.Get(s.ops + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

// TestPushRefuses: what can't be taken is refused before any of it is used, and the answer says why.
func TestPushRefuses(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	zipped := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.String()
	}
	table := "id,title\n1,One\n"
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"compressed":           {"PUT", "/push/rows", zipped(table), []string{"Content-Encoding", "gzip"}, 201},
		"compressed by itself": {"PUT", "/push/rows", zipped(table), nil, 200},
		"a bomb":               {"PUT", "/push/rows", zipped(strings.Repeat("1", 2e6)), []string{"Content-Encoding", "gzip"}, 413},
		"a bomb in a file":     {"PUT", "/push/rows", zipped(table + strings.Repeat("2,x\n", 1e6)), nil, 200},
		"too much":             {"PUT", "/push/rows", strings.Repeat("1", 2e6), nil, 413},
		"deep":                 {"PUT", "/push/rows", strings.Repeat(`{"a":`, 1e5), nil, 422},
		"cut":                  {"PUT", "/push/rows", zipped(table)[:20], []string{"Content-Encoding", "gzip"}, 400},
		"not compressed":       {"PUT", "/push/rows", table, []string{"Content-Encoding", "gzip"}, 400},
		"otherwise compressed": {"PUT", "/push/rows", table, []string{"Content-Encoding", "br"}, 415},
		"a form":               {"POST", "/push/rows", table, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
		"a read":               {"GET", "/push/rows", "", nil, 405},
		"no record to delete":  {"DELETE", "/push/rows", "", nil, 405},
		"post to a record":     {"POST", "/push/rows/1", table, nil, 405},
		"an unknown argument":  {"PUT", "/push/rows?compete=true", table, nil, 400},
		"an unclear argument":  {"PUT", "/push/rows?complete=yes", table, nil, 400},
		"a complete record":    {"PUT", "/push/rows/1?complete=true", table, nil, 400},
		"too long a name":      {"PUT", "/push/rows/" + strings.Repeat("x", 2000), table, nil, 400},
	} {
		a := s.send(t, c.method, c.path, c.body, c.headers...)
		if a.Status != c.status && !(name == "compressed by itself" && a.Status == 201 || name == "compressed" && a.Status == 200) {
			t.Errorf("%s: %+v, want %d", name, a, c.status)
		}
		if a.Status >= 400 && (a.Error+a.Why == "" || a.Status != 404 && a.Advice == "" && len(a.Items) == 0) {
			t.Errorf("%s: no reason or no advice: %+v", name, a)
		}
	}
	if left, err := filepath.Glob(filepath.Join(s.Config.Data, ".push-*")); err != nil || len(left) > 0 {
		t.Errorf("left in the data folder: %v, %v", left, err)
	}
}

// raw sends a request by hand, as a slow or broken client does, and gives what is answered until the connection ends.
func (s *sender) raw(t testing.TB, head string, rest ...string) net.Conn {
	t.Helper()
	u, err := url.Parse(s.ops)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n%s", head, token, strings.Join(rest, ""))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestPushCut: a body that ends before its end leaves nothing, and proves nothing.
func TestPushCut(t *testing.T) {
	s := pushed(t, t.TempDir(), ", absent: {delete_after: 1}")
	var all strings.Builder
	all.WriteString("id,title\n")
	for i := range 100 {
		fmt.Fprintf(&all, "%d,Title %d\n", i, i)
	}
	s.send(t, "PUT", "/push/rows?complete=true", all.String()).wants(t, 201, func() map[string]string {
		out := map[string]string{}
		for i := range 100 {
			out[fmt.Sprint(i)] = "created"
		}
		return out
	}())
	conn := s.raw(t, "PUT /push/rows?complete=true", "Content-Length: 2000\r\n\r\n", all.String()[:1000])
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), " 400 ") || !strings.Contains(string(answer), "Nothing was stored") {
		t.Errorf("%v: %s", err, answer)
	}
	st := s.status(t, "rows")
	if st.Live != 100 || st.LastRun.Counts.Added != 100 {
		t.Errorf("after a push that was cut: %+v", st)
	}
	// One that is whole proves that a record is gone.
	rest := strings.Replace(all.String(), "\n7,Title 7\n", "\n", 1)
	if a := s.send(t, "PUT", "/push/rows?complete=true", rest); a.Status != 200 || a.Totals["deleted"] != 1 || a.became()["7"] != "deleted" {
		t.Errorf("a complete push: %+v", a)
	}
	// Without that argument it proves nothing.
	if a := s.send(t, "PUT", "/push/rows", "id,title\n8,Eight\n"); a.Status != 200 || a.Totals["deleted"] != 0 {
		t.Errorf("a push of changes: %+v", a)
	}
	// Far fewer than before are no proof either, nor is nothing at all.
	for _, body := range []string{"id,title\n8,Eight\n", "id,title\n", "id,title\n8,Eight\n,broken\n"} {
		if a := s.send(t, "PUT", "/push/rows?complete=true", body); a.Totals["deleted"] != 0 || a.Result == pipeline.Complete && !strings.Contains(body, "broken") {
			t.Errorf("%q deletes: %+v", body, a)
		}
	}
	if st := s.status(t, "rows"); st.Live != 99 {
		t.Errorf("%d live records, want 99", st.Live)
	}
}

// TestPushSlowly: whoever has a token and sends nothing keeps only itself waiting, and a client that waits to be told to go
// on is told.
func TestPushSlowly(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	conn := s.raw(t, "PUT /push/rows", "Content-Length: 22\r\nExpect: 100-continue\r\n\r\n")
	said := make([]byte, 25)
	if _, err := io.ReadFull(conn, said); err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 100 Continue") {
		t.Fatalf("%q, %v", said, err)
	}
	// Others of the same source go by, as many as may wait.
	s.send(t, "PUT", "/push/rows", "id,title\n1,One\n").wants(t, 201, map[string]string{"1": "created"})
	for range 7 {
		other := s.raw(t, "PUT /push/rows", "Content-Length: 22\r\nExpect: 100-continue\r\n\r\n")
		if _, err := io.ReadFull(other, said); err != nil {
			t.Fatal(err)
		}
	}
	if a := s.send(t, "PUT", "/push/rows", "id,title\n1,One\n"); a.Status != 503 || a.Header.Get("Retry-After") == "" {
		t.Errorf("one more than may wait: %+v", a)
	}
	if _, err := io.WriteString(conn, "id,title\n2,Two\n3,Three"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 12)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "HTTP/1.1 201" {
		t.Errorf("%q, %v", got, err)
	}
	// A wrong token is refused before the body is asked for.
	conn = s.raw(t, "PUT /push/others", "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "HTTP/1.1 403" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestPushesAtOnce: those of one source come one after the other, and none gets lost.
func TestPushesAtOnce(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for n := range 5 {
				a := s.send(t, "PUT", "/push/rows", fmt.Sprintf("id,title\n%d-%d,A\nshared,%d %d\n", i, n, i, n))
				if a.Status != 201 || a.Totals["items"] != 2 || a.Totals["created"] < 1 {
					t.Errorf("%+v", a)
				}
			}
		})
	}
	wg.Wait()
	if got := len(records(t, s.Client)); got != 31 {
		t.Errorf("%d records, want 31", got)
	}
}

// TestPushHeld: deletions of more than may go wait for a person, one taken down stays out, and what was in quarantine
// leaves it when it comes well.
func TestPushHeld(t *testing.T) {
	s := pushed(t, t.TempDir(), ", hold: {deleted: 1}")
	s.send(t, "PUT", "/push/rows", "id,title\n1,A\n2,B\n3,C\n4,D\n").wants(t, 201, map[string]string{"1": "created", "2": "created", "3": "created", "4": "created"})
	s.send(t, "DELETE", "/push/rows/4", "").wants(t, 200, map[string]string{"4": "deleted"})
	oai := `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>`
	for _, id := range []string{"1", "2"} {
		oai += `<record><header status="deleted"><identifier>` + id + `</identifier><datestamp>2026-01-01</datestamp></header></record>`
	}
	held := s.send(t, "PUT", "/push/rows", oai+"</ListRecords></OAI-PMH>")
	held.wants(t, 200, map[string]string{"1": "held", "2": "held"})
	if held.Result != pipeline.OnHold || held.Totals["held"] != 2 || held.Why == "" || held.Items[0].Advice == "" {
		t.Errorf("%+v", held)
	}
	if st := s.status(t, "rows"); st.Live != 3 || st.Held.Deletions != 2 {
		t.Errorf("%+v", st)
	}
	if _, err := s.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:rows/3", Final: true, Reason: "a reason"}); err != nil {
		t.Fatal(err)
	}
	s.send(t, "PUT", "/push/rows/3", "title\nC once more\n").wants(t, 200, map[string]string{"3": "suppressed"})
	s.send(t, "PUT", "/push/rows/5", "title,more,\n\"E\n").wants(t, 422, map[string]string{"5": "quarantined"})
	s.send(t, "PUT", "/push/rows/5", "title\nE\n").wants(t, 201, map[string]string{"5": "created"})
	if st := s.status(t, "rows"); st.Quarantined != 0 {
		t.Errorf("%+v", st)
	}
}

// TestPushPaused: a source that a person has paused, or retired, takes nothing, and says who has done it; when it is resumed, what
// is sent again is stored.
func TestPushPaused(t *testing.T) {
	s := pushed(t, t.TempDir(), "")
	s.send(t, "PUT", "/push/rows", "id,title\n1,A\n").wants(t, 201, map[string]string{"1": "created"})
	for _, method := range []string{"PUT", "POST"} {
		if _, err := s.Pause(t.Context(), "rows", pipeline.Stop{Who: "ann", Reason: "a move"}); err != nil {
			t.Fatal(err)
		}
		a := s.send(t, method, "/push/rows", "id,title\n2,B\n")
		a.wants(t, 409, nil)
		if !strings.Contains(a.Why, "paused by ann") || !strings.Contains(a.Why, "a move") || !strings.Contains(a.Advice, "Nothing was stored") {
			t.Errorf("%+v", a)
		}
		s.send(t, "DELETE", "/push/rows/1", "").wants(t, 409, nil)
		if st := s.status(t, "rows"); st.Live != 1 || st.Stop.Who != "ann" {
			t.Errorf("%+v", st)
		}
		if _, err := s.Resume(t.Context(), "rows", "ann"); err != nil {
			t.Fatal(err)
		}
	}
	s.send(t, "PUT", "/push/rows", "id,title\n2,B\n").wants(t, 201, map[string]string{"2": "created"})
}

// TestPushKilled: a gateway that is killed in the middle of a push has, when the push is repeated, what it would have had.
func TestPushKilled(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"token": token, "row.map": "format csv\ntitle from title\n", "sheaf.yaml": "gateway: {name: Killed, namespace: test.example.org, contact: test@example.org}\n" +
		"listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {kind: none}\nsources: {rows: {kind: push, token_file: token, key: id, mapping: row.map}}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var table strings.Builder
	table.WriteString("id,title\n")
	for i := range 20_000 {
		fmt.Fprintf(&table, "%d,Title %d\n", i, i)
	}
	file := filepath.Join(dir, "sheaf.yaml")
	for round := range 4 {
		c := spawn(t, file)
		r, err := http.NewRequestWithContext(t.Context(), "PUT", c.ops+"push/rows", strings.NewReader(table.String()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			if resp, err := http.DefaultClient.Do(r); err == nil {
				resp.Body.Close()
			}
		}()
		time.Sleep(time.Duration(round*150) * time.Millisecond) // to be killed at another place each time
		c.kill(t)
		<-sent
	}
	cfg, err := config.Load(file, app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g := start(t, cfg, app.Options{})
	s := &sender{g, strings.TrimSuffix(g.Addresses().Ops, "/")}
	a := s.send(t, "PUT", "/push/rows", table.String())
	if a.Status/100 != 2 || a.Result != pipeline.Complete || a.Totals["created"]+a.Totals["unchanged"] != 20_000 || a.NotShown != 10_000 {
		t.Errorf("status %d, %s, totals %v, not shown %d", a.Status, a.Result, a.Totals, a.NotShown)
	}
	if got := len(records(t, g.Client)); got != 20_000 {
		t.Errorf("%d records", got)
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Data, ".push-*")); err != nil || len(left) > 0 {
		t.Errorf("left in the data folder: %v, %v", left, err)
	}
}
