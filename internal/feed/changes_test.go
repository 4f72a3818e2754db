package feed

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func newDoor(log pipeline.Feed) *Door {
	return New(Options{URL: "https://gw.example/", Log: log, Limits: free{}})
}

// ask asks the door, and reads the answer's lines. Every line must be as the schema says.
func ask(t tester, d *Door, query string) (int, []line) {
	t.Helper()
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/changes?"+query, nil))
	if w.Code != http.StatusOK {
		return w.Code, nil
	}
	return w.Code, readLines(t, w.Body.Bytes())
}

func readLines(t tester, body []byte) (out []line) {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(changejson.Schema(), &schema); err != nil {
		t.Fatalf("%v", err)
	}
	for text := range bytes.Lines(body) {
		var l line
		var all map[string]any
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		_ = json.Unmarshal(text, &all) // as before
		if l.Head == nil {
			if faults := schematest.Conform(schema, all, ""); faults != nil {
				t.Fatalf("%v\n%s", faults, text)
			}
		}
		out = append(out, l)
	}
	return out
}

// catchUp asks until there is no more, and holds the copy against the log where equality may be claimed.
func catchUp(t tester, d *Door, h *held, args string) {
	t.Helper()
	for {
		after := "0"
		if h.place != (pipeline.Position{}) {
			after = h.place.String()
		}
		status, lines := ask(t, d, "after="+after+args)
		if status == http.StatusGone {
			*h = *newHeld()
			continue
		}
		if status != http.StatusOK || len(lines) == 0 || lines[len(lines)-1].Head == nil {
			t.Fatalf("answered %d, %d lines", status, len(lines))
		}
		for i := range lines[:len(lines)-1] {
			h.apply(t, &lines[i])
		}
		last := &lines[len(lines)-1]
		next, err := pipeline.ParsePosition(last.Next)
		if err != nil {
			t.Fatalf("%v", err)
		}
		h.place = next
		if last.More {
			continue
		}
		if next.String() != last.Head.Epoch+"."+last.Head.Seq {
			t.Fatalf("there is no more, but %s is not the head %+v", next, last.Head)
		}
		if last.Head.Digest != "" && !strings.Contains(args, "set=") && !strings.Contains(args, "source=") {
			if got := h.digest(t); got != last.Head.Digest || int64(len(h.records)) != last.Head.Records {
				t.Fatalf("the copy has %d records and the digest %s, the log %d and %s", len(h.records), got, last.Head.Records, last.Head.Digest)
			}
		}
		return
	}
}

// Whatever happens to the log between the answers, a follower of it, of a source and of a set holds what is in each.
func TestFollowersHoldWhatTheLogHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		d := newDoor(w.log)
		all, ofSource, ofSet, ofBoth := newHeld(), newHeld(), newHeld(), newHeld()
		sets := map[string][]string{}
		follow := func() {
			catchUp(rt, d, all, "&with=oai_dc&limit="+rapid.SampledFrom([]string{"1", "3", "100"}).Draw(rt, "limit"))
			catchUp(rt, d, ofSource, "&source=a&limit=2")
			catchUp(rt, d, ofSet, "&set=rules:x&limit=2")
			catchUp(rt, d, ofBoth, "&set=rules:x&source=b&limit=1")
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			source, n := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "source"), rapid.IntRange(1, 6).Draw(rt, "record")
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			default:
				in := rapid.SampledFrom([][]string{nil, {"rules:x"}, {"rules:y"}, {"rules:x", "rules:y"}}).Draw(rt, "sets")
				if !slices.Contains(sets["down"], id(source, n)) {
					sets[id(source, n)] = in
				}
				w.commit(source, live(source, n, rapid.SampledFrom([]string{"one", "two", "three"}).Draw(rt, "title"), in...))
			case 0:
				if _, known := sets[id(source, n)]; known {
					w.commit(source, gone(source, n))
					delete(sets, id(source, n))
				}
			case 1:
				if _, known := sets[id(source, n)]; known {
					_, err := w.log.Remove(rt.Context(), pipeline.Removal{Identifier: id(source, n), Final: true})
					w.ok(err)
					d.Removed()
					delete(sets, id(source, n))
					sets["down"] = append(sets["down"], id(source, n))
				}
			case 2:
				w.ok(w.log.BeginEpoch(rt.Context(), "a test"))
			case 3, 4:
				follow()
			}
		}
		follow()
		delete(sets, "down")
		if len(all.records) != len(sets) {
			rt.Fatalf("a follower of all holds %d records, want %d", len(all.records), len(sets))
		}
		for identifier, in := range sets {
			inA, inX := strings.HasPrefix(identifier, "oai:gw.example:a/"), slices.Contains(in, "rules:x")
			for what, is := range map[string]struct {
				held *held
				want bool
			}{"of all": {all, true}, "of the source": {ofSource, inA}, "of the set": {ofSet, inX}, "of both": {ofBoth, inX && !inA}} {
				if _, has := is.held.records[identifier]; has != is.want {
					rt.Fatalf("the follower %s has %s: %v, want %v", what, identifier, has, is.want)
				}
			}
		}
	})
}

