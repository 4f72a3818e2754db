package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sheaf"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A sourceCrosswalk maps the items of one source, by the mapping in the configuration, or else by the built-in mapping for
// the format of each item. It adds the context of the source to each.
type sourceCrosswalk struct {
	context []dublincore.Value
	one     *crosswalk.Mapping            // the configured one; nil if the format decides
	builtin map[string]*crosswalk.Mapping // by the format that they read
	version string                        // of the mapping, the context and people's corrections together
}

// openCrosswalk reads the mapping of a source and its corrections from the files as they are now. The corrections are nil
// if there are none.
func openCrosswalk(s *config.Source, draft []byte) (*sourceCrosswalk, *Corrections, error) {
	m := &sourceCrosswalk{builtin: map[string]*crosswalk.Mapping{}}
	version := sha256.New()
	for _, t := range dublincore.Terms() {
		texts := s.Context[t.String()]
		if t == dublincore.DataProvider && len(texts) == 0 && s.Provider.Name != "" {
			texts = []string{s.Provider.Name}
		}
		for _, text := range texts {
			v, err := crosswalk.ContextValue(t.String(), text)
			if err != nil {
				return nil, nil, err
			}
			m.context = append(m.context, v)
			fmt.Fprintf(version, "context %s %q %q %q %q\n", t, v.Text, v.Lang, v.Scheme, v.Original)
		}
	}
	if err := m.openMapping(s, draft, version); err != nil {
		return nil, nil, fmt.Errorf("mapping: %w", err)
	}
	corrections, err := openCorrections(string(s.Corrections))
	if err != nil {
		return nil, nil, fmt.Errorf("corrections: %w", err)
	}
	if corrections != nil {
		fmt.Fprintf(version, "corrections %x\n", corrections.Hash())
	}
	m.version = hex.EncodeToString(version.Sum(nil)[:8])
	return m, corrections, nil
}

// openCorrections reads a file of corrections; nil if the configuration names none.
func openCorrections(file string) (*Corrections, error) {
	if file == "" {
		return nil, nil
	}
	data, err := readBounded(file)
	if err != nil {
		return nil, err
	}
	return ParseCorrections(filepath.Base(file), data)
}

func (m *sourceCrosswalk) openMapping(s *config.Source, draft []byte, version io.Writer) (err error) {
	switch {
	case draft != nil:
		name, files := draftName, []crosswalk.Option{}
		if file := s.Mapping.File; file != "" {
			name, files = filepath.Base(file), []crosswalk.Option{crosswalk.WithFiles(os.DirFS(filepath.Dir(file)))}
		}
		m.one, err = crosswalk.Compile(name, draft, files...)
	case s.Mapping.File != "":
		var src []byte
		if src, err = os.ReadFile(s.Mapping.File); err == nil {
			m.one, err = crosswalk.Compile(s.Mapping.File, src, crosswalk.WithFiles(os.DirFS(filepath.Dir(s.Mapping.File))))
		}
	case s.Mapping.Name != "":
		m.one, err = crosswalk.Builtin(strings.TrimSuffix(s.Mapping.Name, ".map"))
	}
	if err != nil {
		return err
	}
	if m.one != nil {
		fmt.Fprintf(version, "mapping %s\n", m.one.Version())
		return nil
	}
	for _, name := range MappingNames() {
		b, err := crosswalk.Builtin(name)
		if err != nil {
			return err
		}
		m.builtin[b.Format()] = b
		fmt.Fprintf(version, "mapping %s %s\n", b.Format(), b.Version())
	}
	return nil
}

// draftName stands for the file of a draft that has none yet.
const draftName = "draft.map"

// MappingText is the text of the mapping by which a source's originals of a format are mapped, and the name of its file,
// which is built in if the configuration names none.
func MappingText(s *config.Source, format harvest.Format) (name, text string, builtIn bool, err error) {
	if s.Mapping.File != "" {
		src, err := readBounded(s.Mapping.File)
		return s.Mapping.File, string(src), false, err
	}
	name = strings.TrimSuffix(s.Mapping.Name, ".map")
	if name == "" {
		m := &sourceCrosswalk{builtin: map[string]*crosswalk.Mapping{}}
		if err := m.openMapping(s, nil, io.Discard); err != nil {
			return "", "", true, err
		}
		if format == sheaf.Format {
			return "", "", true, errors.New("records of another gateway are taken as they are, without a mapping; a mapping of one's own for the format json sees their terms: title.value, creator.value")
		}
		if name = m.nameFor(format); name == "" {
			return "", "", true, fmt.Errorf("there is no built-in mapping for the format %s (%s)", format.Prefix, format.Namespace)
		}
	}
	src, err := crosswalk.BuiltinSource(name + ".map")
	return name + ".map", string(src), true, err
}

