//go:build linux || darwin

// Package machine says what the machine lets this process have: disk, and open files.
package machine

import "golang.org/x/sys/unix"

// FreeBytes is how much this process may still write where dir is; false where that can't be told.
func FreeBytes(dir string) (int64, bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true
}

// OpenFiles is how many files, connections included, this process may have open.
func OpenFiles() int {
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return assumedFiles
	}
	return int(min(lim.Cur, mostFiles))
}
