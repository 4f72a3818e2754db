package listing

import (
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// errNotSaved says that no file beside a saved listing is the page of a row.
var errNotSaved = errors.New("not saved")

// besides adds to the rows of a saved page the pages that were saved beside it.
// own is where the listing was saved from; nil if nobody knows.
func (s *Source) besides(name string, own *url.URL) func(*row, *harvest.Item) {
	if s.detail == nil {
		return nil
	}
	folder := s.folder()
	below, err := filepath.Rel(folder, filepath.Dir(name))
	if err != nil || !filepath.IsLocal(below) {
		folder, below = filepath.Dir(name), "."
	}
	return func(r *row, item *harvest.Item) {
		if r.link == "" {
			return
		}
		body, err := savedDetail(folder, savedNames(filepath.ToSlash(below), r, own))
		switch {
		case errors.Is(err, errNotSaved) && s.config.Detail.Optional:
			return
		case errors.Is(err, errNotSaved):
			item.Rejected = reject(reasonNoDetail, "no file beside the saved listing is the page of %s; save it as %s", harvest.Shown(r.link), strings.Join(savedNames(".", r, own)[:1], ""))
			return
		case err != nil:
			item.Rejected = reject(reasonNoDetail, "the saved page of %s can't be read: %v", harvest.Shown(r.link), err)
			return
		}
		found, wall, why := s.detail.take(decode(body, "text/html"))
		switch {
		case wall:
			item.Rejected = reject(reasonNoDetail, "what was saved of %s is a page that asks whether one is human", harvest.Shown(r.link))
		case why != "":
			item.Rejected = reject(reasonNoDetail, "what was saved of %s is not its page: %s", harvest.Shown(r.link), why)
		default:
			found.join(item)
		}
	}
}

// savedDetail reads the file that is the page of a row. No name leads out of the folder, by a link neither, because the
// names are made of what a page of the web says.
func savedDetail(folder string, names []string) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	for _, name := range names {
		info, err := root.Stat(name)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		return readDetailFile(root, name)
	}
	return nil, errNotSaved
}

func readDetailFile(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxDetail+1))
	if err == nil && len(body) > maxDetail {
		err = &fs.PathError{Op: "read", Path: name, Err: errTooLarge}
	}
	return body, err
}

// savedNames are the files that may be the page of a row, in the order in which they are tried. below is the folder of the
// listing. A name has the whole path of the link, and its query: one with less of it could be another record's page.
func savedNames(below string, r *row, own *url.URL) (names []string) {
	for _, link := range []string{r.href, r.link} {
		u, err := url.Parse(link)
		if err != nil || u.Opaque != "" || strings.Trim(u.Path, "/") == "" && u.RawQuery == "" {
			continue
		}
		stem := strings.TrimRight(u.Path, "/")
		folders := []string{below}
		if u.Host != "" {
			folders = []string{path.Join(below, u.Hostname()), u.Hostname()}
		}
		if u.Host == "" || own != nil && strings.EqualFold(u.Host, own.Host) {
			folders = append(folders, below, ".")
		}
		stems := []string{stem}
		if u.RawQuery != "" {
			stems = []string{stem + "?" + u.RawQuery, stem + "@" + u.RawQuery}
		}
		for _, folder := range folders {
			for _, stem := range stems {
				for _, end := range []string{".html", "", ".htm", "/index.html"} {
					names = append(names, path.Join(folder, stem+end))
				}
			}
		}
	}
	return names
}
