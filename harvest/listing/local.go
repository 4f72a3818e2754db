package listing

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// localPage reads the next saved file.
func (s *Source) localPage(c cursor) (*harvest.Page, error) {
	files, added, err := s.files(c)
	if err != nil {
		return nil, err
	}
	page, rows, err := s.localFile(files[0])
	if err != nil {
		return nil, err
	}
	if added {
		page.Unproven = true
		page.Warnings = append(page.Warnings, warnFiles)
	}
	// The cursor's own coverage stays as it is, because the same cursor may be asked for again.
	next := cursor{Version: cursorVersion, From: s.from, Rows: c.Rows.with(rows)}
	rest := skipFolders(files[1:])
	if len(rest) == 0 {
		page.Done = true
		if missing := next.Rows.missing(); missing != "" {
			page.Short = shortRows + missing
		} else if next.Rows.Lost && !page.Unproven {
			page.Unproven = true
			page.Warnings = append(page.Warnings, warnUncovered)
		}
		return page, nil
	}
	next.File, next.Left, next.Names = rest[0], len(rest), digest(rest...)
	page.Next = next.write()
	return page, nil
}

// skipFolders leaves out the folders at the beginning of a list of names. It looks only there, because the list is read
// again for each file, and asking about every name each time would take too long in a folder with many files.
func skipFolders(names []string) []string {
	for len(names) > 0 {
		info, err := os.Stat(names[0])
		if err != nil || !info.IsDir() {
			break
		}
		names = names[1:]
	}
	return names
}

// files returns the files that are left of the pass, sorted by name. added says that some of them were not there before.
func (s *Source) files(c cursor) (left []string, added bool, err error) {
	for _, pattern := range s.config.From {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, false, &harvest.Error{Kind: harvest.Config, Detail: "from: " + pattern, Err: err}
		}
		left = append(left, names...)
	}
	slices.Sort(left)
	left = slices.Compact(left)
	if c.File != "" {
		i, found := slices.BinarySearch(left, c.File)
		if !found {
			return nil, false, vanished(c.File)
		}
		left = left[i:]
		if digest(left...) == c.Names {
			return left, false, nil
		}
		if len(left) <= c.Left {
			return nil, false, vanished("a file after " + filepath.Base(c.File))
		}
		return left, true, nil
	}
	if left = skipFolders(left); len(left) == 0 {
		return nil, false, &harvest.Error{Kind: harvest.Config,
			Detail: "no file matches " + strings.Join(s.config.From, " or ") + "; nothing was deleted because of that"}
	}
	return left, false, nil
}

func vanished(name string) error {
	return &harvest.Error{Kind: harvest.Config, Restart: true,
		Detail: filepath.Base(name) + " was there when the pass began, and is gone: the next harvest begins again"}
}

// localFile reads one file. A file that is not a page of the listing becomes one rejected item, and the pass goes on.
func (s *Source) localFile(name string) (*harvest.Page, Count, error) {
	key := s.fileKey(name)
	body, err := readFile(name, s.config.MaxBytes)
	if errors.Is(err, errTooLarge) {
		r := reject(reasonTooLarge, "the file has more than %d bytes", s.config.MaxBytes)
		return rejectedPage(key, body[:min(len(body), keptBytes)], r), Count{}, nil
	}
	if err != nil {
		return nil, Count{}, &harvest.Error{Kind: harvest.Unreachable, Detail: "reading " + filepath.Base(name), Err: err}
	}
	found, bad := s.read(body, "", "")
	if bad == nil && len(found.rows) == 0 {
		if e := found.noRows(found.selector != ""); e != nil {
			bad = &harvest.Rejection{Reason: string(e.Kind), Detail: e.Detail}
		}
	}
	count, counted := found.count()
	if bad != nil {
		return rejectedPage(key, body, bad), Count{}, nil
	}
	page := &harvest.Page{Full: true, Total: count.Total}
	page.Items, page.Warnings = s.items(found.rows, s.besides(name, found.from))
	if slices.ContainsFunc(found.rows, func(r row) bool { return r.link != "" && !isURL(r.link) }) {
		page.Warnings = append(page.Warnings, warnRelative)
	}
	switch {
	case !counted:
		page.Unproven = true
		page.Warnings = append(page.Warnings, warnNoCount)
	case count.Total == 0:
		page.Unproven = true
		page.Warnings = append(page.Warnings, warnEmpty)
	case count.To == 0:
		if count.Total == len(found.rows) {
			count.From, count.To = 1, count.Total
		}
	}
	return page, count, nil
}

// keptBytes is how much of a page that is too large is kept for the person who looks at it.
const keptBytes = 64 << 10

var errTooLarge = errors.New("too large")

// readFile reads a regular file of at most limit bytes. Beside errTooLarge it returns the beginning.
func readFile(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = errTooLarge
	}
	return body, err
}

// fileKey names a file by its path below the folder that all files are in, so that the folder can move.
func (s *Source) fileKey(name string) string {
	if rel, err := filepath.Rel(s.folder(), name); err == nil {
		name = rel
	}
	return "page:" + strings.ToValidUTF8(filepath.ToSlash(name), "\ufffd")
}

// folder is the one that all files are in.
func (s *Source) folder() string {
	folder := filepath.Dir(s.config.From[0])
	for strings.ContainsAny(folder, `*?[`) {
		folder = filepath.Dir(folder)
	}
	return folder
}

// rejectedPage is a page of which nothing is believed.
func rejectedPage(key string, body []byte, why *harvest.Rejection) *harvest.Page {
	return &harvest.Page{Full: true, Unproven: true, Short: shortPage, Items: []harvest.Item{{
		Key: key, Format: harvest.Format{Prefix: pageFormat}, Original: body, Rejected: why,
	}}}
}
