package files

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// A keyOf says where a record has its identifier.
type keyOf struct {
	tag     string
	code    byte // of the subfield; 0 in a control field
	with003 bool // the organization of field 003 is part of it
}

// keyForm is how a configuration says it.
var keyForm = regexp.MustCompile(`^(?:(00[1-9])|([0-9A-Za-z]{3})\$([0-9a-z]))$`)

// parseKey reads how a configuration says where the identifier is.
func parseKey(text string) (keyOf, error) {
	if text == "" || text == "003+001" {
		return keyOf{tag: "001", with003: true}, nil
	}
	m := keyForm.FindStringSubmatch(text)
	switch {
	case m == nil || m[3] != "" && strings.HasPrefix(m[2], "00"): // control fields have no subfields
		return keyOf{}, fmt.Errorf("%q names no place in a MARC record; give 001, 003+001, or a subfield such as 999$c", text)
	case m[1] != "":
		return keyOf{tag: m[1]}, nil
	}
	return keyOf{tag: m[2], code: m[3][0]}, nil
}

// CheckKey says what is wrong with a place of identifiers.
func CheckKey(text string) error {
	_, err := parseKey(text)
	return err
}

func (k keyOf) String() string {
	if k.code != 0 {
		return k.tag + "$" + string(k.code)
	}
	return k.tag
}

// of is the identifier of a record: the first at its place that says something; empty if none does.
func (k keyOf) of(rec *marc.Record) string {
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if f.Tag != k.tag {
			continue
		}
		text := f.Data
		if k.code != 0 {
			text = f.Subfield(k.code)
		}
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if k.with003 {
			return qualified(rec, text)
		}
		return text
	}
	return ""
}

// qualified is a control number with the organization that gave it, as field 035 writes it. Two libraries may have given
// one number to different records, and a union catalogue has both.
func qualified(rec *marc.Record, number string) string {
	f := rec.Field("003")
	if f == nil || strings.TrimSpace(f.Data) == "" {
		return number
	}
	return "(" + strings.TrimSpace(f.Data) + ")" + number
}
