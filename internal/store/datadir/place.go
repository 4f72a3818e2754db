package datadir

import (
	"os"
	"path/filepath"
)

// Place says where a data folder is, for people who have several: the name of the machine, and the path of the folder there.
func Place(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	host, err := os.Hostname()
	if err != nil {
		return dir
	}
	return host + ":" + dir
}
