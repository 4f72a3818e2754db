package xmlscan

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// A SyntaxError says where and why a document is not well-formed XML, or exceeds a limit.
type SyntaxError struct {
	Msg    string
	Offset int // bytes from the start of the data
	Line   int // from 1
	Column int // in characters, from 1
	// Truncated means that the data ended too early: what there is could be the beginning of a well-formed document.
	Truncated bool
	// Limit means that the document exceeds one of the [Limits].
	Limit bool
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("XML line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Position gives line and column (from 1, in characters) of the byte at the offset.
func Position(data []byte, offset int) (line, column int) {
	before := data[:min(max(offset, 0), len(data))]
	line = 1 + bytes.Count(before, []byte{'\n'})
	column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return line, column
}

func (s *Scanner) errorAt(offset int, format string, args ...any) *SyntaxError {
	line, column := Position(s.data, offset)
	return &SyntaxError{Msg: fmt.Sprintf(format, args...), Offset: offset, Line: line, Column: column}
}

func (s *Scanner) truncated(inside string) *SyntaxError {
	err := s.errorAt(len(s.data), "the document ends inside %s", inside)
	err.Truncated = true
	return err
}

func (s *Scanner) overLimit(offset int, format string, args ...any) *SyntaxError {
	err := s.errorAt(offset, format, args...)
	err.Limit = true
	return err
}
