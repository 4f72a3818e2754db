package files

import (
	"bytes"
	"fmt"
	"regexp"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// salvage makes out the identifier of a record that can't be read, if it is a control number: field 001 is the first, and
// often whole. It is empty if there is any doubt.
func (k keyOf) salvage(data []byte) string {
	if k.tag != "001" {
		return ""
	}
	first := firstOfISO2709
	if form(data) == "MARCXML" {
		first = firstOfXML
	}
	number := first(data, 0, "001")
	if number == "" || !k.with003 {
		return number
	}
	organization := first(data, 1, "003")
	return k.of(&marc.Record{Fields: []marc.Field{{Tag: "001", Data: number}, {Tag: "003", Data: organization}}})
}

// controlNumber is what a control number or the code of an organization looks like.
var controlNumber = regexp.MustCompile(`^ {0,12}[!-~]{1,64} {0,12}$`)

// firstOfISO2709 is the nth field of a record if the directory says that the field is there and has this tag.
func firstOfISO2709(data []byte, nth int, tag string) string {
	const leader, entry = 24, 12
	end := bytes.IndexByte(data, 0x1e)
	at := leader + nth*entry
	if end < at+entry || string(data[at:at+3]) != tag {
		return ""
	}
	fields := bytes.SplitN(data[end+1:], []byte{0x1e}, nth+2)
	if len(fields) < nth+2 || !controlNumber.Match(fields[nth]) {
		return ""
	}
	before := len(bytes.Join(fields[:nth+1], []byte{0x1e})) - len(fields[nth])
	if string(data[at+3:at+entry]) != fmt.Sprintf("%04d%05d", len(fields[nth])+1, before) {
		return ""
	}
	return string(bytes.TrimSpace(fields[nth]))
}

// fieldOfXML is a control field that has nothing but text.
var fieldOfXML = regexp.MustCompile(`<(?:[\w-]+:)?controlfield\s+tag\s*=\s*["'](00[13])["']\s*>([^<&]*)</`)

func firstOfXML(data []byte, _ int, tag string) string {
	for _, m := range fieldOfXML.FindAllSubmatch(data, 8) {
		if string(m[1]) == tag && controlNumber.Match(m[2]) {
			return string(bytes.TrimSpace(m[2]))
		}
	}
	return ""
}
