package marc

import (
	"bufio"
	"bytes"
	"errors"
)

// xmlTags reads the tags of a stream of XML, which need not be well-formed. Comments, CDATA sections and
// processing instructions are passed over, because what looks like a tag in them is none.
type xmlTags struct {
	*stream
	tag []byte
}

// maxTag bounds a tag. What is longer is treated as text.
const maxTag = 64 << 10

// read reads up to the end of the next tag, and is the tag and its offset. What stands before the tag goes to keep,
// if it is not nil. The tag is valid until the next call.
func (x *xmlTags) read(keep func([]byte)) (tag []byte, at int64, err error) {
	if keep == nil {
		keep = func([]byte) {}
	}
	for {
		if err := x.passText(keep); err != nil {
			return nil, 0, err
		}
		ahead, _ := x.in.Peek(len("<![CDATA["))
		end := ""
		switch {
		case bytes.HasPrefix(ahead, []byte("<!--")):
			end = "-->"
		case string(ahead) == "<![CDATA[":
			end = "]]>"
		case bytes.HasPrefix(ahead, []byte("<?")):
			end = "?>"
		}
		if at = x.offset; end == "" {
			err = x.readTag(keep)
		} else {
			err = x.passTo(end, keep)
		}
		if err != nil || end == "" {
			return x.tag, at, err
		}
	}
}

// passText passes over text, up to the next "<".
func (x *xmlTags) passText(keep func([]byte)) error {
	for {
		b, err := x.in.ReadSlice('<')
		if err == nil {
			b = b[:len(b)-1]
			keep(b)
			x.offset += int64(len(b))
			return x.in.UnreadByte()
		}
		keep(b)
		if x.offset += int64(len(b)); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// passTo passes over a comment or the like, up to its end.
func (x *xmlTags) passTo(end string, keep func([]byte)) error {
	var last []byte // the bytes that may be the beginning of end
	for {
		b, err := x.in.ReadSlice('>')
		keep(b)
		x.offset += int64(len(b))
		last = append(last, b[max(0, len(b)-len(end)):]...)
		last = last[max(0, len(last)-len(end)):]
		if err == nil && string(last) == end {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// readTag reads a tag into x.tag. A "<" within a tag is not XML; there another tag begins. Where the stream ends
// in a tag, what was read goes to keep.
func (x *xmlTags) readTag(keep func([]byte)) error {
	x.tag = x.tag[:0]
	quote := byte(0)
	for {
		c, err := x.in.ReadByte()
		switch {
		case err != nil:
			keep(x.tag)
			return err
		case c == '<' && len(x.tag) > 0:
			return x.in.UnreadByte()
		}
		x.offset++
		if x.tag = append(x.tag, c); len(x.tag) > maxTag {
			keep(x.tag)
			x.tag = x.tag[:0]
			return nil
		}
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return nil
		case c == '"' || c == '\'':
			quote = c
		}
	}
}

// tagName is the name in a tag, with its prefix; empty if it is no tag of an element.
func tagName(tag []byte) []byte {
	name := bytes.TrimPrefix(bytes.TrimPrefix(tag, []byte("<")), []byte("/"))
	if end := bytes.IndexAny(name, " \t\r\n/>"); end >= 0 {
		name = name[:end]
	}
	if len(name) == 0 || bytes.IndexByte([]byte("!?"), name[0]) >= 0 {
		return nil
	}
	return name
}

// localName is the name in a tag without its prefix.
func localName(tag []byte) string {
	name := tagName(tag)
	return string(name[bytes.LastIndexByte(name, ':')+1:])
}

func isEndTag(tag []byte) bool { return bytes.HasPrefix(tag, []byte("</")) }

func isEmptyTag(tag []byte) bool { return bytes.HasSuffix(tag, []byte("/>")) }
