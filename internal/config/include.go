package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of what is included.
const (
	maxFiles        = 1000
	maxIncludeDepth = 8
	maxPatterns     = 100
	maxTotal        = 16 << 20 // bytes of all files
	maxFolder       = 10_000   // entries of a folder that a pattern is matched with
)

// A loader puts the files of a configuration together.
type loader struct {
	reader
	root  *node            // all sections of all files
	on    []string         // real paths of the files that are being read, the outermost first
	read  map[string]place // real paths of the files that were read, and where they were named
	total int
}

// main reads the first file. It reports only what concerns the file itself.
func (l *loader) main(path string) {
	data, err := readFile(path, false)
	if err != nil {
		l.add(Problem{File: path, Message: err.Error()})
		return
	}
	l.parse(path, data)
}

// parse reads the first file from memory.
func (l *loader) parse(path string, data []byte) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		l.add(Problem{File: path, Message: err.Error()})
		return
	}
	f := &file{name: path, dir: dir}
	l.root = &node{place: place{file: f, line: 1, column: 1}, shape: mapping}
	id := realPath(filepath.Join(dir, filepath.Base(path)))
	l.read = map[string]place{id: l.root.place}
	l.order = map[string]int{path: 0}
	l.on = []string{id}
	l.merge(f, data, false)
}

// merge adds a file's sections to the root, then those of the files that it includes.
func (l *loader) merge(f *file, data []byte, included bool) {
	l.total += len(data)
	n := l.tree(f, data)
	if n == nil {
		return
	}
	if n.shape != mapping {
		l.problem(n.place, "", "must hold keys such as sources:, not %v", n.shape)
		return
	}
	if included && !hasSection(n) {
		sources := field{place: n.place, key: "sources", value: n}
		n = &node{place: n.place, shape: mapping, fields: []*field{&sources}}
	}
	for _, s := range n.fields {
		if s.key == "include" {
			l.include(f, s)
			continue
		}
		l.section(s)
	}
}

// hasSection reports whether a file has sections, rather than nothing but sources.
func hasSection(n *node) bool {
	return slices.ContainsFunc(n.fields, func(f *field) bool { return isSection(f.key) })
}

// section adds one section. If two files have it their keys are joined; neither file overrides the other.
func (l *loader) section(s *field) {
	old := l.root.field(s.key)
	switch {
	case s.value.shape == null:
		return
	case old == nil:
		copied := *s
		value := *s.value
		value.fields = slices.Clone(value.fields)
		copied.value = &value
		l.root.fields = append(l.root.fields, &copied)
		return
	case old.value.shape != mapping || s.value.shape != mapping:
		l.problem(s.place, s.key, "is set in %s already; set it in one place", old.place)
		return
	}
	for _, f := range s.value.fields {
		if before := old.value.field(f.key); before != nil {
			l.problem(f.place, join(s.key, f.key), "is defined in %s already; define it in one place", before.place)
			continue
		}
		if len(old.value.fields) >= maxSources {
			l.problem(f.place, s.key, "has more than %d entries in all files together; what follows here is not read", maxSources)
			return
		}
		old.value.fields = append(old.value.fields, f)
	}
}

// include reads the files that an include: names.
func (l *loader) include(f *file, s *field) {
	patterns := s.value.items
	switch s.value.shape {
	case null:
		return
	case scalar:
		patterns = []*node{s.value}
	case mapping:
		l.problem(s.value.place, "include", "must be a file name, a pattern such as sources.d/*.yaml, or a list of them")
		return
	}
	if len(patterns) > maxPatterns {
		l.problem(s.place, "include", "has more than %d entries; use a pattern such as sources.d/*.yaml", maxPatterns)
		return
	}
	if len(l.on) > maxIncludeDepth {
		l.problem(s.place, "include", "goes deeper than %d files; include them from the first file", maxIncludeDepth)
		return
	}
	for _, p := range patterns {
		if p.shape != scalar || p.text == "" {
			l.problem(p.place, "include", "must be a file name or a pattern such as sources.d/*.yaml, not %v", p.shape)
			continue
		}
		names, err := matches(f.dir, p.text)
		switch {
		case err == errNoFolder: // an empty folder would be all right too
			l.warning(p.place, "include", "%s: %v", p.text, err)
		case err != nil:
			l.problem(p.place, "include", "%s: %v", p.text, err)
		}
		for _, name := range names {
			l.included(f, p.place, name)
		}
	}
}

