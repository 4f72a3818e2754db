package crosswalk

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

//go:embed maps/*.map tables/*.csv
var builtinFiles embed.FS

var builtins sync.Map // name → func() (*Mapping, error)

// Builtin is a mapping that comes with this package, by the name of its file with or without ".map". It is compiled
// once.
func Builtin(name string) (*Mapping, error) {
	file := name
	if len(name) < 4 || name[len(name)-4:] != ".map" {
		file = name + ".map"
	}
	src, err := builtinFiles.ReadFile("maps/" + file)
	if err != nil {
		return nil, &Error{File: name, Msg: "no mapping of this name is built in", Hint: wording.Nearest(file, BuiltinNames())}
	}
	once, _ := builtins.LoadOrStore(file, sync.OnceValues(func() (*Mapping, error) { return Compile(builtinPrefix+file, src) }))
	m, err := once.(func() (*Mapping, error))()
	if err != nil {
		return nil, fmt.Errorf("built-in mapping: %w", err)
	}
	return m, nil
}

// BuiltinNames are the names of all built-in mappings, sorted: "datacite.map", "ead.map"…
func BuiltinNames() []string { return namesIn("maps") }

// BuiltinSource is the text of a built-in mapping, to read or to start from.
func BuiltinSource(name string) ([]byte, error) { return builtinFiles.ReadFile("maps/" + name) }

func builtinNames() []string { return append(namesIn("maps"), namesIn("tables")...) }

func namesIn(folder string) []string {
	entries, err := fs.ReadDir(builtinFiles, folder)
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}
