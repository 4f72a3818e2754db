//go:build !linux && !darwin

package machine

import "io/fs"

// FreeBytes returns how many bytes this process may still write on the disk of dir; false if the system doesn't say.
func FreeBytes(string) (int64, bool) { return 0, false }

// OpenFiles returns how many files, connections included, this process may have open.
func OpenFiles() int { return assumedFiles }

// Owner is the number of the user that a file belongs to; false if the system doesn't say.
func Owner(fs.FileInfo) (user uint32, known bool) { return 0, false }