// nameFor is the name of the built-in mapping of a format; empty if there is none.
func (m *sourceCrosswalk) nameFor(format harvest.Format) string {
	own := m.forFormat(format)
	for _, name := range MappingNames() {
		if b, err := crosswalk.Builtin(name); err == nil && own != nil && b == own {
			return strings.TrimSuffix(name, ".map")
		}
	}
	return ""
}

// maxRead bounds a file that a configuration names, in bytes. What reads the file has a lower bound of its own.
const maxRead = 64 << 20

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	if err == nil && len(data) > maxRead {
		err = fmt.Errorf("%s is larger than %d MiB", file, maxRead>>20)
	}
	return data, err
}

// Version implements [Crosswalk].
func (m *sourceCrosswalk) Version() string { return m.version }

// Map implements [Crosswalk].
func (m *sourceCrosswalk) Map(item *harvest.Item) (*dublincore.Record, error) {
	res, err := m.apply(item, (*crosswalk.Mapping).Apply)
	if err != nil {
		return nil, err
	}
	return noted(res), nil
}

// apply runs the mapping for an item.
func (m *sourceCrosswalk) apply(item *harvest.Item, run func(*crosswalk.Mapping, crosswalk.Input) (*crosswalk.Result, error)) (*crosswalk.Result, error) {
	rules := m.one
	if rules == nil && item.Format == sheaf.Format {
		return taken(item.Original, m.context)
	}
	if rules == nil {
		if rules = m.forFormat(item.Format); rules == nil {
			return nil, fmt.Errorf("there is no built-in mapping for the format %s (%s); write one and name it in the source's mapping", item.Format.Prefix, item.Format.Namespace)
		}
	}
	return run(rules, crosswalk.Input{Format: item.Format.Prefix, Original: item.Original, Context: m.context})
}

// noted returns the record with notes of all that was noticed while it was made.
func noted(res *crosswalk.Result) *dublincore.Record {
	res.Record.Notes = append(res.Record.Notes, res.Notes...)
	for _, w := range res.Warnings {
		res.Record.Note(0, dublincore.Warning, w.Text())
	}
	return res.Record
}

// formatOf has the format of the built-in mapping for a namespace, because sources call one format by many prefixes.
var formatOf = map[string]string{
	"http://www.openarchives.org/OAI/2.0/oai_dc/": "oai_dc",
	"http://www.loc.gov/MARC21/slim":              "marc21",
	"http://www.loc.gov/mods/v3":                  "mods",
	"http://worldcat.org/xmlschemas/qdc-1.0/":     "oai_qdc",
	"http://dspace.org/qualifieddc/":              "oai_qdc",
	"urn:isbn:1-931666-22-9":                      "ead",
	"http://ead3.archivists.org/schema/":          "ead",
	"http://www.lido-schema.org":                  "lido",
}

// forms are the beginnings of namespaces that change with each version of their format, and prefixes that repositories
// give a format whose namespace is not their own. The envelopes of DataCite hold what its mapping reads.
var forms = []struct{ begins, format string }{
	{"http://datacite.org/schema/kernel-", "datacite"},
	{"http://schema.datacite.org/meta/kernel-", "datacite"},
	{"http://schema.datacite.org/oai/oai-", "datacite"},
	{"https://schema.datacite.org/oai/oai-", "datacite"},
}

// formatFor has the format of the built-in mapping for what a source calls its format; empty if there is none.
func formatFor(f harvest.Format) string {
	if is := formatOf[f.Namespace]; is != "" {
		return is
	}
	for _, form := range forms {
		if strings.HasPrefix(f.Namespace, form.begins) {
			return form.format
		}
	}
	if prefix := strings.TrimPrefix(strings.ToLower(f.Prefix), "oai_"); f.Namespace == "" && strings.HasPrefix(prefix, "datacite") && !strings.HasSuffix(prefix, "json") {
		return "datacite"
	}
	return ""
}

func (m *sourceCrosswalk) forFormat(f harvest.Format) *crosswalk.Mapping {
	if f.Prefix == "unimarc" { // it has the namespace of MARC 21
		return m.builtin[f.Prefix]
	}
	if b := m.builtin[formatFor(f)]; b != nil {
		return b
	}
	return m.builtin[f.Prefix]
}

// MappingNames returns the names of the built-in mappings.
func MappingNames() []string {
	var names []string
	for _, n := range crosswalk.BuiltinNames() {
		names = append(names, strings.TrimSuffix(n, ".map"))
	}
	return names
}

// HasMapping reports whether there is a built-in mapping for a format.
func HasMapping(f harvest.Format) bool {
	if f == sheaf.Format {
		return true
	}
	names := MappingNames()
	return slices.Contains(names, formatFor(f)) || slices.Contains(names, f.Prefix)
}
