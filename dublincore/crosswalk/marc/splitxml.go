package marc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// An xmlSplitter cuts the elements named record out of a stream of XML. It looks at no more of the markup than it
// needs for that, so that a record which is not well-formed ends where the next one begins, and not where the
// stream does.
type xmlSplitter struct {
	tags    xmlTags
	outside [][]byte // the start tags of the elements around the records, outermost first
	root    string   // the name of the outermost
	stray   bool     // fields were met outside a record
	ahead   []byte   // the start tag of a record that was met before the last one ended, and its offset
	aheadAt int64
}

// maxOutside bounds the elements around the records. A collection has one, a response of OAI-PMH four.
const maxOutside = 64

// cut reads the next record.
func (x *xmlSplitter) cut() (broken, err error) {
	for {
		x.tags.next()
		tag := x.ahead
		if x.ahead = nil; tag != nil {
			x.tags.start = x.aheadAt
		} else if tag, err = x.find(); err != nil {
			return nil, err
		}
		if broken, err = x.record(tag); !errors.Is(broken, errAround) {
			return broken, err
		}
	}
}

// errAround means that what looked like a record only stands around the next one.
var errAround = errors.New("an element named record around a record")

// find reads up to the start tag of the next record.
func (x *xmlSplitter) find() ([]byte, error) {
	for {
		tag, at, err := x.tags.read(nil)
		if errors.Is(err, io.EOF) {
			return nil, x.atEnd(err)
		} else if err != nil {
			return nil, err
		}
		if x.root == "" {
			x.root = localName(tag)
		}
		switch local := localName(tag); {
		case local == "":
		case isEndTag(tag):
			x.outside = x.outside[:max(0, len(x.outside)-1)]
		case local == "record":
			x.tags.start = at
			return bytes.Clone(tag), nil
		case isMARC(local):
			x.stray = true
		case len(x.outside) == maxOutside:
			return nil, fmt.Errorf("%w: the XML has more than %d elements around its records; it is no collection of MARCXML", ErrMalformed, maxOutside)
		case !isEmptyTag(tag):
			x.outside = append(x.outside, bytes.Clone(tag))
		}
	}
}

// atEnd is the error of a stream that ends between records: the end of file, unless records may be missing.
func (x *xmlSplitter) atEnd(end error) error {
	switch {
	case len(x.outside) > 0:
		return fmt.Errorf("%w: the XML ends before the end tag of its element %s; it is %w, and records may be missing", ErrMalformed, x.root, ErrCutShort)
	case x.stray:
		return fmt.Errorf("%w: fields of MARC stand outside the records of the XML, so a record may be missing", ErrMalformed)
	case x.tags.number == 0 && x.root != "collection":
		return fmt.Errorf("%w: there is no element record in the XML; it is not MARCXML", ErrMalformed)
	}
	return end
}

// record reads the record of a start tag up to its end tag. Where another record begins in it, its end tag is
// missing. But if it had nothing of MARC yet, it only stands around the other one, as the record of OAI-PMH does.
func (x *xmlSplitter) record(tag []byte) (broken, err error) {
	if x.open(tag); isEmptyTag(tag) {
		return nil, nil
	}
	around := [][]byte{tag} // the elements that are open; nil once there was an element of MARC
	for {
		tag, at, err := x.tags.read(x.tags.keep)
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: the MARCXML is %w within a record", ErrMalformed, ErrCutShort), err
		} else if err != nil {
			return nil, err
		}
		local, last := localName(tag), len(x.outside)-1
		switch {
		case local == "record" && isEndTag(tag):
			x.tags.keep(tag)
			return nil, nil
		case local == "record" && (around == nil || len(x.outside) >= maxOutside):
			x.ahead, x.aheadAt = bytes.Clone(tag), at
			return fmt.Errorf("%w: another record begins before the end tag of this one", ErrMalformed), nil
		case local == "record":
			x.outside = append(x.outside, around...)
			x.ahead, x.aheadAt = bytes.Clone(tag), at
			return errAround, nil
		case local != "" && isEndTag(tag) && last >= 0 && local == localName(x.outside[last]) && len(around) <= 1:
			x.outside = x.outside[:last]
			return fmt.Errorf("%w: the MARCXML record has no end tag", ErrMalformed), nil
		}
		around = opened(around, tag, local)
		x.tags.keep(tag)
	}
}

// opened are the open elements after a tag; nil once there was an element of MARC, or too many of others.
func opened(open [][]byte, tag []byte, local string) [][]byte {
	switch {
	case open == nil || isMARC(local) || len(open) == maxOutside/2:
		return nil
	case local == "" || isEmptyTag(tag):
		return open
	case isEndTag(tag):
		return open[:max(1, len(open)-1)]
	}
	return append(open, bytes.Clone(tag))
}

// isMARC reports whether an element of a MARCXML record has that name.
func isMARC(local string) bool {
	return local == "leader" || local == "controlfield" || local == "datafield"
}

// open begins a record with its start tag. It adds the declarations of namespaces that stand outside the record, so
// that the record can be read by itself.
func (x *xmlSplitter) open(tag []byte) {
	name := len("<") + len(tagName(tag))
	x.tags.keep(tag[:name])
	declared := map[string]bool{}
	for _, d := range declaration.FindAllSubmatch(tag, -1) {
		declared[string(d[1])] = true
	}
	for i := len(x.outside) - 1; i >= 0; i-- {
		for _, d := range declaration.FindAllSubmatch(x.outside[i], -1) {
			if prefix := string(d[1]); !declared[prefix] {
				declared[prefix] = true
				x.tags.keep(d[0])
			}
		}
	}
	x.tags.keep(tag[name:])
}

// declaration is the declaration of a namespace in a start tag.
var declaration = regexp.MustCompile(`\sxmlns(:[^\s=]+)?\s*=\s*(?:"[^"]*"|'[^']*')`)
