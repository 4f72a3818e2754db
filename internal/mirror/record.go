package mirror

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// errRecord says that what is kept of a record is not as it was written.
var errRecord = errors.New("is no record")

// A record is what a file, or a row, has.
type record struct {
	Pass int64 `json:"pass,string"` // the reading of the log that it came with
	follow.Change
}

func (form Form) encode(r *record) ([]byte, error) {
	var b bytes.Buffer
	if form == JSON {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false) // people read it
		err := e.Encode(r)
		return b.Bytes(), err
	}
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?sheaf-pass %d?>\n<record xmlns=\"http://www.openarchives.org/OAI/2.0/\"><header>", r.Pass)
	element := func(name, value string) {
		b.WriteString("<" + name + ">")
		_ = xml.EscapeText(&b, []byte(value)) // a buffer takes everything
		b.WriteString("</" + name + ">")
	}
	element("identifier", r.Identifier)
	element("datestamp", r.Datestamp.UTC().Format(time.RFC3339))
	for _, s := range r.Sets {
		element("setSpec", s)
	}
	b.WriteString(headEnd + r.OAIDC + metadataEnd)
	return b.Bytes(), nil
}

const (
	headEnd     = "</header><metadata>"
	metadataEnd = "</metadata></record>\n"
	passBegin   = "<?sheaf-pass "
)

// decode reads what encode wrote. The oai_dc element is given byte by byte as it was served.
func (form Form) decode(b []byte) (r *record, err error) {
	r = &record{}
	if form == JSON {
		return r, json.Unmarshal(b, r)
	}
	head, rest, found := bytes.Cut(b, []byte(headEnd))
	oaiDC, whole := bytes.CutSuffix(rest, []byte(metadataEnd))
	_, pass, passed := bytes.Cut(head, []byte(passBegin))
	if !found || !whole || !passed {
		return nil, errors.New("it is not as it was written")
	}
	pass, _, _ = bytes.Cut(pass, []byte("?>"))
	if r.Pass, err = strconv.ParseInt(string(pass), 10, 64); err != nil {
		return nil, err
	}
	var parsed struct {
		Header struct {
			Identifier string    `xml:"identifier"`
			Datestamp  time.Time `xml:"datestamp"`
			Sets       []string  `xml:"setSpec"`
		} `xml:"header"`
	}
	if err := xml.Unmarshal(append(bytes.Clone(head), "</header></record>"...), &parsed); err != nil {
		return nil, err
	}
	r.Identifier, r.Datestamp, r.Sets, r.OAIDC = parsed.Header.Identifier, parsed.Header.Datestamp, parsed.Header.Sets, string(oaiDC)
	return r, nil
}
