package site

import (
	"strings"
	"testing"
)

func TestParseArea(t *testing.T) {
	for text, want := range map[string]area{
		"41.33 19.82":                          {41.33, 19.82, 41.33, 19.82},
		"-33.87,151.21":                        {-33.87, 151.21, -33.87, 151.21},
		"39.6 19.3 42.7 21.1":                  {39.6, 19.3, 42.7, 21.1},
		"-90 -180 90 180":                      {-90, -180, 90, 180},
		"east=19.82; north=41.33; name=Tirana": {41.33, 19.82, 41.33, 19.82},
		"northlimit=43; southlimit=39; westlimit=19; eastlimit=21": {39, 19, 43, 21},
		"E0190000 E0210000 N0423000 N0390000":                      {39, 19, 42.5, 21},
		"W001.5000 E002.2500 S010.0000 S020.50":                    {-20.5, -1.5, -10, 2.25},
		"E 19°--E 21°/N 42°30ʹ--N 39°":                             {39, 19, 42.5, 21},
		"(W 125°--W 65°/N 49°--N 24°)":                             {24, -125, 49, -65},
		"(E 170° -- W 170° / S 10° -- S 20°).":                     {-20, 170, -10, -170},
		`41°30'00"N, 19°45′E`:                                      {41.5, 19.75, 41.5, 19.75},
		"N 41° E 19°":                                              {41, 19, 41, 19},
		"POINT(19.82 41.33)":                                       {41.33, 19.82, 41.33, 19.82},
		"Envelope(19.3, 21.1, 42.7, 39.6)":                         {39.6, 19.3, 42.7, 21.1},
	} {
		if got, ok := parseArea(text); !ok || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "Tirana", "1957 12", "1944 1945", "12 34", "0.0 0.0", "91.5 10.0", "10.0 181.0", "NaN NaN", "NaN.0 NaN.0", "Inf 1.0", "42.7 19.3 39.6 21.1",
		"east=1; north=2; units=metres", "east=x; north=2", "N 41°", "N 41° N 42°", "41°30'N 19°E, near the river", "POINT(1 2 3)", "POINT(1000 2000)",
		"E1990000 E0210000 N0423000 N0390000", "Box 7, S 12", strings.Repeat("1.0 ", 1000),
	} {
		if got, ok := parseArea(text); ok {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
