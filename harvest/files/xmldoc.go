package files

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// maxXML bounds a file in XML, in bytes: it is held in memory.
const maxXML = 256 << 20

// collections are roots that hold records, and the names of those. Any other root is a record itself.
var collections = map[string]string{
	"modsCollection": "mods", "lidoWrap": "lido", "OAI-PMH": "record", "Repository": "record", "etdCollection": "thesis", "madsCollection": "mads",
}

// A cutter cuts one file in XML.
type cutter struct {
	form    *Documents
	x       *reading
	place   string
	scan    *xmlscan.Scanner
	records []string // names of the elements that lead to a record, outermost first; only the last must be there
	oai     bool     // records have headers of OAI-PMH
	changed bool     // the file was in another encoding than UTF-8
	prefix  string   // the metadataPrefix of a list of records
	path    []string // the elements that are open
	n       int
}

// xml reads a file in XML.
func (d *Documents) xml(x *reading, place string, e entry) error {
	body, err := harvest.ReadWhole(e.in, e.size, maxXML)
	if errors.Is(err, harvest.ErrTooLong) {
		m := unfit(harvest.Format{Prefix: "xml"}, place, "", nil, reasonTooLarge, "the file has more than %d MiB; part it", maxXML>>20)
		m.short = true
		return x.tell(m)
	}
	if err != nil {
		return err
	}
	text, changed, err := asUTF8(body, encodings[strings.ToLower(d.Encoding)])
	if err == nil {
		text, err = xmlscan.WithoutType(text)
	}
	if err != nil {
		m := unfit(harvest.Format{Prefix: "xml"}, place, "", body, reasonMalformed, "%v", err)
		m.short = true
		return x.tell(m)
	}
	body = text
	c := &cutter{form: d, x: x, place: place, changed: changed, scan: xmlscan.New(body, xmlscan.Limits{})}
	if err = c.cut(body); errors.Is(err, errDone) && !errors.Is(err, errStop) {
		return nil
	}
	var broken *xmlscan.SyntaxError
	if errors.As(err, &broken) {
		line, _ := xmlscan.Position(body, broken.Offset)
		m := unfit(harvest.Format{Prefix: "xml"}, fmt.Sprintf("%s#%d", place, c.n+1), "", body[min(c.scan.Offset(), len(body)):], reasonMalformed, "the file is no XML from line %d on: %v", line, err)
		m.short = true
		return x.tell(m)
	}
	if err == nil && c.n == 0 {
		return x.tell(met{warn: warnEmpty})
	}
	return err
}

func (c *cutter) cut(body []byte) error {
	for {
		kind, err := c.scan.Next()
		switch {
		case err != nil:
			return err
		case kind == xmlscan.EOF:
			return nil
		case kind == xmlscan.End:
			c.path = c.path[:len(c.path)-1]
			continue
		case kind != xmlscan.Start:
			continue
		}
		c.path = append(c.path, string(c.scan.Local()))
		if len(c.path) == 1 {
			if stop := c.root(body); stop != nil {
				return stop
			}
		}
		c.notePrefix()
		switch {
		case c.oai && len(c.path) == 2 && c.scan.Is(oaiSpace, "error"):
			if code, _ := c.scan.Attr("", "code"); string(code) == "noRecordsMatch" {
				continue // the list is empty, which is no fault
			}
			return errors.Join(c.x.notThis(c.place, body, "the file is "+harvest.WhatIs(body)+", which holds no records; ask the repository again, and save what it answers then"), errDone)
		case c.oai && c.scan.Is(oaiSpace, "resumptionToken"):
			err = c.token()
		case c.isRecord():
			err = c.record()
		default:
			continue
		}
		if err != nil {
			return err
		}
		c.path = c.path[:len(c.path)-1]
	}
}

// errDone says that nothing more is in a document. What else is in its archive is still read.
var errDone = errors.New("the document is done")

// root settles what the records are.
func (c *cutter) root(body []byte) error {
	name := c.path[0]
	switch {
	case c.scan.Space() == marcXML:
		return errors.Join(c.x.notThis(c.place, body, "the file holds MARC records; use kind: marc"), errDone)
	case c.scan.Is("http://www.w3.org/1999/xhtml", "html") || strings.EqualFold(name, "html"):
		return errors.Join(c.x.notThis(c.place, body, "the file is a web page; use kind: listing for a page that lists records"), errDone)
	case name == "ead" && c.form.Records == "" && (len(c.form.Components) > 0 || c.form.look != nil):
		return errors.Join(c.findingAid(body), errDone)
	}
	c.oai = name == "OAI-PMH" || name == "Repository"
	switch {
	case c.form.Records != "":
		c.records = strings.Split(strings.Trim(c.form.Records, "/"), "/")
		c.oai = c.oai && c.records[len(c.records)-1] == "record"
	case collections[name] != "":
		c.records = []string{collections[name]}
	default:
		c.records = []string{name}
		if list := c.form.look.listBelow(name, body); list != "" {
			c.records = []string{list}
		}
	}
	c.form.look.xml(name, c.oai)
	return nil
}

// oaiSpace is the namespace of a response of OAI-PMH.
const oaiSpace = "http://www.openarchives.org/OAI/2.0/"

// token reads the resumption token at the end of a list: unless it is empty, more of the list is elsewhere.
func (c *cutter) token() error {
	text, err := c.scan.AppendText(nil)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return err
	}
	return c.x.tell(met{warn: warnToken, unproven: true})
}

// notePrefix notes of which format a list of OAI-PMH is.
func (c *cutter) notePrefix() {
	if name := c.path[len(c.path)-1]; c.oai && (name == "request" || name == "ListRecords") {
		for _, a := range c.scan.Attrs() {
			if a.Name.Local == "metadataPrefix" {
				c.prefix = string(a.Value)
			}
		}
	}
}

