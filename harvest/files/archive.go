package files

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Bounds of what an archive or a compressed file may hold.
const (
	freeUnpacked = 64 << 20 // bytes that any of them may hold
	maxRatio     = 200      // and how many times its own size
	maxEntries   = 100_000
)

// errBomb says that a file is far larger when it is unpacked than it should be.
var errBomb = errors.New("unpacked, it is out of all proportion to its size; it was not read further")

// An entry is a stream of records within a file.
type entry struct {
	name    string // within the archive; empty if the file is none
	in      *bufio.Reader
	size    int64        // of the stream, in bytes; 0 if it is not known
	refused string       // why it must not be read; empty if it may
	unsafe  bool         // because of where it leads
	sheets  *spreadsheet // what the file is, if it is a spreadsheet; nil if it is a stream
}

// A tooMuch says that a file is larger than it may be when it is unpacked.
type tooMuch struct{ most int64 }

func (t tooMuch) Error() string {
	return fmt.Sprintf("unpacked, it has more than %d bytes; it was not read further", t.most)
}

// Is says that such a file is treated as one that is out of all proportion.
func (t tooMuch) Is(target error) bool { return target == errBomb }

// peeked is how much is looked at to tell what a stream is.
const peeked = 64 << 10

// unpack calls use with the streams of records in a file of this size: itself, what it is when it is decompressed, or each
// entry of the archive that it is, each within the budget. It ends with the first error.
func unpack(r io.ReaderAt, size int64, b budget, use func(entry) error) error {
	budget, inside := b, b // what is compressed, and what is in the archive in it
	in := bufio.NewReaderSize(io.NewSectionReader(r, 0, size), peeked)
	start, err := peek(in)
	switch {
	case err != nil:
		return err
	case bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return unpackZip(r, size, &budget, use)
	case isCompressed(start):
		if in, err = decompress(in, start, &budget); err != nil {
			return err
		}
		size = 0
		if start, err = peek(in); err != nil {
			return err
		}
	}
	if isTar(start) {
		return unpackTar(in, &inside, use)
	}
	return use(entry{in: in, size: size})
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// maxWindow is what zstd may look back within a stream, in bytes: what its own program takes unless it is told more.
const maxWindow = 128 << 20

// isCompressed reports whether a stream begins like one that [decompress] reads.
func isCompressed(start []byte) bool {
	return bytes.HasPrefix(start, gzipMagic) || bytes.HasPrefix(start, zstdMagic)
}

// decompress is what a compressed stream holds, within the budget: all of it, also if several were written one behind the
// other.
func decompress(in *bufio.Reader, start []byte, b *budget) (*bufio.Reader, error) {
	var z io.Reader
	var err error
	if bytes.HasPrefix(start, gzipMagic) {
		z, err = gzip.NewReader(in)
	} else { // on one goroutine, so there is nothing to close
		z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	}
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(b.bound(z), peeked), nil
}

// isTar reports whether a stream begins like a tar archive.
func isTar(start []byte) bool {
	const at = 257
	return len(start) > at+5 && string(start[at:at+5]) == "ustar"
}

// peek is the beginning of a stream, as much as there is.
func peek(in *bufio.Reader) ([]byte, error) {
	start, err := in.Peek(peeked)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return start, err
}

func unpackZip(r io.ReaderAt, size int64, b *budget, use func(entry) error) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return err
	}
	if len(z.File) > maxEntries {
		return fmt.Errorf("the archive has more than %d entries", maxEntries)
	}
	for _, f := range z.File {
		e := entry{name: f.Name}
		switch {
		case f.FileInfo().IsDir():
			continue
		case !isInside(f.Name):
			e.refuse("leads out of the archive's folder")
		case isHidden(f.Name):
			continue
		case !f.Mode().IsRegular():
			e.refuse("is not a regular file")
		case f.Flags&1 != 0:
			e.refused = "is encrypted"
		default:
			in, err := f.Open()
			if err != nil {
				e.refused = "can't be read: " + err.Error()
				break
			}
			if err := useEntry(e, b.bound(in), b, use); err != nil {
				return errors.Join(err, in.Close())
			}
			_ = in.Close() // it was only read
			continue
		}
		if err := use(e); err != nil {
			return err
		}
	}
	return nil
}

func unpackTar(in io.Reader, b *budget, use func(entry) error) error {
	t := tar.NewReader(in)
	for n := 0; ; n++ {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case n >= maxEntries:
			return fmt.Errorf("the archive has more than %d entries", maxEntries)
		}
		e := entry{name: h.Name}
		switch {
		case h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader:
			continue
		case !isInside(h.Name):
			e.refuse("leads out of the archive's folder")
			err = use(e)
		case isHidden(h.Name):
			continue
		case h.Typeflag != tar.TypeReg:
			e.refuse("is not a regular file")
			err = use(e)
		default:
			err = useEntry(e, b.bound(t), b, use) // a sparse entry is larger than what stands of it in the archive
		}
		if err != nil {
			return err
		}
	}
}

func (e *entry) refuse(why string) { e.refused, e.unsafe = why, true }

// useEntry uses the stream of an entry, which may be compressed once more, but is no archive.
func useEntry(e entry, r io.Reader, b *budget, use func(entry) error) error {
	e.in = bufio.NewReaderSize(r, peeked)
	start, err := peek(e.in)
	if err == nil && isCompressed(start) {
		var in *bufio.Reader
		if in, err = decompress(e.in, start, b); err == nil {
			e.in = in
			start, err = peek(e.in)
		}
	}
	switch {
	case errors.Is(err, errBomb):
		return err
	case err != nil:
		e.refused = "can't be read: " + err.Error()
	}
	if isTar(start) || bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		e.refused = "is an archive within an archive; unpack it"
	}
	return use(e)
}

// isInside reports whether the name of an entry stays within the archive.
func isInside(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	if path.IsAbs(name) || len(name) > 1 && name[1] == ':' {
		return false
	}
	clean := path.Clean(name)
	return clean != ".." && !strings.HasPrefix(clean, "../")
}

// isHidden reports whether an entry is one that programs keep for themselves.
func isHidden(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".")
}

// A budget is how many bytes may still be unpacked of a file.
type budget struct {
	left int64
	over error // what goes beyond it is; an [errBomb]
}

// budgetOf is the budget of a file of this size.
func budgetOf(size int64) budget { return budget{freeUnpacked + maxRatio*size, errBomb} }

// bound is a reader that keeps to the budget.
func (b *budget) bound(r io.Reader) io.Reader { return &bounded{r, b} }

type bounded struct {
	in io.Reader
	b  *budget
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.b.left <= 0 {
		return 0, b.b.over
	}
	n, err := b.in.Read(p)
	b.b.left -= int64(n)
	return n, err
}
