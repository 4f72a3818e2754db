package events

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
)

// conform says how a value differs from a schema.
func conform(schema map[string]any, v any, path string) []string {
	return schematest.Conform(schema, v, path)
}

func object(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	return m
}

// The check itself finds what is wrong.
func TestConform(t *testing.T) {
	ev := change(1)
	e := changejson.NewEventEncoder("", nil)
	for what, spoil := range map[string]func(map[string]any){
		"lacks id":               func(m map[string]any) { delete(m, "id") },
		"has extra":              func(m map[string]any) { m["extra"] = "x" },
		".sequence:":             func(m map[string]any) { m["sequence"] = "12" },
		".data.version:":         func(m map[string]any) { m["data"].(map[string]any)["version"] = "1" },
		".data.operation:":       func(m map[string]any) { m["data"].(map[string]any)["operation"] = "created" },
		".data.record.title[0]:": func(m map[string]any) { m["data"].(map[string]any)["record"] = object(t, []byte(`{"title":[{}]}`)) },
	} {
		m := object(t, e.AppendEvent(nil, &ev, 1<<20))
		if f := conform(schemaOf(t, "record"), m, ""); f != nil {
			t.Fatalf("before: %v", f)
		}
		spoil(m)
		if f := strings.Join(conform(schemaOf(t, "record"), m, ""), "; "); !strings.Contains(f, what) {
			t.Errorf("want %q, found %q", what, f)
		}
	}
}

// The AsyncAPI document tells the names that the code uses.
func TestAsyncAPI(t *testing.T) {
	var doc struct {
		AsyncAPI string
		Channels map[string]struct {
			Address    string
			Parameters map[string]struct{ Enum []string }
			Stream     struct{ Name string } `yaml:"x-nats-stream"`
		}
		Components struct {
			Messages map[string]struct {
				Headers struct{ Required []string }
				Payload map[string]any
			}
		}
	}
	text, err := AsyncAPI()
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.AsyncAPI != "3.1.0" {
		t.Errorf("it is AsyncAPI %s", doc.AsyncAPI)
	}
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	subjects := map[string][]string{c.names.records: c.recordsConfig().Subjects, c.names.ops: c.opsConfig().Subjects}
	described := map[string][]string{}
	for _, ch := range doc.Channels {
		wild := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(ch.Address, "*")
		described[ch.Stream.Name] = append(described[ch.Stream.Name], wild)
	}
	for name, want := range subjects {
		got := described[name]
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s has the subjects %v, the document says %v", name, want, got)
		}
	}
	records := doc.Channels["records"].Parameters
	ev := change(1)
	parts := strings.Split(string(c.names.appendSubject(nil, &ev, opUpserted)), ".")
	if len(records["partition"].Enum) != Partitions || !slices.Contains(records["partition"].Enum, parts[4]) || !slices.Contains(records["operation"].Enum, parts[5]) {
		t.Errorf("the subject %v is not as described: %v", parts, records)
	}
	// The events that a channel names are the types of its schema, and each schema is named.
	for channel, parameter := range map[string]string{"sources": "source", "harvests": "harvest", "consumers": "consumer", "snapshots": "snapshot"} {
		var types []any
		for _, event := range doc.Channels[channel].Parameters["event"].Enum {
			types = append(types, "sheaf."+parameter+"."+event+".v1")
		}
		want := schemaOf(t, parameter)["properties"].(map[string]any)["type"].(map[string]any)["enum"].([]any)
		if !sameMembers(types, want) {
			t.Errorf("the channel %s has the types %v, its schema %v", channel, types, want)
		}
		if !strings.Contains(string(text), "$ref: "+parameter+"-event.v1.schema.json") {
			t.Errorf("no message refers to the schema of %s", parameter)
		}
	}
	for _, ref := range regexp.MustCompile(`\$ref: (\S+\.json)`).FindAllStringSubmatch(string(text), -1) {
		if _, err := fs.Stat(Documents(), ref[1]); err != nil {
			t.Errorf("it refers to %s: %v", ref[1], err)
		}
	}
	m := c.message(&ev, 0, "", 0)
	for _, h := range doc.Components.Messages["recordChanged"].Headers.Required {
		if m.Header.Get(h) == "" {
			t.Errorf("a message has no header %s", h)
		}
	}
}