func (c *cutter) isRecord() bool {
	if len(c.path) < len(c.records) {
		return false
	}
	for i, name := range c.records {
		if c.path[len(c.path)-len(c.records)+i] != name {
			return false
		}
	}
	return true
}

// record makes an item of the element that begins here.
func (c *cutter) record() error {
	f := harvest.Format{Prefix: strings.ToLower(c.path[len(c.path)-1]), Namespace: c.scan.Space()}
	data, err := c.scan.Element(nil)
	if err != nil {
		return err
	}
	c.n++
	at := fmt.Sprintf("%s#%d", c.place, c.n)
	if c.changed && bytes.ContainsRune(data, utf8.RuneError) {
		return c.x.tell(unfit(f, at, "", data, reasonMalformed, "characters of the record are lost, so the file is not in the encoding that it declares; save it in UTF-8"))
	}
	if c.oai {
		return c.x.tell(c.harvested(at, data))
	}
	return c.tell(f, at, c.keyOf(data), data)
}

// keyOf is the identifier of a record. A finding aid has its own at a known place.
func (c *cutter) keyOf(data []byte) string {
	if c.form.Key == "" && c.path[len(c.path)-1] == "ead" {
		return cmp.Or(xmlAt(data, "eadheader/eadid"), xmlAt(data, "control/recordid"))
	}
	return xmlAt(data, c.form.Key)
}

// tell tells of a record. at names it for people.
func (c *cutter) tell(f harvest.Format, at, key string, data []byte) error {
	if c.form.look != nil {
		return c.x.tell(met{item: harvest.Item{Key: at, Format: f, Original: data}})
	}
	if err := c.form.checkKey(key); err != nil {
		return c.x.tell(unfit(f, at, "", data, reasonNoIdentifier, "%v", err))
	}
	if len(data) > maxRecord {
		return c.x.tell(unfit(f, at, key, data, reasonTooLarge, "the record has %d bytes, more than %d", len(data), maxRecord))
	}
	return c.x.tell(met{item: harvest.Item{Key: key, Format: f, Original: data}})
}

// harvested makes an item of a record of OAI-PMH that somebody has saved.
func (c *cutter) harvested(at string, data []byte) met {
	item := harvest.Item{Format: harvest.Format{Prefix: c.prefix}}
	scan := xmlscan.New(data, xmlscan.Limits{})
	var path []string
	for {
		kind, err := scan.Next()
		if err != nil { // it was read before
			return unfit(item.Format, at, "", data, reasonMalformed, "%v", err)
		}
		if kind == xmlscan.EOF {
			break
		}
		if kind == xmlscan.End {
			path = path[:len(path)-1]
		}
		if kind != xmlscan.Start {
			continue
		}
		path = append(path, string(scan.Local()))
		took := true
		switch strings.Join(path[1:], "/") {
		case "header":
			took = false
			for _, a := range scan.Attrs() {
				item.Deleted = item.Deleted || a.Name.Local == "status" && string(a.Value) == "deleted"
			}
		case "header/identifier":
			item.Key = textOf(scan)
		case "header/datestamp":
			item.Datestamp = textOf(scan)
		case "header/setSpec":
			item.Sets = append(item.Sets, textOf(scan))
		case "about/provenance":
			item.Provenance, _ = scan.Element(nil)
		default:
			if took = len(path) == 3 && path[1] == "metadata" && item.Original == nil; took {
				item.Format.Namespace = scan.Space()
				item.Original, _ = scan.Element(nil)
			}
		}
		if took {
			path = path[:len(path)-1]
		}
	}
	switch err := c.form.checkKey(item.Key); {
	case err != nil:
		return unfit(item.Format, at, "", data, reasonNoIdentifier, "the record has no identifier in its header")
	case item.Deleted:
		item.Original = nil
	case item.Original == nil:
		return unfit(item.Format, at, item.Key, data, reasonMalformed, "the record has no metadata")
	}
	return met{item: item}
}

func textOf(scan *xmlscan.Scanner) string {
	text, _ := scan.AppendText(nil) // it was read before
	return strings.TrimSpace(string(text))
}

// xmlAt is the first text at a path of names from the root of an element, which isn't named, with slashes between: "a/b",
// "a/@id". It is empty if there is none.
func xmlAt(data []byte, path string) string {
	steps := strings.Split(strings.Trim(path, "/"), "/")
	attribute := ""
	if last, ok := strings.CutPrefix(steps[len(steps)-1], "@"); ok {
		attribute, steps = last, steps[:len(steps)-1]
	}
	scan := xmlscan.New(data, xmlscan.Limits{})
	for met := 0; ; { // how many elements are open that lead to the place, the root among them
		kind, err := scan.Next()
		if err != nil || kind == xmlscan.EOF {
			return ""
		}
		if kind == xmlscan.End {
			met = min(met, scan.Depth())
			continue
		}
		depth := scan.Depth() - 1
		if kind != xmlscan.Start || depth != met || depth > 0 && string(scan.Local()) != steps[depth-1] {
			continue
		}
		if depth < len(steps) {
			met++
			continue
		}
		if text := valueAt(scan, attribute); text != "" {
			return text
		}
	}
}

// valueAt is the text of the element that begins, or of an attribute of it.
func valueAt(scan *xmlscan.Scanner, attribute string) string {
	if attribute == "" {
		return textOf(scan)
	}
	for _, a := range scan.Attrs() {
		if a.Name.Local == attribute {
			return strings.TrimSpace(string(a.Value))
		}
	}
	return ""
}
