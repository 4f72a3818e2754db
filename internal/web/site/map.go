package site

import (
	"fmt"
	"math"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

// A record with coordinates has a map. It is drawn in the page, over an outline of the land that the gateway serves itself, so
// that no other host learns who looks at what.

const (
	maxAreas = 20  // on a map
	narrow   = 60. // degrees of longitude that a map shows at least: the outline is no finer
)

// mapData is a map: a drawing in degrees, x to the east and y to the south, and the same in words.
type mapData struct {
	View    string // what of the earth it shows: x, y, width and height
	Grid    string // meridians and parallels, as a path
	Boxes   []box
	Points  []dot
	Written []string
}

type box struct{ X, Y, Width, Height float64 }

type dot struct{ X, Y, R float64 }

// mapOf is the map of a record; nil if it has no coordinates.
func mapOf(l *words.Language, dc *dublincore.Record) *mapData {
	var areas []area
	for i := range dc.Values {
		v := &dc.Values[i]
		if v.Term != dublincore.Spatial && v.Term != dublincore.Coverage {
			continue
		}
		if a, ok := parseArea(v.Text); ok && len(areas) < maxAreas {
			areas = append(areas, a)
		}
	}
	if areas == nil {
		return nil
	}
	x, y, width := window(areas)
	m := &mapData{View: fmt.Sprintf("%.4g %.4g %.4g %.4g", x, y, width, width/2), Grid: grid(x, y, width)}
	seen := width / 80 // the least that is seen
	for _, a := range areas {
		m.Written = append(m.Written, a.written(l))
		switch {
		case a.north-a.south < seen && math.Abs(a.east-a.west) < seen:
			m.Points = append(m.Points, dot{(a.west + a.east) / 2, -(a.north + a.south) / 2, seen})
		case a.west > a.east:
			m.Boxes = append(m.Boxes, box{a.west, -a.north, 180 - a.west, a.north - a.south}, box{-180, -a.north, a.east + 180, a.north - a.south})
		default:
			m.Boxes = append(m.Boxes, box{a.west, -a.north, max(a.east-a.west, seen/2), max(a.north-a.south, seen/2)})
		}
	}
	return m
}

// window is what a map shows: all of the areas with as much around them, twice as wide as high.
func window(areas []area) (x, y, width float64) {
	all := areas[0]
	for _, a := range areas {
		if a.west > a.east {
			return -180, -90, 360
		}
		all = area{min(all.south, a.south), min(all.west, a.west), max(all.north, a.north), max(all.east, a.east)}
	}
	width = min(max(narrow, 2*(all.east-all.west), 4*(all.north-all.south)), 360)
	x = min(max((all.west+all.east-width)/2, -180), 180-width)
	y = min(max((-all.south-all.north-width/2)/2, -90), 90-width/2)
	return x, y, width
}

// grid has a line every 10 or 30 degrees.
func grid(x, y, width float64) string {
	step := 10.
	if width > 120 {
		step = 30
	}
	var b strings.Builder
	for lon := math.Ceil(x/step) * step; lon <= x+width; lon += step {
		fmt.Fprintf(&b, "M%.4g %.4gv%.4g", lon, y, width/2)
	}
	for lat := math.Ceil(y/step) * step; lat <= y+width/2; lat += step {
		fmt.Fprintf(&b, "M%.4g %.4gh%.4g", x, lat, width)
	}
	return b.String()
}

// written is an area in words.
func (a area) written(l *words.Language) string {
	south, west, north, east := latitude(l, a.south), longitude(l, a.west), latitude(l, a.north), longitude(l, a.east)
	if a.point() {
		return north + ", " + east
	}
	return south + " – " + north + ", " + west + " – " + east
}

func latitude(l *words.Language, x float64) string {
	if x < 0 {
		return l.T("%.2f° S", -x)
	}
	return l.T("%.2f° N", x)
}

func longitude(l *words.Language, x float64) string {
	if x < 0 {
		return l.T("%.2f° W", -x)
	}
	return l.T("%.2f° E", x)
}
