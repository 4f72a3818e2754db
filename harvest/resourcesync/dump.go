package resourcesync

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Bounds of a package and of what is in it.
const (
	maxFiles     = 100_000
	freeUnpacked = 64 << 20 // bytes that any package may hold when it is unpacked
	maxRatio     = 200      // and how many times its own size
	maxResource  = 16 << 20 // bytes of one resource
)

// A pack is a package of a dump.
type pack struct {
	files    map[string]*zip.File
	manifest *document
}

// A packError says why a package, or a file of it, can't be used.
type packError struct{ reason, why string }

func (e *packError) Error() string { return e.why }

// errNotThere says that a package lacks a file that its manifest names.
var errNotThere = errors.New("the package does not have the file that its manifest names")

// fetchPack fetches a package, which stays in memory. What is wrong with it is a [*packError].
func (s *Source) fetchPack(ctx context.Context, u *unit, capability string) (*pack, error) {
	res, err := s.get(ctx, u.url, "application/zip, */*;q=0.5", s.config.MaxDump)
	if err != nil {
		return nil, err
	}
	length, hash := u.md.checks()
	if why := verify(res.Body, length, hash); why != "" {
		return nil, &packError{reasonMismatch, why}
	}
	return openPack(res.Body, capability)
}

// openPack reads the manifest of a package.
func openPack(body []byte, capability string) (*pack, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, &packError{reasonMalformed, "it is not a zip archive: " + err.Error()}
	}
	if len(z.File) > maxFiles {
		return nil, &packError{reasonTooLarge, fmt.Sprintf("it has more than %d files", maxFiles)}
	}
	p := &pack{files: make(map[string]*zip.File, len(z.File))}
	most := uint64(freeUnpacked + maxRatio*len(body))
	total := uint64(0)
	for _, f := range z.File {
		if total += min(f.UncompressedSize64, most+1); total > most {
			return nil, &packError{reasonTooLarge, "unpacked, it is out of all proportion to its size"}
		}
		p.files[f.Name] = f
	}
	data, err := p.read("manifest.xml", maxList)
	if errors.Is(err, errNotThere) {
		return nil, &packError{reasonMalformed, "it has no manifest.xml"}
	}
	if err != nil {
		return nil, err
	}
	if p.manifest, err = parse(data); err != nil {
		return nil, &packError{reasonMalformed, "its manifest can't be read: " + err.Error()}
	}
	if got := p.manifest.md.capability; got != capability || p.manifest.index {
		return nil, &packError{reasonMalformed, fmt.Sprintf("its manifest should be of capability %s", capability)}
	}
	return p, nil
}

// read reads a file of the package.
func (p *pack) read(name string, limit int64) ([]byte, error) {
	clean := strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/")
	if c := path.Clean(clean); c == ".." || strings.HasPrefix(c, "../") || path.IsAbs(c) || len(c) > 1 && c[1] == ':' {
		return nil, &packError{reasonUnsafe, "its path in the package leads out of it"}
	}
	f := p.files[clean]
	switch {
	case f == nil:
		return nil, errNotThere
	case !f.Mode().IsRegular():
		return nil, &packError{reasonUnsafe, "it is not a regular file of the package"}
	case f.UncompressedSize64 > uint64(limit):
		return nil, tooLong(limit)
	}
	in, err := f.Open()
	if err != nil {
		return nil, &packError{reasonMalformed, "it can't be read from the package: " + err.Error()}
	}
	defer in.Close()
	body, err := io.ReadAll(io.LimitReader(in, limit+1))
	switch {
	case int64(len(body)) > limit: // more than its header says
		return nil, tooLong(limit)
	case err != nil:
		return body, &packError{reasonMalformed, "it can't be read from the package: " + err.Error()}
	}
	return body, nil
}

func tooLong(limit int64) error {
	return &packError{reasonTooLarge, fmt.Sprintf("it has more than %d bytes", limit)}
}

// manifestOf is the capability of the manifests of a dump.
func manifestOf(dump string) string {
	if dump == aChangeDump {
		return aChangeDumpIn
	}
	return aResourceDumpIn
}

// name names a package or a part of a list for people.
func (u *unit) name() string { return harvest.Shown(u.url) }
