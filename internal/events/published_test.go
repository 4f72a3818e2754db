package events

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func schemaOf(t testing.TB, family string) map[string]any {
	t.Helper()
	data, err := Schema(family)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, data)
}

func sameMembers(a, b []any) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(v any) bool { return !slices.Contains(b, v) })
}

// Whatever is published is as its schema says, and has no member that the schema doesn't name: each notice in each of
// its forms, and records that are sent again.
func TestWhatIsPublishedIsAsItsSchemaSays(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := connect(t, "", func(o *Options) {
		o.URLs, o.Server, o.Pointer = nil, s, func(source string) bool { return source == "pointed-to" }
	})
	n := NewNotices(c, slog.New(slog.DiscardHandler))
	run := &pipeline.Run{Source: "cold-war", ID: 7}
	n.RunBegan(run)
	for i, r := range []pipeline.Report{
		{Result: pipeline.Complete, Full: true, Counts: pipeline.Counts{Items: 3, Added: 1, Updated: 1, Unchanged: 1}},
		{Result: pipeline.Incomplete, Why: "the list ended short"},
		{Result: pipeline.OnHold, Why: "3 records would be deleted", Held: pipeline.Held{Run: 7, Deletions: 3, Absent: 1, Changes: 2}},
		{Result: pipeline.Failed, Err: errors.New("no answer")},
		{Result: pipeline.Stuck, Err: errors.New("nothing happened")},
		{Result: pipeline.Partial}, {Result: pipeline.Cancelled, Err: pipeline.ErrCancelled},
	} {
		run.ID = int64(8 + i)
		n.RunEnded(run, &r)
	}
	for _, kind := range []harvest.Kind{harvest.Unreachable, harvest.Timeout, harvest.Challenged, harvest.Malformed} {
		n.SourceFails("cold-war", string(kind), firstDay)
	}
	n.SourceRecovered("cold-war", firstDay)
	n.SourceStopped("cold-war", pipeline.Stop{Who: "anna", Reason: "they move", Retired: true})
	n.Dumped("https://gateway.example.org/dump", "1.7", 12, 3456, 1)
	for range len(n.queue) {
		if err := c.Notify(t.Context(), <-n.queue); err != nil {
			t.Fatal(err)
		}
	}
	var again []pipeline.Event
	for i := range int64(14) {
		again = append(again, change(i+1))
	}
	again[0].DC = []byte(`{"title":[{"value":"` + strings.Repeat("x", changejson.MaxRecord) + `"}]}`)
	again[1].Source = "pointed-to"
	again[6].Deleted = pipeline.Takedown
	for i := range again {
		again[i].Prev = 0
		if err := c.Refresh(t.Context(), &again[i], firstDay); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Refresh(t.Context(), &again[3], firstDay.Add(time.Minute)); err != nil { // asked for a second time
		t.Fatal(err)
	}
	types := map[string]int{}
	ids := map[string]bool{}
	for _, m := range messages(t, s, "SHEAF_OPS") {
		event := object(t, m.Data)
		kind := fmt.Sprint(event["type"])
		types[kind]++
		family := strings.Split(kind, ".")[1]
		if f := conform(schemaOf(t, family), event, ""); f != nil {
			t.Errorf("%s: %v", m.Data, f)
		}
		id := fmt.Sprint(event["id"])
		if ids[id] || m.Header.Get("Nats-Msg-Id") != id || m.Header.Get(headerContentType) != changejson.EventType {
			t.Errorf("%s: its id, or its headers: %v", m.Data, m.Header)
		}
		ids[id] = true
	}
	want := map[string]int{
		"sheaf.harvest.started.v1": 1, "sheaf.harvest.completed.v1": 2, "sheaf.harvest.incomplete.v1": 1, "sheaf.harvest.failed.v1": 3, "sheaf.harvest.approval-needed.v1": 1,
		"sheaf.source.unreachable.v1": 2, "sheaf.source.challenged.v1": 1, "sheaf.source.recovered.v1": 1, "sheaf.source.paused.v1": 1,
		"sheaf.snapshot.published.v1": 1, "sheaf.record.refreshed.v1": 15,
	}
	if fmt.Sprint(types) != fmt.Sprint(want) {
		t.Errorf("published were\n%v, want\n%v", types, want)
	}
}

// Every member of every schema is described.
func TestEveryMemberIsDescribed(t *testing.T) {
	files, err := fs.Glob(Documents(), "*.schema.json")
	if err != nil || len(files) != 5 {
		t.Fatalf("the schemas are %v: %v", files, err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(Documents(), file)
		if err != nil {
			t.Fatal(err)
		}
		described(t, file, object(t, data))
	}
}

func described(t *testing.T, path string, schema map[string]any) {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		p := p.(map[string]any)
		if _, fixed := p["const"]; !fixed && p["description"] == nil {
			t.Errorf("%s.%s is not described", path, name)
		}
		described(t, path+"."+name, p)
	}
	for _, of := range []string{"items", "additionalProperties"} {
		if sub, ok := schema[of].(map[string]any); ok {
			described(t, path+"."+of, sub)
		}
	}
}

// A takedown erases what was sent again too.
func TestEraseWhatWasSentAgain(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	publish(t, c, tail(t, c), changes(1, 3))
	two, three := change(2), change(3)
	for _, ev := range []*pipeline.Event{&two, &three} {
		if err := c.Refresh(t.Context(), ev, firstDay); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Erase(t.Context(), two.Source, two.Identifier, pipeline.Cursor{Epoch: 1, Seq: 4}); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"SHEAF_RECORDS", "SHEAF_OPS"} {
		for _, m := range messages(t, s, stream) {
			if strings.Contains(string(m.Data), two.Identifier+`"`) {
				t.Errorf("%s still has %s", stream, m.Data)
			}
		}
	}
	if n := len(messages(t, s, "SHEAF_OPS")); n != 1 {
		t.Errorf("%d messages are left of what was sent again", n)
	}
}
