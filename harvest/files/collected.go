package files

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Collected are the records of a saved file that is a collection of them, at most so many: MARC records, or XML whose root
// is known to hold records, such as modsCollection. It is nothing if the file is one original. The records need no
// identifiers, because those of their source may be elsewhere. An element that can't be used is a rejected item.
func Collected(place string, content []byte, most int) ([]harvest.Item, error) {
	switch root := rootOf(content); {
	case root.Space == marcXML && root.Local == "collection", root.Local == "" && bytes.IndexByte(content, 0x1d) > 0:
		return collectedMARC(place, content, most)
	case collections[root.Local] != "" && root.Local != "OAI-PMH":
		s, err := New(Config{From: []string{"-"}, Form: &Documents{look: &DocumentsLook{}}}, nil)
		if err != nil {
			return nil, err
		}
		return s.Items(place, content, most)
	}
	return nil, nil
}

// rootOf is the name of the root of a document in XML; empty if the bytes are not XML.
func rootOf(content []byte) (root xmlscan.Name) {
	content, err := xmlscan.WithoutType(content)
	if err != nil {
		return root
	}
	scan := xmlscan.New(content, xmlscan.Limits{})
	for {
		switch kind, err := scan.Next(); {
		case err != nil || kind == xmlscan.EOF:
			return root
		case kind == xmlscan.Start:
			return scan.Name()
		}
	}
}

func collectedMARC(place string, content []byte, most int) (out []harvest.Item, err error) {
	var p marc.Parser
	for data, err := range marc.Split(bytes.NewReader(content)) {
		var one *marc.RecordError
		switch at := fmt.Sprintf("%s#%d", place, len(out)+1); {
		case errors.As(err, &one):
			out = append(out, rejected(at, one.Data, reasonOf(one.Err), one.Err.Error()))
		case err != nil:
			return out, fmt.Errorf("read %s: %w", place, err)
		default:
			item := harvest.Item{Key: at, Format: formatOf(data), Original: bytes.Clone(data)}
			if rec, err := p.Parse(data); err == nil && rec.IsUNIMARC() {
				item.Format.Prefix = "unimarc"
			}
			out = append(out, item)
		}
		if len(out) >= most {
			break
		}
	}
	return out, nil
}
