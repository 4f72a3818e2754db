package site

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// An area is a part of the earth between two parallels and two meridians, in degrees. That of a point has no width and no
// height. West is greater than east where the area crosses the meridian of 180°.
type area struct{ south, west, north, east float64 }

func (a area) point() bool { return a.south == a.north && a.west == a.east }

// maxCoordinates bounds the text of an area, in bytes.
const maxCoordinates = 300

// parseArea reads coordinates in the forms in which records have them:
//
//	41.33 19.82                                   latitude and longitude, both with a decimal point (DataCite, schema.org)
//	39.6 19.3 42.7 21.1                           south, west, north, east (DataCite, schema.org)
//	east=19.82; north=41.33; name=Tirana          DCMI Point, and DCMI Box with northlimit, eastlimit and so on
//	E0190000 E0210000 N0430000 N0390000           MARC's field 034: west, east, north, south
//	E 19°--E 21°/N 42°40ʹ--N 39°                  as maps have it (MARC's field 255, MODS); 41°19′N 19°49′E
//	POINT(19.82 41.33), ENVELOPE(19.3, 21.1, 42.7, 39.6)
//
// Anything else, a place that is on no globe, and 0 0, which programs write for what they do not know, is no area.
func parseArea(text string) (area, bool) {
	if len(text) > maxCoordinates {
		return area{}, false
	}
	text = strings.TrimSpace(text)
	for _, read := range []func(string) (area, bool){plainArea, dcsvArea, knownArea, mapArea} {
		if a, ok := read(text); ok && a != (area{}) && a.onGlobe() {
			return a, true
		}
	}
	return area{}, false
}

func (a area) onGlobe() bool {
	for _, lat := range []float64{a.south, a.north} {
		if math.IsNaN(lat) || math.Abs(lat) > 90 {
			return false
		}
	}
	for _, lon := range []float64{a.west, a.east} {
		if math.IsNaN(lon) || math.Abs(lon) > 180 {
			return false
		}
	}
	return a.south <= a.north
}

// degrees reads numbers; nil if one of the words is none.
func degrees(words ...string) (out []float64) {
	for _, word := range words {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil
		}
		out = append(out, x)
	}
	return out
}

func plainArea(text string) (area, bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
	x := degrees(words...)
	switch len(x) {
	case 2:
		return area{x[0], x[1], x[0], x[1]}, strings.Contains(words[0], ".") && strings.Contains(words[1], ".") // "1957 12" is no place
	case 4:
		return area{x[0], x[1], x[2], x[3]}, true
	}
	return area{}, false
}

func dcsvArea(text string) (area, bool) {
	has := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if key, value, ok := strings.Cut(part, "="); ok {
			has[strings.ToLower(strings.TrimSpace(key))] = value
		}
	}
	if has["units"] != "" || has["projection"] != "" { // not the degrees that are meant without
		return area{}, false
	}
	if x := degrees(has["north"], has["east"]); x != nil {
		return area{x[0], x[1], x[0], x[1]}, true
	}
	x := degrees(has["southlimit"], has["westlimit"], has["northlimit"], has["eastlimit"])
	if x == nil {
		return area{}, false
	}
	return area{x[0], x[1], x[2], x[3]}, true
}

// known is a point or a rectangle as databases write it.
var known = regexp.MustCompile(`(?i)^(point|envelope) ?\(([^()]+)\)$`)

func knownArea(text string) (area, bool) {
	m := known.FindStringSubmatch(text)
	if m == nil {
		return area{}, false
	}
	switch x := degrees(strings.FieldsFunc(m[2], func(r rune) bool { return r == ' ' || r == ',' })...); {
	case len(x) == 2 && strings.EqualFold(m[1], "point"):
		return area{x[1], x[0], x[1], x[0]}, true
	case len(x) == 4 && strings.EqualFold(m[1], "envelope"):
		return area{x[3], x[0], x[2], x[1]}, true
	}
	return area{}, false
}

const (
	number  = `(\d{1,3}(?:[.,]\d+)?)`
	minutes = `\s*[°⁰º]\s*(?:` + number + `\s*['′ʹ’]\s*)?(?:` + number + `\s*(?:["″ʺ”]|'')\s*)?`
)

// Coordinates of maps: with the letter before or behind, and packed as MARC has them, in seconds or with a point.
var (
	before = regexp.MustCompile(`([NSEW])\s*` + number + minutes)
	behind = regexp.MustCompile(number + minutes + `([NSEW])`)
	packed = regexp.MustCompile(`([NSEW])(\d{3})(\d{2})(\d{2})`)
	point  = regexp.MustCompile(`([NSEW])(\d{3}\.\d+)()()`)
)

// mapArea reads one latitude and one longitude, or two of each, and nothing else.
func mapArea(text string) (area, bool) {
	for _, form := range []*regexp.Regexp{packed, point, before, behind} {
		var lat, lon []float64
		for _, m := range form.FindAllStringSubmatch(text, 5) {
			letter, parts := m[1], m[2:]
			if form == behind {
				letter, parts = m[4], m[1:4]
			}
			x, unit := 0.0, 1.0
			for _, part := range parts {
				n, _ := strconv.ParseFloat(strings.Replace(part, ",", ".", 1), 64) // nothing is 0
				x, unit = x+n*unit, unit/60
			}
			if letter == "S" || letter == "W" {
				x = -x
			}
			if letter == "N" || letter == "S" {
				lat = append(lat, x)
			} else {
				lon = append(lon, x)
			}
		}
		if len(lat) != len(lon) || len(lat) < 1 || len(lat) > 2 || strings.Trim(form.ReplaceAllString(text, ""), " -–—/,;.()[]") != "" {
			continue
		}
		n := len(lat) - 1
		return area{min(lat[0], lat[n]), lon[0], max(lat[0], lat[n]), lon[n]}, true
	}
	return area{}, false
}
