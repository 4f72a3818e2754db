package sqlite

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// earlierFolder is how earlier programs made the folder, for their group to read.
const earlierFolder = 0o750

// ours are the beginnings of the names of the log's files.
var ours = []string{"sheaf.db", datadir.LockName, datadir.HighwaterName, datadir.AnchorName, reserveName}

const reserveName = "reserve"

// makePrivate takes from others what an earlier program let them read. It touches the log's own files
// alone, and the folder only if that program made it: people may have chosen a folder with other things in it.
func makePrivate(dir string, log *slog.Logger) {
	change := func(path string, mode fs.FileMode) {
		if err := os.Chmod(path, mode); err != nil {
			log.Warn("a file of the log can be read by others; make it private", "path", path, "err", err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // what follows will say so
	}
	made := false
	for _, e := range entries {
		made = made || e.Name() == "sheaf.db"
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&^datadir.PrivateFile != 0 && ofLog(e.Name()) {
			change(filepath.Join(dir, e.Name()), datadir.PrivateFile)
		}
	}
	if info, err := os.Stat(dir); err == nil && made && info.Mode().Perm() == earlierFolder && owned(info) {
		change(dir, datadir.PrivateFolder)
	}
}

func ofLog(name string) bool {
	for _, prefix := range ours {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func owned(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

// createPrivate makes an empty file if there is none. SQLite takes it for its own, and would have made one
// that others can read.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, datadir.PrivateFile)
	if err != nil {
		return err
	}
	return f.Close()
}

// partSuffix ends the name of a copy that is being written; whoever writes it has it locked.
const partSuffix = ".sheaf.part"

// clearParts removes the copies in a folder that nobody writes any more: their writer was killed.
func clearParts(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), partSuffix) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		part, err := datadir.LockFile(path, os.O_RDWR)
		if err != nil {
			continue // it is being written, or is somebody else's
		}
		if err := errors.Join(os.Remove(path), part.Close()); err != nil {
			return err
		}
	}
	return nil
}
