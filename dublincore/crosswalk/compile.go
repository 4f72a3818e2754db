package crosswalk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// engineRevision must change whenever this package, or the normalising of package dublincore, makes another record
// of the same original and the same rules than before. It is part of every version, so that records which were made
// before are mapped again.
const engineRevision = "sheaf-crosswalk-15"

// An Option changes how a mapping is compiled.
type Option func(*compiler)

// WithFiles lets the lines include and table name files: by their paths from the root of fsys. Without it, they can
// name only what is built in.
func WithFiles(fsys fs.FS) Option { return func(c *compiler) { c.files = fsys } }

// A compiler collects the rules of all files of one mapping.
type compiler struct {
	files      fs.FS
	file       string   // the file being read
	chain      []string // the files that lead to it
	family     family
	asked      bool // for a format line, or for a better one
	format     string
	root       []rootName
	ignored    []attribute
	omitted    []selector // by ignore lines
	inside     []selector // that look into what the rule in hand selects
	namespaces map[string]string
	tables     map[string]*table
	rules      []*rule
	warnings   []*warning
	examples   []*example
	hash       hash.Hash
	errs       Errors
}

// Compile compiles the mapping src. Its errors begin with name, the name of its file, and report everything that is
// wrong at once, as [Errors]. The examples in the mapping are run: if one of them fails, the mapping is refused.
func Compile(name string, src []byte, opts ...Option) (*Mapping, error) {
	c := &compiler{namespaces: map[string]string{}, tables: map[string]*table{}, hash: sha256.New()}
	for _, o := range opts {
		o(c)
	}
	fmt.Fprintln(c.hash, engineRevision)
	c.read(name, string(src))
	if c.family == nil && len(c.errs) == 0 {
		c.errs = append(c.errs, &Error{File: name, Msg: "the mapping needs a line such as: format oai_dc (or: include marc21.map)"})
	}
	if len(c.rules) == 0 && len(c.errs) == 0 {
		c.errs = append(c.errs, &Error{File: name, Msg: "the mapping has no rules; write one such as: title from title"})
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	m := &Mapping{name: name, format: c.format, family: c.family, root: c.root, ignored: c.ignored, warnings: c.warnings}
	for _, ru := range c.rules {
		if !ru.dead {
			m.rules = append(m.rules, ru)
		}
	}
	m.omitted = c.omitted
	if s, ok := m.family.(surveyor); ok {
		m.reads = s.reads(m)
	}
	m.version = hex.EncodeToString(c.hash.Sum(nil))[:16]
	m.runs.New = func() any { return &run{m: m} }
	for _, e := range c.examples {
		if err := e.check(m); err != nil {
			c.errs = append(c.errs, err)
		}
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	return m, nil
}

// read compiles one file into c.
func (c *compiler) read(name, src string) {
	outer := c.file
	c.file, c.chain = name, append(c.chain, name)
	defer func() { c.file, c.chain = outer, c.chain[:len(c.chain)-1] }()
	lines, errs := readLines(name, src)
	c.errs = append(c.errs, errs...)
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].indented {
			n++
		}
		if lines[0].indented {
			c.fail(lines[0].words[0], "this line is indented but belongs to nothing above it")
		} else {
			c.hashLines(lines[:n])
			c.statement(lines[0], lines[1:n])
		}
		lines = lines[n:]
		if len(c.errs) >= maxErrors {
			return
		}
	}
}

// hashLines makes the words of lines a part of the version. Comments, spacing and examples change no record, so they
// are left out.
func (c *compiler) hashLines(lines []line) {
	if lines[0].words[0].is("example") {
		return
	}
	for _, l := range lines {
		if l.words[0].is("example") {
			continue
		}
		for _, w := range l.words {
			fmt.Fprintf(c.hash, "%t %q ", w.quoted, w.text)
		}
		fmt.Fprintf(c.hash, "%t\n", l.indented)
	}
}

// fail records an error at a word.
func (c *compiler) fail(w word, format string, args ...any) {
	c.failWith(w, fmt.Errorf(format, args...))
}

