//go:build linux || darwin

package sqlite

import "golang.org/x/sys/unix"

// diskFree is how many bytes this process may still write where dir is.
func diskFree(dir string) (int64, bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true
}
