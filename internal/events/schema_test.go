package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// conform holds a value to a schema, of which it knows what ours use, and is stricter than the schema:
// a member that the schema doesn't name is a fault. It returns what is wrong.
func conform(schema map[string]any, v any, path string) (faults []string) {
	wrong := func(format string, a ...any) { faults = append(faults, path+": "+fmt.Sprintf(format, a...)) }
	if c, ok := schema["const"]; ok && !reflect.DeepEqual(c, v) {
		wrong("is %v, not %v", v, c)
	}
	if e, ok := schema["enum"].([]any); ok && !slices.Contains(e, v) {
		wrong("%v is none of %v", v, e)
	}
	switch v := v.(type) {
	case string:
		if t, ok := schema["type"]; ok && t != "string" {
			wrong("is a string, not %v", t)
		}
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			wrong("%q does not match %s", v, p)
		}
	case float64:
		if schema["type"] != "integer" || v != float64(int64(v)) {
			wrong("is %v", v)
		}
	case []any:
		if schema["type"] != "array" {
			wrong("is a list")
			return faults
		}
		for i, e := range v {
			faults = append(faults, conform(schema["items"].(map[string]any), e, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		if schema["type"] != "object" {
			wrong("is an object")
			return faults
		}
		required, _ := schema["required"].([]any)
		for _, r := range required {
			if _, ok := v[r.(string)]; !ok {
				wrong("lacks %s", r)
			}
		}
		properties, _ := schema["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			sub, ok := properties[name].(map[string]any)
			if !ok {
				sub, ok = schema["additionalProperties"].(map[string]any)
			}
			if !ok {
				wrong("has %s, which the schema doesn't name", name)
				continue
			}
			faults = append(faults, conform(sub, v[name], path+"."+name)...)
		}
	default:
		wrong("is %v", v)
	}
	return faults
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
	e := newEncoder(newNames("SHEAF"), "", nil)
	for what, spoil := range map[string]func(map[string]any){
		"lacks id":               func(m map[string]any) { delete(m, "id") },
		"has extra":              func(m map[string]any) { m["extra"] = "x" },
		".sequence:":             func(m map[string]any) { m["sequence"] = "12" },
		".data.version:":         func(m map[string]any) { m["data"].(map[string]any)["version"] = "1" },
		".data.operation:":       func(m map[string]any) { m["data"].(map[string]any)["operation"] = "created" },
		".data.record.title[0]:": func(m map[string]any) { m["data"].(map[string]any)["record"] = object(t, []byte(`{"title":[{}]}`)) },
	} {
		m := object(t, e.appendEvent(nil, &ev, 1<<20))
		if f := conform(object(t, Schema()), m, ""); f != nil {
			t.Fatalf("before: %v", f)
		}
		spoil(m)
		if f := strings.Join(conform(object(t, Schema()), m, ""), "; "); !strings.Contains(f, what) {
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
	if err := yaml.Unmarshal(AsyncAPI(), &doc); err != nil {
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
	m := c.message(&ev, 0, "", 0)
	for _, h := range doc.Components.Messages["recordChanged"].Headers.Required {
		if m.Header.Get(h) == "" {
			t.Errorf("a message has no header %s", h)
		}
	}
}
