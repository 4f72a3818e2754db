//go:build linux || darwin

package machine

import (
	"io/fs"
	"syscall"
)

// Owner is the number of the user that a file belongs to; false if the system doesn't say.
func Owner(info fs.FileInfo) (user uint32, known bool) {
	s, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return s.Uid, true
}
