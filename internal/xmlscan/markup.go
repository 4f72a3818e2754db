package xmlscan

import (
	"bytes"
	"strings"
)

var (
	cdataOpen  = []byte("<![CDATA[")
	cdataClose = []byte("]]>")
	dashes     = []byte("--")
	piClose    = []byte("?>")
)

// bang reads what begins with "<!": a comment, or a CDATA section, which is text.
func (s *Scanner) bang() (isText bool, err error) {
	rest := s.data[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return false, s.comment()
	case bytes.HasPrefix(rest, cdataOpen):
		if len(s.open) == 0 {
			return false, s.errorAt(s.pos, "there is a CDATA section outside the root element")
		}
		return s.cdata()
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return false, s.errorAt(s.pos, "a document type declaration is not allowed")
	case bytes.HasPrefix([]byte("<!--"), rest), bytes.HasPrefix(cdataOpen, rest), bytes.HasPrefix([]byte("<!DOCTYPE"), rest):
		return false, s.truncated("a tag")
	}
	return false, s.errorAt(s.pos, "<! begins neither a comment nor a CDATA section")
}

func (s *Scanner) comment() error {
	from := s.pos + 4
	n := bytes.Index(s.data[from:], dashes)
	if n < 0 || from+n+2 == len(s.data) {
		return s.truncated("a comment")
	}
	if s.data[from+n+2] != '>' {
		return s.errorAt(from+n, "-- stands inside a comment")
	}
	s.pos = from + n + 3
	return s.checkChars(from, from+n)
}

// cdata reads a CDATA section; an empty one is nothing.
func (s *Scanner) cdata() (isText bool, err error) {
	from := s.pos + len(cdataOpen)
	n := bytes.Index(s.data[from:], cdataClose)
	if n < 0 {
		return false, s.truncated("a CDATA section")
	}
	to := from + n
	if err := s.checkChars(from, to); err != nil {
		return false, err
	}
	s.pos = to + len(cdataClose)
	s.text = s.data[from:to]
	if bytes.IndexByte(s.text, '\r') >= 0 {
		s.scratch = s.scratch[:0]
		for i := from; i < to; {
			if s.data[i] == '\r' {
				i, s.scratch = lineEnd(s.data[:to], i, s.scratch)
				continue
			}
			s.scratch = append(s.scratch, s.data[i])
			i++
		}
		s.text = s.scratch
	}
	return n > 0, nil
}

// instruction passes over a processing instruction, or the XML declaration at the very start.
func (s *Scanner) instruction() error {
	from := s.pos + 2
	n := bytes.Index(s.data[from:], piClose)
	if n < 0 {
		return s.truncated("a processing instruction")
	}
	to := from + n
	if err := s.checkChars(from, to); err != nil {
		return err
	}
	nameEnd, colon, err := s.name(from)
	if err != nil {
		return err
	}
	if colon >= 0 || nameEnd > to || nameEnd < to && class[s.data[nameEnd]]&isSpace == 0 {
		return s.errorAt(from, "a processing instruction has no proper name")
	}
	if strings.EqualFold(string(s.data[from:nameEnd]), "xml") {
		if err := s.declaration(from, nameEnd, to); err != nil {
			return err
		}
	}
	s.pos = to + len(piClose)
	return nil
}

// declaration checks the XML declaration (section 2.8): version 1.0, encoding UTF-8.
func (s *Scanner) declaration(from, i, to int) error {
	first := 2
	if bytes.HasPrefix(s.data, []byte("\xef\xbb\xbf")) {
		first += 3
	}
	if from != first {
		return s.errorAt(s.pos, "an XML declaration stands inside the document")
	}
	if string(s.data[from:i]) != "xml" {
		return s.errorAt(from, "the XML declaration is not in lower case")
	}
	for step, want := range []string{"version", "encoding", "standalone"} {
		j := s.skipSpace(i)
		if j == to {
			if step == 0 {
				return s.errorAt(i, "the XML declaration has no version")
			}
			return nil
		}
		if !bytes.HasPrefix(s.data[j:to], []byte(want)) {
			if step == 0 {
				return s.errorAt(j, "the XML declaration does not begin with the version")
			}
			continue
		}
		if j == i {
			return s.errorAt(j, "white space is missing in the XML declaration")
		}
		value, next, ok := s.pseudoAttr(j+len(want), to)
		if !ok || !validPseudo(want, value) {
			return s.errorAt(j, "the XML declaration's %s is %q, which can't be read", want, value)
		}
		i = next
	}
	if s.skipSpace(i) != to {
		return s.errorAt(i, "the XML declaration holds more than it may")
	}
	return nil
}

func validPseudo(name, value string) bool {
	switch name {
	case "version":
		return value == "1.0"
	case "encoding":
		return strings.EqualFold(value, "UTF-8") || strings.EqualFold(value, "US-ASCII")
	}
	return value == "yes" || value == "no"
}

// pseudoAttr reads `= "value"` of the XML declaration.
func (s *Scanner) pseudoAttr(i, to int) (value string, next int, ok bool) {
	i = s.skipSpace(i)
	if i >= to || s.data[i] != '=' {
		return "", 0, false
	}
	i = s.skipSpace(i + 1)
	if i >= to || s.data[i] != '"' && s.data[i] != '\'' {
		return "", 0, false
	}
	n := bytes.IndexByte(s.data[i+1:to], s.data[i])
	if n < 0 {
		return "", 0, false
	}
	return string(s.data[i+1 : i+1+n]), i + n + 2, true
}

func (s *Scanner) skipSpace(i int) int {
	for i < len(s.data) && class[s.data[i]]&isSpace != 0 {
		i++
	}
	return i
}
