//go:build !linux

package sqlite

import "os"

// allocate takes room on the disk for a file.
func allocate(f *os.File, size int64) error { return allocateSlowly(f, size) }