// What a line says with all extras, and of what is gone.
func TestLine(t *testing.T) {
	w := newWorld(t)
	d := newDoor(w.log)
	w.commit("a", live("a", 1, "A \"title\" <&>\u2028", "rules:x"), live("a", 2, "secret"), live("a", 3, "leaves", "rules:x"))
	w.commit("a", gone("a", 1), live("a", 3, "leaves"))
	_, err := w.log.Remove(t.Context(), pipeline.Removal{Identifier: id("a", 2), Final: true})
	w.ok(err)
	w.commit("a", live("a", 4, "whole"))
	_, lines := ask(t, d, "with=original,oai_dc")
	whole := lines[len(lines)-2]
	original, err := base64.StdEncoding.DecodeString(whole.Original.Data)
	if err != nil || string(original) != "<mods>whole</mods>" || whole.Original.Format != "mods" || whole.Original.Namespace != "http://www.loc.gov/mods/v3" {
		t.Errorf("the original is %+v, %v", whole.Original, err)
	}
	if !strings.HasPrefix(whole.OAIDC, "<oai_dc:dc ") || !strings.Contains(whole.OAIDC, "whole</dc:title>") {
		t.Errorf("the oai_dc is %s", whole.OAIDC)
	}
	const origin = `{"identifier":"4","baseURL":"https://source.example/oai","datestamp":"2024-01-02","namespace":"http://www.loc.gov/mods/v3","harvestDate":"2001-09-09T01:46:40Z","format":"mods",` +
		`"chain":[{"altered":true,"identifier":"oai:first.example:1","baseURL":"https://first.example/","datestamp":"2001-01-01","harvestDate":"2001-02-03T04:05:06Z"}]}`
	if string(whole.Origin) != origin {
		t.Errorf("the origin is %s", whole.Origin)
	}
	_, lines = ask(t, d, "with=origin")
	for _, l := range lines[:len(lines)-1] { // of what was taken down nothing is told
		if told, want := len(l.Origin) > 0, l.Identifier != id("a", 2); told != want || len(l.OAIDC) > 0 {
			t.Errorf("with its origin, %s is %+v", l.Identifier, l)
		}
	}
	rec := httptest.NewRecorder()
	d.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/changes?with=original,oai_dc&set=rules:x", nil))
	if text := rec.Body.String(); !strings.Contains(text, `"reason":"left-set"`) || strings.Contains(text, "leaves") || !strings.Contains(text, `"sets":["rules:x"]`) {
		t.Errorf("of the set: %s", text)
	}
	rec = httptest.NewRecorder()
	d.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/changes?with=original,oai_dc", nil))
	if text := rec.Body.String(); !strings.Contains(text, `"reason":"takedown"`) || strings.Contains(text, "secret") || !strings.Contains(text, `"title":"A \"title\" <&>`) {
		t.Errorf("all: %s", text)
	}
}

