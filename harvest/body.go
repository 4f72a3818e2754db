package harvest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

var (
	gzipMagic = []byte{0x1f, 0x8b, 0x08}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// A body may have this many bytes when it is decompressed, and this many times its size as it was sent: text shrinks
// less, and what grows more is made to fill the memory.
const (
	freeUnpacked = 64 << 20
	maxRatio     = 200
)

// readBody reads at most limit bytes and undoes compression. Servers are wrong about it both ways: a body that is
// compressed is decompressed even if no header says so, and one that is not is taken as it is even if a header says
// that it is compressed.
func readBody(r io.Reader, announcedSize int64, encodings []string, limit int64) ([]byte, error) {
	body, err := readAll(r, announcedSize, limit)
	if err != nil {
		return nil, err
	}
	announced := strings.Split(strings.ToLower(strings.Join(encodings, ",")), ",")
	for range 3 { // some proxies compress what is compressed
		var z io.Reader
		switch {
		case bytes.HasPrefix(body, gzipMagic):
			z, err = gzip.NewReader(bytes.NewReader(body))
		case bytes.HasPrefix(body, zstdMagic):
			var d *zstd.Decoder
			d, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(limit)+1))
			if err == nil {
				defer d.Close()
				z = d
			}
		case strings.TrimSpace(announced[len(announced)-1]) == "deflate":
			announced = announced[:len(announced)-1]
			announced = append(announced, "")
			z = deflated(body)
		}
		if err != nil {
			return nil, cut(err)
		}
		if z == nil {
			break
		}
		sent := int64(len(body))
		if body, err = readAll(z, 4*sent, min(limit, max(freeUnpacked, maxRatio*sent))); err != nil {
			return nil, cut(err)
		}
	}
	return body, nil
}

// deflated reads both meanings of "deflate": zlib, which the standard means, and the raw form that some servers send.
// It returns nil if the body is neither.
func deflated(body []byte) io.Reader {
	if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
		return z
	}
	probe := flate.NewReader(bytes.NewReader(body))
	if n, _ := io.ReadFull(probe, make([]byte, 16)); n == 0 || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return nil
	}
	return flate.NewReader(bytes.NewReader(body))
}

// cut turns the error of a compressed stream that ends too early or is damaged into that of a truncated answer.
func cut(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return tooLarge(0)
	}
	return &Error{Kind: Truncated, Detail: "the compressed answer is damaged", Err: err}
}

// readAll reads at most limit bytes. about is a guess of how many there will be.
func readAll(r io.Reader, about, limit int64) ([]byte, error) {
	body, err := ReadWhole(r, about, limit)
	if errors.Is(err, ErrTooLong) {
		return nil, tooLarge(limit)
	}
	return body, err
}

func tooLarge(limit int64) error {
	e := &Error{Kind: TooLarge}
	if limit > 0 {
		e.Detail = fmt.Sprintf("more than %d bytes", limit)
	}
	return e
}
