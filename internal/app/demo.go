package app

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed demo
var demoFiles embed.FS

// demoConfig is the configuration that comes with the demo collection: the letters and the maps of a
// harbour that never was.
const demoConfig = `
gateway:
  name: Harbour Archive (demo)
  namespace: demo.example.org
  contact: demo@example.org
sources:
  letters:
    title: Letters and papers of the Harbour Board
    kind: listing
    from: letters.txt
    every: 1h
    mapping: listing
    context: {publisher: Harbour Archive, dataProvider: Harbour Archive, language: eng, rights: "http://rightsstatements.org/vocab/NoC-NC/1.0/"}
  maps:
    title: Maps and plans
    kind: listing
    from: maps.html
    select: {row: .result, title: h2, date: .date, summary: .text, link: h2 a, count: .count}
    every: 1h
    mapping: maps.map
    context: {publisher: Harbour Archive, dataProvider: Harbour Archive, rights: "http://rightsstatements.org/vocab/NoC-NC/1.0/"}
`

// Demo makes a throw-away folder with the demo collection, and the configuration that harvests it.
// remove takes the folder away again.
func Demo(o config.Options) (cfg *config.Config, remove func() error, err error) {
	dir, err := os.MkdirTemp("", "sheaf-demo-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder for the demo: %w", err)
	}
	remove = func() error { return os.RemoveAll(dir) }
	files, err := fs.Sub(demoFiles, "demo")
	if err == nil {
		err = os.CopyFS(dir, files)
	}
	if err == nil {
		cfg, err = config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(demoConfig), o)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("set the demo up: %w", err)
	}
	return cfg, remove, nil
}
