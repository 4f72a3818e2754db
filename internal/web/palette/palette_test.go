package palette

import (
	"math"
	"strings"
	"testing"
)

func TestContrast(t *testing.T) {
	for pair, want := range map[[2]string]float64{
		{"#000000", "#ffffff"}: 21, {"#ffffff", "#ffffff"}: 1, {"#777777", "#ffffff"}: 4.48, {"#0000ff", "#ffffff"}: 8.59,
	} {
		if got := Contrast(pair[0], pair[1]); math.Abs(got-want) > 0.01 {
			t.Errorf("%v: %.2f, want %.2f", pair, got, want)
		}
	}
}

func TestDoubts(t *testing.T) {
	if got := Doubts(Colours{}, Colours{}); got != nil {
		t.Errorf("the colours that pages have without a configuration: %v", got)
	}
	got := Doubts(Colours{Link: "#ffcc00"}, Colours{Page: "#ffffff"})
	var keys []string
	for _, d := range got {
		keys = append(keys, d.Key)
	}
	if want := "light.link dark.text dark.soft dark.link dark.visited"; strings.Join(keys, " ") != want {
		t.Errorf("%q, want %q", keys, want)
	}
	if !strings.Contains(got[0].Text, "take a darker colour") || !strings.Contains(got[1].Text, "or a darker page") {
		t.Errorf("%q", got[:2])
	}
}

func TestCSS(t *testing.T) {
	css := CSS(Colours{Link: "#123456"}, Colours{Page: "#000000"})
	for _, want := range []string{"--link: #123456", "--page: #fffefb", "--page: #000000", "--link: #8cc2f5"} {
		if !strings.Contains(css, want) {
			t.Errorf("%s is not in %s", want, css)
		}
	}
}
