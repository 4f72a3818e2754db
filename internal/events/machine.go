//go:build linux || darwin

package events

import "golang.org/x/sys/unix"

// freeBytes is how much this process may still write where dir is.
func freeBytes(dir string) int64 {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return defaultBytes
	}
	return int64(fs.Bavail) * int64(fs.Bsize)
}

// openFiles is how many files this process may have open.
func openFiles() uint64 {
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return 1024
	}
	return uint64(lim.Cur)
}
