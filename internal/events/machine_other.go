//go:build !linux && !darwin

package events

// Where the system can't be asked, these are what is safe to assume.

func freeBytes(string) int64 { return defaultBytes }

func openFiles() uint64 { return 1024 }
