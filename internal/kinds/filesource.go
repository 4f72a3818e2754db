package kinds

import (
	"cmp"
	"context"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// What the kinds have in common whose records are in files.

// checkFileSource checks the keys of a source of files. complete says that the files together hold everything.
func checkFileSource(s *config.Source, complete bool, r *config.Report) {
	if s.Absent != nil && !complete {
		r.Problem("absent", "needs complete: true; files of changes say nothing of the records that are not in them")
	}
}

// openFiles makes the source of files; f may be nil where none is on a server.
func openFiles(c files.Config, f *harvest.Fetcher) (*files.Source, error) {
	if f == nil {
		return files.New(c, nil)
	}
	return files.New(c, f)
}

// maxShown bounds the records of a file that are looked at.
const maxShown = 1000

// ItemsOfCollection reads the records of a saved file of any source that is a collection of them, such as a modsCollection.
// It is nothing if the file holds one original.
func ItemsOfCollection(f File) ([]harvest.Item, error) {
	return files.Collected(cmp.Or(f.Path, "standard input"), f.Content, maxShown)
}

// itemsInFile reads the records of a saved file as a harvest would. The deleted ones have nothing to show.
func itemsInFile(open func(*config.Source, *harvest.Fetcher) (*files.Source, error)) func(context.Context, string, *config.Source, File) ([]harvest.Item, error) {
	return func(_ context.Context, _ string, s *config.Source, f File) (out []harvest.Item, err error) {
		local := *s
		local.From = []string{config.Literal(cmp.Or(f.Path, "-"))}
		src, err := open(&local, nil)
		if err != nil {
			return nil, err
		}
		items, err := src.Items(cmp.Or(f.Path, "standard input"), f.Content, maxShown)
		for _, item := range items {
			if !item.Deleted {
				out = append(out, item)
			}
		}
		return out, err
	}
}