// What can't be asked is refused, with a reason in JSON.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	d := newDoor(w.log)
	w.commit("a", live("a", 1, "one"))
	head, err := w.log.Head(t.Context())
	w.ok(err)
	other := pipeline.Cursor{Epoch: head.Epoch + 1, Seq: 0}
	beyond := pipeline.Cursor{Epoch: head.Epoch, Seq: head.Seq + 1}
	for query, want := range map[string]int{
		"after=x": 400, "after=1": 400, "after=1.-1": 400, "after=01.1": 400, "after=99999999999999999999.1": 400, "after=0&after=0": 400,
		"limit=0": 400, "limit=-1": 400, "limit=1e3": 400, "limit=1000000": 400, "wait=-1s": 400, "wait=soon": 400, "source=A/b": 400, "source=": 400,
		"set=a%20b": 400, "set=": 400, "set=" + strings.Repeat("a", 2000): 400, "with=": 400, "with=dc": 400, "sources=a": 400, "%zz": 400,
		"after=" + strings.Repeat("0", 9000): 400,
		"after=" + other.String():            410, "after=" + beyond.String(): 410, "after=1.1": 410,
		"after=1.1.x": 400, "after=1.1.-1": 400, "after=1.1.1.1": 400, "after=1.1.": 400,
		"after=" + pipeline.At(pipeline.Cursor{Epoch: head.Epoch}, head.Seq+1).String(): 410,
	} {
		rec := httptest.NewRecorder()
		d.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/changes?"+query, nil))
		var p problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != want || p.Status != want || p.Title == "" || p.Detail == "" {
			t.Errorf("%.60s: %d, %v, %s", query, rec.Code, err, rec.Body)
		}
		if kind := rec.Header().Get("Content-Type"); kind != "application/problem+json" || rec.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%.60s: the answer is %s", query, kind)
		}
		if want == 410 && (p.Head != head.Cursor.String() || p.Epoch == "" || p.Again == nil || p.Again.Changes != "https://gw.example/changes") {
			t.Errorf("%s: %s", query, rec.Body)
		}
	}
	rec := httptest.NewRecorder()
	d.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/changes", nil))
	if rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered %d", rec.Code)
	}
}

// Before the head an answer says how far the log had come, in the line that is read first and in its place; at the head there is
// nothing more to say.
func TestPositionBeforeTheHead(t *testing.T) {
	w := newWorld(t)
	d := newDoor(w.log)
	for n := range 3 {
		w.commit("a", live("a", n, "one"))
	}
	head, err := w.log.Head(t.Context())
	w.ok(err)
	_, lines := ask(t, d, "after=0&limit=2")
	first, second := lines[0].cursor(t), lines[1].cursor(t)
	if seen := strconv.FormatInt(head.Seq, 10); lines[0].Seen != seen || lines[1].Seen != "" || lines[2].Next != second.String()+"."+seen {
		t.Errorf("%+v", lines)
	}
	_, lines = ask(t, d, "after="+pipeline.At(first, head.Seq).String())
	if len(lines) != 3 || lines[2].Next != head.Cursor.String() {
		t.Errorf("behind the first line, with what it has seen, come %+v", lines)
	}
}

// Headers, HEAD, the preflight of browsers, compression and the schema.
func TestHeaders(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(newDoor(w.log).Handler())
	defer server.Close()
	w.commit("a", live("a", 1, "one"))
	do := func(method, path string, header ...string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		w.ok(err)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		w.ok(err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		w.ok(err)
		return resp, body
	}
	resp, plain := do(http.MethodGet, "/changes", "Accept-Encoding", "identity")
	if link := resp.Header.Get("Link"); link != `<https://gw.example/schemas/record-change.v1.json>; rel="describedby"` || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("the headers are %v", resp.Header)
	}
	resp, zipped := do(http.MethodGet, "/changes", "Accept-Encoding", "br, gzip;q=0.5")
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	w.ok(err)
	if unzipped, err := io.ReadAll(z); err != nil || !bytes.Equal(unzipped, plain) || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("compressed it is %q, %v", unzipped, err)
	}
	if resp, body := do(http.MethodGet, "/changes", "Accept-Encoding", "gzip;q=0"); resp.Header.Get("Content-Encoding") != "" || !bytes.Equal(body, plain) {
		t.Errorf("it is compressed for a client that refuses that")
	}
	if resp, body := do(http.MethodHead, "/changes?wait=60s"); resp.StatusCode != 200 || len(body) != 0 || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("HEAD is answered %d %v", resp.StatusCode, resp.Header)
	}
	if resp, _ := do(http.MethodHead, "/changes?after=1.1"); resp.StatusCode != http.StatusGone {
		t.Errorf("HEAD of a place of another epoch is answered %d", resp.StatusCode)
	}
	if resp, _ := do(http.MethodOptions, "/changes"); resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "Last-Event-ID") {
		t.Errorf("OPTIONS is answered %d %v", resp.StatusCode, resp.Header)
	}
	if resp, body := do(http.MethodGet, SchemaPath); resp.Header.Get("Content-Type") != "application/schema+json" || !bytes.Equal(body, changejson.Schema()) {
		t.Errorf("the schema is answered %d %v", resp.StatusCode, resp.Header)
	}
}

