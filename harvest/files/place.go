package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// maxFiles bounds the files of a source.
const maxFiles = 200_000

// A file is one that a source is to read.
type file struct {
	position
	url  string   // of a URL; else empty
	root *os.Root // the folder that it is in, which it can't lead out of
	info fs.FileInfo
	// refused says why it must not be read; empty if it may.
	refused string
}

// name is what people call the file.
func (f *file) name() string {
	if f.url != "" {
		return harvest.Shown(f.url)
	}
	return f.Name
}

// id is what the file is remembered by.
func (f *file) id() stamp { return digest(fmt.Sprint(f.Place), f.Name) }

// state is the size and the time of a file.
func (f *file) state() stamp { return stateOf(f.info, f.refused) }

func stateOf(info fs.FileInfo, refused string) stamp {
	if info == nil {
		return digest("refused", refused)
	}
	return digest(fmt.Sprint(info.Size()), fmt.Sprint(info.ModTime().UnixNano()))
}

// A listing is all files of a source in their order.
type listing struct {
	files []file
	roots []*os.Root
}

func (l *listing) close() {
	for _, r := range l.roots {
		_ = r.Close() // it was only read
	}
}

// list finds the files. Those of a place stand in the order of their names, and places in the order of the configuration.
func (s *Source) list(ctx context.Context) (l *listing, err error) {
	l = &listing{}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	for place, from := range s.config.From {
		if err := ctx.Err(); err != nil {
			return l, err
		}
		had := len(l.files)
		if isURL(from) {
			l.files = append(l.files, file{position: position{Place: place, Set: true}, url: from})
			continue
		}
		if err := l.add(place, from); err != nil {
			return l, err
		}
		slices.SortFunc(l.files[had:], func(a, b file) int { return strings.Compare(a.Name, b.Name) })
	}
	return l, nil
}

// add finds the files of a name or a pattern.
func (l *listing) add(place int, from string) error {
	where, err := whereIs(from)
	if err != nil {
		return absent(from, err)
	}
	root, err := os.OpenRoot(where.folder)
	if err != nil {
		return absent(from, err)
	}
	l.roots = append(l.roots, root)
	switch {
	case where.name != "":
		return l.addFile(place, root, where.name)
	case where.pattern != "":
		return l.addMatches(place, root, ".", strings.Split(where.pattern, "/"))
	}
	return l.addFolder(place, root)
}

// addMatches adds the files below a folder whose names match a pattern, a part for each level. Unlike [fs.Glob] it does
// not take a folder that can't be read for one without files.
func (l *listing) addMatches(place int, root *os.Root, folder string, parts []string) error {
	entries, err := fs.ReadDir(root.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return unreadable(folder, err)
	}
	for _, d := range entries {
		if ok, err := path.Match(parts[0], d.Name()); err != nil || !ok || d.Name()[0] == '.' && parts[0][0] != '.' {
			continue
		}
		name := path.Join(folder, d.Name())
		isFolder, leadsOut := d.IsDir(), false
		if d.Type()&fs.ModeSymlink != 0 {
			info, err := root.Stat(name)
			isFolder, leadsOut = err == nil && info.IsDir(), err != nil
		}
		switch last := len(parts) == 1; {
		case !last && isFolder:
			err = l.addMatches(place, root, name, parts[1:])
		case last || leadsOut: // of a link that leads out, somebody must know
			err = l.addFile(place, root, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addFolder adds the files of a folder and of those below it. Links to folders are not followed.
func (l *listing) addFolder(place int, root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it was removed meanwhile
		case err != nil:
			return unreadable(name, err)
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if d.IsDir() {
				return fs.SkipDir // what programs keep for themselves
			}
			return nil
		case d.IsDir():
			return nil
		}
		return l.addFile(place, root, name)
	})
}

// addFile adds a file of a folder. A link that leads out of the folder is added as one that must not be read, so that
// somebody sees it.
func (l *listing) addFile(place int, root *os.Root, name string) error {
	if len(l.files) >= maxFiles {
		return &harvest.Error{Kind: harvest.Config, Detail: fmt.Sprintf("there are more than %d files; make a source of each part of them", maxFiles)}
	}
	f := file{position: position{place, name, true}, root: root}
	info, err := root.Stat(name)
	if err != nil {
		link, lerr := root.Lstat(name)
		switch {
		case errors.Is(lerr, fs.ErrNotExist):
			return nil // it was removed meanwhile
		case lerr == nil && link.Mode()&fs.ModeSymlink != 0:
			f.refused = "is a symbolic link that leads to no file within its folder"
		default:
			return unreadable(name, err)
		}
	} else if info.IsDir() {
		return nil
	} else if !info.Mode().IsRegular() {
		f.refused = "is not a regular file"
	} else {
		f.info = info
	}
	l.files = append(l.files, f)
	return nil
}

// A where says where the files of a name or a pattern are: in the folder, all of them unless there is a name or a pattern.
type where struct{ folder, name, pattern string }

// whereIs understands a name or a pattern. A name that was written out is followed wherever it leads.
func whereIs(from string) (where, error) {
	if name, ok := literal(from); ok {
		real, err := filepath.EvalSymlinks(name)
		if err != nil {
			return where{}, err
		}
		info, err := os.Stat(real)
		if err != nil || info.IsDir() {
			return where{folder: real}, err
		}
		return where{folder: filepath.Dir(real), name: filepath.Base(real)}, nil
	}
	folder := from
	for !isLiteral(folder) {
		folder = filepath.Dir(folder)
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(from, folder), string(filepath.Separator))
	folder, _ = literal(folder)
	return where{folder: cmp.Or(folder, "."), pattern: filepath.ToSlash(rest)}, nil
}

// literal is the name that a pattern without wildcards means.
func literal(pattern string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern) && filepath.Separator != '\\':
			i++
			b.WriteByte(pattern[i])
		case strings.IndexByte("*?[", c) >= 0:
			return "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

func isLiteral(pattern string) bool {
	_, ok := literal(pattern)
	return ok
}

// absent is a place that is not there, or can't be read. A share that is not mounted must not look like one whose files
// are gone.
func absent(from string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &harvest.Error{Kind: harvest.Config, Detail: "there is no " + from + "; nothing was deleted because of that"}
	}
	return unreadable(from, err)
}

// unreadable is a file or folder that can't be read at present.
func unreadable(name string, err error) error {
	return &harvest.Error{Kind: harvest.Unreachable, Detail: "reading " + path.Base(filepath.ToSlash(name)), Err: err}
}