// included reads one file. Messages name it as they name the including file: by a relative path if that one is relative.
func (l *loader) included(by *file, p place, name string) {
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(by.dir, name)
		name = filepath.Join(filepath.Dir(by.name), name)
	}
	id := realPath(path)
	if slices.Contains(l.on, id) {
		l.problem(p, "include", "%s includes itself, by way of this line; take it out", name)
		return
	}
	if before, ok := l.read[id]; ok {
		l.problem(p, "include", "%s is included in %s already; include it once", name, before)
		return
	}
	if len(l.read) >= maxFiles || l.total > maxTotal {
		l.problem(p, "include", "is more than %d files or %v together; %s and what follows is not read", maxFiles, Size(maxTotal), name)
		return
	}
	data, err := readFile(path, true)
	if err != nil {
		l.problem(p, "include", "%s %v", name, err)
		return
	}
	l.read[id] = p
	l.order[name] = len(l.order)
	l.on = append(l.on, id)
	l.merge(&file{name: name, dir: filepath.Dir(path)}, data, true)
	l.on = l.on[:len(l.on)-1]
}

var errNoFolder = errors.New("the folder does not exist, so nothing is included")

// includedNames are the files that were included, in the order in which they were read.
func (l *loader) includedNames() []string {
	names := slices.SortedFunc(maps.Keys(l.order), func(a, b string) int { return cmp.Compare(l.order[a], l.order[b]) })
	return names[1:]
}

// matches returns the files that a pattern names, sorted. A wildcard may stand only in the last part, so that one folder is
// read and no more. Hidden files don't match, because editors leave such files behind.
func matches(dir, pattern string) ([]string, error) {
	folder, base := filepath.Split(pattern)
	if strings.ContainsAny(folder, "*?[") {
		return nil, fmt.Errorf("a wildcard may stand in the file name only, as in sources.d/*.yaml")
	}
	if !strings.ContainsAny(base, "*?[") {
		return []string{pattern}, nil
	}
	if _, err := filepath.Match(base, ""); err != nil {
		return nil, fmt.Errorf(`is not a pattern; close the "["`)
	}
	where := folder
	if !filepath.IsAbs(where) {
		where = filepath.Join(dir, where)
	}
	d, err := os.Open(where)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoFolder
	}
	if err != nil {
		return nil, fmt.Errorf("the folder %w", cause(err))
	}
	defer d.Close()
	entries, err := d.ReadDir(maxFolder + 1)
	if err != nil && err != io.EOF {
		return nil, cause(err)
	}
	if len(entries) > maxFolder {
		return nil, fmt.Errorf("the folder holds more than %d files", maxFolder)
	}
	var names []string
	for _, e := range entries {
		if ok, _ := filepath.Match(base, e.Name()); ok && !strings.HasPrefix(e.Name(), ".") && !e.IsDir() {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}
	slices.SortFunc(names, cmp.Compare)
	return names, nil
}

// readFile reads a file up to a bound. Only the first file may be a pipe, because an included pipe could wait for ever.
func readFile(path string, regular bool) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, cause(err)
	case info.IsDir():
		return nil, fmt.Errorf("is a folder; name a file in it")
	case regular && !info.Mode().IsRegular():
		return nil, fmt.Errorf("is not a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, cause(err)
	}
	return data, nil
}

// realPath returns the same path for a file whatever links lead to it.
func realPath(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return filepath.Clean(path)
}
