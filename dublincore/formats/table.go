package formats

import (
	"fmt"
	"slices"
)

// A Table has a number of formats, each with all versions of its writer. Records that change are written by the newest
// version, the others by the version that wrote them before. A Table never changes, and many goroutines may use it at
// once. The formats that it returns must not be changed.
type Table struct {
	formats [][]Format // the versions of each, from 1
}

// All are the newest versions of the formats, always in the same order.
func (t *Table) All() []Format {
	out := make([]Format, len(t.formats))
	for i, versions := range t.formats {
		out[i] = versions[len(versions)-1]
	}
	return out
}

// Named finds the newest version of a format by its prefix.
func (t *Table) Named(prefix string) (*Format, bool) {
	versions := t.versions(prefix)
	return t.At(prefix, len(versions))
}

// At finds a version of a format.
func (t *Table) At(prefix string, version int) (*Format, bool) {
	versions := t.versions(prefix)
	if version < 1 || version > len(versions) {
		return nil, false
	}
	return &versions[version-1], true
}

func (t *Table) versions(prefix string) []Format {
	for _, versions := range t.formats {
		if versions[0].Prefix == prefix {
			return versions
		}
	}
	return nil
}

// With is the table with one more version of one of its formats, which [Format.Next] of the newest version makes, or
// with the first version of a format that it does not have. Any other version is a mistake of the programmer, and
// panics.
func (t *Table) With(f Format) *Table {
	out := &Table{slices.Clone(t.formats)}
	for i, versions := range out.formats {
		if versions[0].Prefix == f.Prefix && f.Version == len(versions)+1 {
			out.formats[i] = append(slices.Clip(versions), f)
			return out
		}
	}
	if f.Version == 1 && out.versions(f.Prefix) == nil {
		out.formats = append(out.formats, []Format{f})
		return out
	}
	panic(fmt.Sprintf("formats: version %d of %s is not the next", f.Version, f.Prefix))
}
