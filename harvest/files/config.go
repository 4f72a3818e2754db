package files

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Config says where files are, and how they are read.
type Config struct {
	// From says where the files are: names of files and folders, patterns of names as [filepath.Match] understands them,
	// and http and https URLs. The files of a folder are those of the folders below it too.
	From []string
	// Form is what the files hold; nil for MARC records.
	Form Form
	// Key says where a record of MARC has its identifier: "001", "003+001" or a subfield such as "999$c". The default is the
	// control number with the organization that gave it, "(DE-599)BV001", or the control number alone if field 003 is
	// missing.
	Key string
	// Encoding is how records of MARC in ISO 2709 are written that are not UTF-8: "marc-8", or one of those with a byte for
	// each character that tables can have. By default each says it itself: it is MARC-8, unless its leader says that it is
	// Unicode, which means that it can't be used.
	Encoding string
	// Complete says that the files together hold everything that the source has.
	Complete bool
	// Access holds what the server of a URL wants before it lets us in.
	Access harvest.Access
	// MaxBytes is how many bytes the answer of a URL may have; default 256 MiB. It is held in memory.
	MaxBytes int64
	// MaxUnpacked is how many bytes a file may have when it is unpacked, whatever its size; no more than [Source] bears if 0.
	MaxUnpacked int64
}

// defaultMaxBytes bounds the answer of a URL.
const defaultMaxBytes = 256 << 20

// A Fetcher asks a server for a file, as a [*harvest.Fetcher] does.
type Fetcher interface {
	Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error)
}

// check fills in the defaults, and says what can't work.
func (c *Config) check() error {
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if len(c.From) == 0 {
		return errors.New("from: say where the files are, such as /srv/export/*.mrc")
	}
	for _, from := range c.From {
		if isURL(from) {
			if u, err := url.Parse(from); err != nil || u.Host == "" {
				return fmt.Errorf("from: %q is not a whole URL, such as https://library.example.org/export.mrc", harvest.Shown(from))
			}
		} else if _, err := filepath.Match(from, ""); err != nil {
			return fmt.Errorf("from: %q is not a pattern of file names: %w", from, err)
		}
	}
	return nil
}

// isURL reports whether from is a URL, and not a name or a pattern of files.
func isURL(from string) bool {
	scheme, _, ok := strings.Cut(from, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}
