package observe

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// besideParts are what the data folder has beside the log's own files, so that no series comes and goes.
var besideParts = []string{"reserve", "before_restore", "nats", "dump", "other"}

// beside is what the data folder takes beside the log's own files, by what it is.
func beside(dir string) map[string]int64 {
	sizes := map[string]int64{}
	for _, part := range besideParts {
		sizes[part] = 0
	}
	entries, _ := os.ReadDir(dir) // a folder that is gone is empty; sheaf_store_trouble says that it is gone
	for _, e := range entries {
		if part := partOf(e.Name()); part != "" {
			sizes[part] += sizeOf(filepath.Join(dir, e.Name()))
		}
	}
	return sizes
}

// partOf is what a file or folder of the data folder counts as; empty for the log's own.
func partOf(name string) string {
	switch name {
	case "sheaf.db", "sheaf.db-wal":
		return ""
	case "reserve", "nats", "dump":
		return name
	}
	if strings.HasPrefix(name, "sheaf.db.before-restore-") {
		return "before_restore"
	}
	return "other"
}

// sizeOf is what a file or a folder takes. What goes away meanwhile, or can't be read, counts for nothing.
func sizeOf(path string) (size int64) {
	_ = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}
