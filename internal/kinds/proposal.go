package kinds

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A Proposal is the configuration of one source, and what was found out about the source.
type Proposal struct {
	Found []string // comments: lines of clean text
	Name  string
	Keys  []Key
	// Mapping is the text of a mapping to begin with, where none is built in; empty where none is needed.
	Mapping string
	// MappingFile is the file that Mapping belongs in. It is shown as long as it is not written there.
	MappingFile string

	written bool
}

// A Key is a key of the source's configuration, with a value, a list, or keys below it.
type Key struct {
	Name  string
	Value any // string, []string, int, bool, []Key
}

// Write writes the configuration. Without a namespace it gets one that has to be changed.
func (p *Proposal) Write(w io.Writer, namespace string) error {
	var b strings.Builder
	for _, line := range p.Found {
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	p.showMapping(&b)
	b.WriteByte('\n')
	if namespace == "" {
		b.WriteString("gateway:\n")
		b.WriteString("  namespace: change-me.example.org  # a domain of yours: it is part of every identifier, for ever\n")
		b.WriteString("  contact: you@example.org          # the sources write to it before they shut you out\n")
	} else {
		b.WriteString("# for a file of its own, which include: names; or put it below the sources that you have\n")
	}
	b.WriteString("sources:\n  " + p.Name + ":  # part of identifiers too: letters a-z, digits, hyphens\n")
	writeKeys(&b, "    ", p.Keys)
	_, err := io.WriteString(w, b.String())
	return err
}

// WrittenTo notes that the mapping was written to a file.
func (p *Proposal) WrittenTo(file string) {
	p.MappingFile, p.written = file, true
	for i := range p.Keys {
		if p.Keys[i].Name == "mapping" {
			p.Keys[i].Value = file
		}
	}
}

// showMapping shows a mapping that is in no file yet.
func (p *Proposal) showMapping(b *strings.Builder) {
	if p.Mapping == "" || p.written {
		return
	}
	fmt.Fprintf(b, "#\n# There is no built-in mapping for it. This is one to begin with; --mapping %s writes it to that file:\n", p.MappingFile)
	for line := range strings.Lines(p.Mapping) {
		b.WriteString(strings.TrimRight("#   "+line, " \n") + "\n")
	}
}

func writeKeys(b *strings.Builder, indent string, keys []Key) {
	for _, k := range keys {
		switch v := k.Value.(type) {
		case string:
			fmt.Fprintf(b, "%s%s: %s\n", indent, k.Name, quoted(v))
		case bool:
			fmt.Fprintf(b, "%s%s: %t\n", indent, k.Name, v)
		case int:
			fmt.Fprintf(b, "%s%s: %d\n", indent, k.Name, v)
		case []string:
			fmt.Fprintf(b, "%s%s:\n", indent, k.Name)
			for _, s := range v {
				fmt.Fprintf(b, "%s  - %s\n", indent, quoted(s))
			}
		case []Key:
			fmt.Fprintf(b, "%s%s:\n", indent, k.Name)
			writeKeys(b, indent+"  ", v)
		}
	}
}

// quoted writes a string in YAML. If YAML could take it for something else it stands in JSON's quotes, which YAML knows
// too.
func quoted(s string) string {
	if plainYAML(s) {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(strings.ToValidUTF8(s, "\uFFFD")); err != nil {
		panic(err) // a string is always JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// plainYAML reports whether a string needs no quotes, because it is a word or a URL.
func plainYAML(s string) bool {
	switch strings.ToLower(s) {
	case "", "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return false
	}
	if c := s[0] | 0x20; c < 'a' || c > 'z' {
		return false
	}
	rest := s
	for _, scheme := range []string{"https://", "http://"} {
		rest = strings.TrimPrefix(rest, scheme)
	}
	return strings.IndexFunc(rest, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./?=+", r))
	}) < 0
}

func (p *Proposal) note(format string, args ...any) {
	p.Found = append(p.Found, fmt.Sprintf(format, args...))
}

// maxName is how long the name of a source may be.
const maxName = 64

// nameOf makes a name for a source of the host in a URL, or of the name of a file.
func nameOf(place string) string {
	if u, err := url.Parse(place); err == nil && u.Host != "" {
		place = strings.TrimPrefix(u.Hostname(), "www.")
	}
	var b strings.Builder
	for _, r := range strings.ToLower(place) {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	name := b.String()
	name = cmp.Or(strings.Trim(name[:min(maxName, len(name))], "-"), "source")
	if config.CheckName(name) != nil { // it means something else, as "oai" does
		return "from-" + name
	}
	return name
}
