package files

import (
	"bytes"
	"io"
)

// oleStart is how files in Microsoft's old container begin: .xls, .doc, and a workbook that is protected by a password.
const oleStart = "\xd0\xcf\x11\xe0"

// oleName is the name of the part of a container that holds an encrypted workbook, as it stands in the directory.
const oleName = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"

// maxOLE bounds how much of a container is searched, in bytes.
const maxOLE = 256 << 20

// whatOLE says what a container is, and what to do about it.
func whatOLE(in io.Reader) (string, error) {
	protected, err := holds(io.LimitReader(in, maxOLE), []byte(oleName))
	if protected {
		return "the spreadsheet is protected by a password; save it without one", err
	}
	return "the file is a spreadsheet of an old kind (.xls); save it as .xlsx, .ods or CSV", err
}

// holds reports whether a stream has some bytes anywhere.
func holds(in io.Reader, what []byte) (bool, error) {
	buf := make([]byte, 0, 64<<10)
	for {
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case bytes.Contains(buf, what):
			return true, nil
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		}
		kept := copy(buf, buf[max(0, len(buf)-len(what)+1):])
		buf = buf[:kept]
	}
}