// A follower that waits is told at once, and its wait ends with its time, its line and the gateway.
func TestWait(t *testing.T) {
	w := newWorld(t)
	d := newDoor(w.log)
	w.commit("a", live("a", 1, "one"))
	head, err := w.log.Head(t.Context())
	w.ok(err)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	answers := make(chan []line)
	wait := func(args string) {
		resp, err := http.Get(server.URL + "/changes?after=" + head.Cursor.String() + "&" + args)
		if err != nil {
			t.Error(err)
			answers <- nil
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		answers <- readLines(t, body)
	}
	go wait("wait=1ms")
	if got := <-answers; len(got) != 1 || got[0].Next != head.Cursor.String() || got[0].More {
		t.Errorf("after its time it is told %+v", got)
	}
	go wait("wait=60s&source=b")
	w.commit("a", live("a", 2, "of another source"))
	w.commit("b", live("b", 1, "its own"))
	if got := <-answers; len(got) != 2 || got[0].Identifier != id("b", 1) || got[0].Prev != "1" {
		t.Errorf("it is told %+v", got)
	}
	go wait("wait=60s&source=c")
	w.commit("a", live("a", 3, "of another source"))
	time.AfterFunc(50*time.Millisecond, d.Close)
	if got := <-answers; len(got) != 1 || got[0].Head == nil {
		t.Errorf("when the gateway stops it is told %+v", got)
	}
}

// A new epoch ends a walk in the middle of an answer, a wait, and a stream: never does a follower go on unknowingly.
func TestNewEpoch(t *testing.T) {
	w := newWorld(t)
	w.commit("a", many(3*pieceRecords, "title")...)
	head, err := w.log.Head(t.Context())
	w.ok(err)
	log := &interrupted{Feed: w.log, after: 2, do: func() { w.ok(w.log.BeginEpoch(t.Context(), "a test")) }}
	_, lines := ask(t, newDoor(log), "limit=100000")
	if n := len(lines); n != pieceRecords || lines[n-1].Head != nil {
		t.Errorf("%d lines, the last one %+v", n, lines[n-1])
	}
	if status, _ := ask(t, newDoor(w.log), "after="+lines[len(lines)-1].cursor(t).String()); status != http.StatusGone {
		t.Errorf("the follower is answered %d when it goes on", status)
	}
	head, err = w.log.Head(t.Context())
	w.ok(err)
	d := newDoor(&interrupted{Feed: w.log, after: 2, do: func() { w.ok(w.log.BeginEpoch(t.Context(), "a test")) }, wake: true})
	if status, _ := ask(t, d, "wait=60s&after="+head.Cursor.String()); status != http.StatusGone {
		t.Errorf("a follower that waits is answered %d", status)
	}
}

// An interrupted log does something before a read.
type interrupted struct {
	pipeline.Feed
	after int // the number of the read
	do    func()
	then  func(*pipeline.Changes) // likewise, after the read
	wake  bool
	reads int
}

func (l *interrupted) Changes(ctx context.Context, w pipeline.Wanted) (pipeline.Changes, error) {
	if l.reads++; l.reads == l.after && l.do != nil {
		l.do()
	}
	page, err := l.Feed.Changes(ctx, w)
	if l.reads == l.after && l.then != nil {
		l.then(&page)
	}
	return page, err
}

func (l *interrupted) Changed() <-chan struct{} {
	if !l.wake {
		return l.Feed.Changed()
	}
	now := make(chan struct{})
	close(now)
	return now
}

// What is taken down after it was read, and before it is written, is not written. What else was read comes all the same.
func TestTakenDownMeanwhile(t *testing.T) {
	for _, accept := range []string{"", "text/event-stream"} {
		w := newWorld(t)
		w.commit("a", many(20, "title")...)
		w.commit("a", live("a", 99, "secret"))
		var d *Door
		log := &interrupted{Feed: w.log, after: 1, then: func(*pipeline.Changes) {
			_, err := w.log.Remove(t.Context(), pipeline.Removal{Identifier: id("a", 99), Final: true})
			w.ok(err)
			d.Removed()
		}}
		d = newDoor(log)
		rec := &closing{httptest.NewRecorder(), `"reason":"takedown"`, func() {}}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/changes?with=oai_dc,original", nil)
		if accept != "" { // a stream ends with the gateway
			req.Header.Set("Accept", accept)
			rec.then = d.Close
		}
		d.Handler().ServeHTTP(rec, req)
		if text := rec.Body.String(); strings.Contains(text, "secret") || strings.Count(text, `"operation":`) != 21 || !strings.Contains(text, `"reason":"takedown"`) {
			t.Errorf("%q: it is told %d changes", accept, strings.Count(text, `"operation":`))
		}
	}
}

// closing is an answer that does something as soon as it holds a text.
type closing struct {
	*httptest.ResponseRecorder
	text string
	then func()
}

func (c *closing) Write(b []byte) (int, error) {
	n, err := c.ResponseRecorder.Write(b)
	if strings.Contains(c.Body.String(), c.text) {
		c.then()
	}
	return n, err
}

// A stream of events: it goes on behind the last event that the browser has seen.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	d := newDoor(w.log)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	defer d.Close()
	w.commit("a", live("a", 1, "one"), live("a", 2, "two"))
	open := func(last string) (next func() (kind, id string, l line), end func()) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/changes?with=oai_dc", nil)
		w.ok(err)
		req.Header.Set("Accept", "text/event-stream")
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		resp, err := http.DefaultClient.Do(req)
		w.ok(err)
		if resp.StatusCode != 200 {
			resp.Body.Close()
			t.Fatalf("answered %d", resp.StatusCode)
		}
		s := bufio.NewScanner(resp.Body)
		return func() (kind, id string, l line) {
			for s.Scan() {
				name, value, _ := strings.Cut(s.Text(), ": ")
				switch name {
				case "event":
					kind = value
				case "id":
					id = value
				case "data":
					l = readLines(t, []byte(value))[0]
				case "":
					if kind != "" {
						return kind, id, l
					}
				}
			}
			return "", "", l
		}, func() { resp.Body.Close() }
	}
	next, end := open("")
	h := newHeld()
	for _, want := range []string{"record", "record", "head"} {
		kind, at, l := next()
		if kind != want {
			t.Fatalf("%q comes, want %s", kind, want)
		}
		if kind == "record" {
			h.apply(t, &l)
			if at != h.place.String() {
				t.Errorf("the id of %s is %s", h.place, at)
			}
		} else if l.Head.Digest != h.digest(t) || at != l.Next {
			t.Errorf("the copy has the digest %s, the head says %+v", h.digest(t), l)
		}
	}
	w.commit("a", live("a", 3, "three"))
	if kind, _, l := next(); kind != "record" || l.Identifier != id("a", 3) {
		t.Errorf("%s %+v comes, want the third record", kind, l)
	}
	end()
	next, end = open(h.place.String())
	defer end()
	if kind, _, l := next(); kind != "record" || l.Identifier != id("a", 3) || l.Prev != "2" {
		t.Errorf("after the cut %s %+v comes", kind, l)
	}
	if kind, _, _ := next(); kind != "head" {
		t.Errorf("%s comes, want the head", kind)
	}
	w.ok(w.log.BeginEpoch(t.Context(), "a test"))
	w.commit("a", live("a", 4, "four"))
	if kind, _, l := next(); kind != "" {
		t.Errorf("after the epoch %s %+v comes", kind, l)
	}
}
