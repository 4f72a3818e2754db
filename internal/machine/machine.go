//go:build linux || darwin

// Package machine says how much disk and how many open files the machine lets this process have, and whose a file is.
package machine

import "golang.org/x/sys/unix"

// FreeBytes returns how many bytes this process may still write on the disk of dir; false if the system doesn't say.
func FreeBytes(dir string) (int64, bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true
}

// OpenFiles returns how many files, connections included, this process may have open.
func OpenFiles() int {
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return assumedFiles
	}
	return int(min(lim.Cur, mostFiles))
}
