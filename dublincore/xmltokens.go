package dublincore

import (
	"bytes"
	"encoding/xml"
	"io"
)

type xmlKind uint8

const (
	xmlDone xmlKind = iota
	xmlStart
	xmlEnd
	xmlText
)

// xmlTokens gives the tokens of an XML text; what a token holds is good until the next.
type xmlTokens struct {
	dec          *xml.Decoder
	space, local []byte    // of a start
	attrs        []xmlAttr // of a start
	text         []byte    // of a text
}

type xmlAttr struct{ space, local, value []byte }

func newXMLTokens(data []byte) *xmlTokens {
	return &xmlTokens{dec: xml.NewDecoder(bytes.NewReader(data))}
}

func (t *xmlTokens) next() (xmlKind, error) {
	for {
		token, err := t.dec.Token()
		if err == io.EOF {
			return xmlDone, nil
		}
		if err != nil {
			return xmlDone, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			t.space, t.local, t.attrs = []byte(token.Name.Space), []byte(token.Name.Local), t.attrs[:0]
			for _, a := range token.Attr {
				space := a.Name.Space
				if space == "xml" {
					space = namespaceXML
				}
				t.attrs = append(t.attrs, xmlAttr{[]byte(space), []byte(a.Name.Local), []byte(a.Value)})
			}
			return xmlStart, nil
		case xml.EndElement:
			return xmlEnd, nil
		case xml.CharData:
			t.text = token
			return xmlText, nil
		}
	}
}
