package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A mapper maps the items of one source: by the mapping that is configured, or by the built-in one for
// each item's format; then come the context and people's corrections.
type mapper struct {
	context     []dublincore.Value
	one         *crosswalk.Mapping            // the configured one; nil if it goes by format
	builtin     map[string]*crosswalk.Mapping // by the format that they read
	corrections *pipeline.Corrections         // nil if there are none
	version     string
	counts      *sourceMapping  // nil if what is mapped is not for the log
	watch       *correctedWatch // of a remap; else nil
}

// newMapper reads everything that decides what becomes of an original, from the files as they are now.
func newMapper(s *config.Source) (*mapper, error) {
	m := &mapper{builtin: map[string]*crosswalk.Mapping{}}
	version := sha256.New()
	for _, t := range dublincore.Terms() {
		texts := s.Context[t.String()]
		if t == dublincore.DataProvider && len(texts) == 0 && s.Provider.Name != "" {
			texts = []string{s.Provider.Name}
		}
		for _, text := range texts {
			v, err := crosswalk.ContextValue(t.String(), text)
			if err != nil {
				return nil, err
			}
			m.context = append(m.context, v)
			fmt.Fprintf(version, "context %s %q %q %q %q\n", t, v.Text, v.Lang, v.Scheme, v.Original)
		}
	}
	if err := m.openMapping(s, version); err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	if s.Corrections != "" {
		data, err := readBounded(string(s.Corrections))
		if err == nil {
			m.corrections, err = pipeline.ParseCorrections(filepath.Base(string(s.Corrections)), data)
		}
		if err != nil {
			return nil, fmt.Errorf("corrections: %w", err)
		}
		fmt.Fprintf(version, "corrections %x\n", m.corrections.Hash())
	}
	m.version = hex.EncodeToString(version.Sum(nil)[:8])
	return m, nil
}

func (m *mapper) openMapping(s *config.Source, version io.Writer) (err error) {
	switch {
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
	for _, name := range mappingNames() {
		b, err := crosswalk.Builtin(name)
		if err != nil {
			return err
		}
		m.builtin[b.Format()] = b
		fmt.Fprintf(version, "mapping %s %s\n", b.Format(), b.Version())
	}
	return nil
}

// maxRead bounds a file that a configuration names, in bytes; what reads it has a lower bound of its own.
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

// Version implements pipeline.Mapper.
func (m *mapper) Version() string { return m.version }

// Map implements pipeline.Mapper.
func (m *mapper) Map(item *harvest.Item) (*dublincore.Record, error) {
	began := time.Now()
	res, err := m.apply(item, (*crosswalk.Mapping).Apply)
	if err != nil {
		m.counts.mapped(time.Since(began), nil, err)
		return nil, err
	}
	r := noted(res)
	m.counts.mapped(time.Since(began), r.Notes, nil)
	return r, nil
}

// Correct implements pipeline.Corrector.
func (m *mapper) Correct(identifier, upstream string, r *dublincore.Record) {
	if m.corrections != nil {
		had := len(r.Notes)
		done := m.corrections.Apply(identifier, upstream, r)
		m.counts.noted(r.Notes[had:])
		m.watch.note(identifier, done, r.Notes[had:])
	}
}

// apply runs the mapping that is for an item.
func (m *mapper) apply(item *harvest.Item, run func(*crosswalk.Mapping, crosswalk.Input) (*crosswalk.Result, error)) (*crosswalk.Result, error) {
	rules := m.one
	if rules == nil {
		if rules = m.forFormat(item.Format); rules == nil {
			return nil, fmt.Errorf("there is no built-in mapping for the format %s (%s); write one and name it in the source's mapping", item.Format.Prefix, item.Format.Namespace)
		}
	}
	return run(rules, crosswalk.Input{Format: item.Format.Prefix, Original: item.Original, Context: m.context})
}

// noted is the record with all that was noticed while it was made.
func noted(res *crosswalk.Result) *dublincore.Record {
	res.Record.Notes = append(res.Record.Notes, res.Notes...)
	for _, w := range res.Warnings {
		res.Record.Note(0, dublincore.Warning, w.Text())
	}
	return res.Record
}

// formatOf tells the built-in mapping of a namespace: a format is told by what it is, not by what the
// source calls it.
var formatOf = map[string]string{
	"http://www.openarchives.org/OAI/2.0/oai_dc/": "oai_dc",
	"http://www.loc.gov/MARC21/slim":              "marc21",
	"http://www.loc.gov/mods/v3":                  "mods",
	"http://worldcat.org/xmlschemas/qdc-1.0/":     "oai_qdc",
	"http://dspace.org/qualifieddc/":              "oai_qdc",
	"urn:isbn:1-931666-22-9":                      "ead",
	"http://datacite.org/schema/kernel-3":         "datacite",
	"http://datacite.org/schema/kernel-4":         "datacite",
}

func (m *mapper) forFormat(f harvest.Format) *crosswalk.Mapping {
	if b := m.builtin[formatOf[f.Namespace]]; b != nil {
		return b
	}
	return m.builtin[f.Prefix]
}
