package events

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/events.md anew")

// docs/events.md has every channel and every member of every event, as the AsyncAPI document and the schemas say.
func TestEventsReference(t *testing.T) {
	want, path := eventsReference(t), "../../docs/events.md"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	had, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(had), want); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
	}
}

const eventsIntroduction = `# Events

<!-- Made from asyncapi.yaml and the schemas beside it: go test ./internal/events -run TestEventsReference -update -->

What is on NATS, channel by channel and member by member. [For subscribers](subscribers.md) tells how to use it. The gateway serves the same for programs below ` + "`/events/`" + `: ` + "`asyncapi.yaml`" + `, and a JSON Schema for each family of events. A star marks members that are always there.
`

// eventsReference is the guide.
func eventsReference(t *testing.T) string {
	t.Helper()
	type channel struct {
		Address, Title, Description string
		Parameters                  map[string]struct {
			Description string
			Enum        []string
		}
		Messages map[string]struct {
			Ref string `yaml:"$ref"`
		}
		Stream struct{ Name string } `yaml:"x-nats-stream"`
	}
	var doc struct {
		Info struct{ Description string }
		// The channels stand in the guide as they do in the document.
		Channels   yaml.MapSlice
		Components struct {
			Messages map[string]struct {
				Title   string
				Headers struct {
					Properties map[string]struct {
						Const, Description string
						Enum               []string
					}
				}
				Payload struct {
					Schema struct {
						Ref string `yaml:"$ref"`
					}
				}
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
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s", eventsIntroduction, doc.Info.Description)
	told := map[string]bool{}
	for _, item := range doc.Channels {
		var ch channel
		data, err := yaml.Marshal(item.Value)
		if err == nil {
			err = yaml.Unmarshal(data, &ch)
		}
		if err != nil || len(ch.Messages) != 1 {
			t.Fatalf("the channel %v: %v", item.Key, err)
		}
		fmt.Fprintf(&b, "\n## %s\n\nSubject `%s`, on the stream `%s`.\n", ch.Title, ch.Address, ch.Stream.Name)
		if ch.Description != "" {
			fmt.Fprintf(&b, "\n%s", ch.Description)
		}
		b.WriteString("\n| in the subject | |\n|---|---|\n")
		for _, name := range sortedKeys(ch.Parameters) {
			p := ch.Parameters[name]
			says := p.Description
			switch n := len(p.Enum); {
			case n > 8:
				says += fmt.Sprintf(" `%s` to `%s`.", p.Enum[0], p.Enum[n-1])
			case n > 0:
				says += " `" + strings.Join(p.Enum, "`, `") + "`."
			}
			fmt.Fprintf(&b, "| `%s` | %s |\n", name, says)
		}
		for _, one := range ch.Messages {
			m, ok := doc.Components.Messages[one.Ref[strings.LastIndex(one.Ref, "/")+1:]]
			if !ok {
				t.Fatalf("%s is not a message", one.Ref)
			}
			fmt.Fprintf(&b, "\n%s. Its members are those of [`%s`](#%s).\n\n| header | |\n|---|---|\n", m.Title, m.Payload.Schema.Ref, strings.ReplaceAll(m.Payload.Schema.Ref, ".", ""))
			for _, name := range sortedKeys(m.Headers.Properties) {
				h := m.Headers.Properties[name]
				says := h.Description
				if h.Const != "" {
					says = "`" + h.Const + "`"
				}
				if len(h.Enum) > 0 {
					says = "`" + strings.Join(h.Enum, "`, `") + "`"
				}
				fmt.Fprintf(&b, "| `%s` | %s |\n", name, says)
			}
			told[m.Payload.Schema.Ref] = true
		}
	}
	files, err := fs.Glob(Documents(), "*.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !told[name] {
			t.Errorf("no channel has %s", name)
		}
		data, err := fs.ReadFile(Documents(), name)
		if err != nil {
			t.Fatal(err)
		}
		schema := object(t, data)
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s\n\n| member | | |\n|---|---|---|\n", name, schema["title"], schema["description"])
		members(&b, "", schema)
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// members has a row for each member of an object, and those below it. A star marks those that are always there.
func members(b *strings.Builder, prefix string, schema map[string]any) {
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range sortedKeys(properties) {
		p := properties[name].(map[string]any)
		star := ""
		if slices.Contains(required, any(name)) {
			star = " *"
		}
		text, _ := p["description"].(string)
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", prefix+name, star, form(p), strings.ReplaceAll(text, "|", "\\|"))
		below(b, prefix+name, p)
	}
}

// below has the rows of what a member holds.
func below(b *strings.Builder, name string, p map[string]any) {
	if items, ok := p["items"].(map[string]any); ok {
		below(b, name+"[]", items)
		return
	}
	if each, ok := p["additionalProperties"].(map[string]any); ok {
		below(b, name+".TERM", each)
		return
	}
	members(b, name+".", p)
}

// form is what a member may be.
func form(p map[string]any) string {
	if c, ok := p["const"]; ok {
		return fmt.Sprintf("`%v`", c)
	}
	if enum, ok := p["enum"].([]any); ok {
		var words []string
		for _, v := range enum {
			words = append(words, fmt.Sprintf("`%v`", v))
		}
		return strings.Join(words, ", ")
	}
	kind, _ := p["type"].(string)
	return kind
}