// failWith records err at the place that it has, or else at w.
func (c *compiler) failWith(w word, err error) {
	var own *Error
	if errors.As(err, &own) {
		if own.File == "" {
			own.File = c.file
		}
		if own.Line == 0 {
			own.Line, own.Col = w.line, w.col
		}
		c.errs = append(c.errs, own)
		return
	}
	c.errs = append(c.errs, &Error{File: c.file, Line: w.line, Col: w.col, Msg: err.Error()})
}

// hint is an error at w with the nearest right word among candidates.
func (c *compiler) hint(w word, candidates []string, format string, args ...any) error {
	return &Error{File: c.file, Line: w.line, Col: w.col, Msg: fmt.Sprintf(format, args...), Hint: wording.Nearest(w.text, candidates)}
}

// include reads the file that w names: one of the mapping's own files, or else a built-in.
func (c *compiler) include(w word) {
	if len(c.chain) >= maxIncludes {
		c.fail(w, "more than %d files include each other", maxIncludes)
		return
	}
	src, name, err := c.open(w.text)
	if err != nil {
		c.failWith(w, err)
		return
	}
	if slices.Contains(c.chain, name) {
		c.fail(w, "these files include each other in a circle: %s", strings.Join(append(c.chain, name), " → "))
		return
	}
	c.read(name, string(src))
}

// ownPath is the path of the file that is being read, among the files of the mapping. The first file has the name
// that its author gave it, with any folders, but lies at the root of these files.
func (c *compiler) ownPath() string {
	if len(c.chain) == 1 {
		return path.Base(filepath.ToSlash(c.file))
	}
	return path.Clean(c.file)
}

// builtinPrefix marks the name of a built-in file in errors and include chains.
const builtinPrefix = "builtin:"

// open finds a file by name. If a mapping called marc21.map includes marc21.map, the built-in one is meant: a file
// that includes itself would be a mistake.
func (c *compiler) open(name string) (data []byte, resolved string, err error) {
	if c.files != nil && fs.ValidPath(path.Clean(name)) && path.Clean(name) != c.ownPath() && !strings.HasPrefix(c.file, builtinPrefix) {
		name := path.Clean(name)
		if info, err := fs.Stat(c.files, name); err == nil {
			if info.Size() > maxTable {
				return nil, "", fmt.Errorf("%s is larger than %d MiB", name, maxTable>>20)
			}
			data, err := fs.ReadFile(c.files, name)
			return data, name, err
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", fmt.Errorf("%s can't be read: %v", name, err)
		}
	}
	for _, folder := range []string{"maps/", "tables/"} {
		if data, err := builtinFiles.ReadFile(folder + name); err == nil {
			return data, builtinPrefix + name, nil
		}
	}
	if c.files != nil && path.Clean(name) == c.ownPath() {
		return nil, "", fmt.Errorf("the mapping includes itself, and none called %q is built in", name)
	}
	return nil, "", &Error{Msg: fmt.Sprintf("there is no file %q beside the mapping, and none of that name is built in", name),
		Hint: c.nearestFile(name)}
}

// maxBeside bounds how many files beside a mapping are searched for the name that was meant.
const maxBeside = 1000

// nearestFile is the file that a writer of name most likely meant: one beside the mapping, or a built-in.
func (c *compiler) nearestFile(name string) string {
	names := builtinNames()
	if folder := path.Dir(name); c.files != nil && fs.ValidPath(folder) {
		if entries, err := fs.ReadDir(c.files, folder); err == nil {
			for _, e := range entries[:min(len(entries), maxBeside)] {
				if beside := path.Join(folder, e.Name()); !e.IsDir() && beside != c.ownPath() {
					names = append(names, beside)
				}
			}
		}
	}
	if path.Ext(name) == "" {
		name += ".map"
	}
	return wording.Nearest(name, names)
}

// terms are the names of all terms, for hints.
func termNames() []string {
	var names []string
	for t := dublincore.Title; t.String() != ""; t++ {
		names = append(names, t.String())
	}
	return names
}
