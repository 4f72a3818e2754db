package backup

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"
)

// A Place is where copies lie. Those that are not finished, and whatever is somebody else's, it neither lists nor
// touches, except that a copy which was broken off is cleared away by the next one.
type Place interface {
	// List gives the copies that are whole, the oldest first.
	List(context.Context) ([]Copy, error)
	// Write writes a copy under a name that no copy has. It returns nil when the copy is there for good, and was read back.
	Write(ctx context.Context, name string) error
	// Open reads a copy. Reading fails at the end if it is not what was written.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Remove removes a copy; it is no error if it is gone.
	Remove(ctx context.Context, name string) error
	// Where is the full name of a copy, for people.
	Where(name string) string
}

// A Copy is one that is there.
type Copy struct {
	Name string
	At   time.Time // when it was begun
	Size int64     // in bytes
}

// Names of copies.
const (
	prefix = "sheaf-"
	layout = "20060102T150405Z"
	suffix = ".db"
)

// Name is that of a copy begun at a time.
func Name(at time.Time) string { return prefix + at.UTC().Format(layout) + suffix }

// Begun says when a copy was begun, by its name; ok is false if the name is not that of a copy.
func Begun(name string) (at time.Time, ok bool) {
	middle, starts := strings.CutPrefix(name, prefix)
	middle, ends := strings.CutSuffix(middle, suffix)
	at, err := time.Parse(layout, middle)
	return at, starts && ends && err == nil
}

func oldestFirst(copies []Copy) {
	slices.SortFunc(copies, func(a, b Copy) int { return a.At.Compare(b.At) })
}
