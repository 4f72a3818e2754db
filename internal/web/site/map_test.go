package site

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A record with coordinates has a map, which asks nobody else for anything and is written out; others have none.
func TestMap(t *testing.T) {
	m := &memory{epoch: 1}
	for local, places := range map[string][]string{
		"point": {"Tirana", "41.33 19.82"}, "box": {"39.6 19.3 42.7 21.1"}, "pacific": {"(E 170°--W 170°/N 10°--S 20°)"}, "world": {"-90 -180 90 180"}, "none": {"Tirana", "1944 1945"},
	} {
		dc := titled("A map")
		for _, p := range places {
			dc.AddText(dublincore.Spatial, p)
		}
		m.add(t, "maps", local, dc)
	}
	h := New(newSite(m).Options)
	doc := see(t, h, "/records/maps/point", 200, in(".map svg circle", attr("cx", "19.82"), attr("cy", "-41.33")), none(".map rect"),
		in(".map svg[role=img]", attr("aria-labelledby", "where"), attr("viewBox", "-10.18 -56.33 60 30")), in("#where", hasText("Where it is: 41.33° N, 19.82° E")))
	outline := doc.Find(".map image").AttrOr("href", "")
	if w := request(t, h, http.MethodGet, outline); !strings.HasPrefix(outline, "/world.svg") || w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || w.Body.Len() > 15_000 {
		t.Errorf("the outline %s: %d, %v, %d bytes", outline, w.Code, w.Header(), w.Body.Len())
	}
	see(t, h, "/records/maps/box", 200, in(".map rect", attr("x", "19.3"), attr("y", "-42.7")), in("#where", hasText("Where it is: 39.60° N – 42.70° N, 19.30° E – 21.10° E")))
	see(t, h, "/records/maps/pacific", 200, times(".map rect", 2), in(".map svg", attr("viewBox", "-180 -90 360 180")))
	see(t, h, "/records/maps/world", 200, in(".map rect", attr("width", "360"), attr("height", "180")))
	see(t, h, "/records/maps/none", 200, none(".map"))
}
