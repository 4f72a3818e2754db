// Package palette has the colours of the pages, those of day and those of night, and says which of them can't be read.
package palette

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colours are those of a page, each as #rrggbb; empty is the one that pages have without it: the grounds of the page and of
// forms and notes, text, text that steps back, links, and links that were followed.
type Colours struct{ Page, Panel, Text, Soft, Link, Visited string }

var (
	day   = Colours{Page: "#fffefb", Panel: "#f4efe4", Text: "#1f1c17", Soft: "#5d564b", Link: "#0b4f8a", Visited: "#5b2a86"}
	night = Colours{Page: "#17181a", Panel: "#25262a", Text: "#e9e6df", Soft: "#b0a999", Link: "#8cc2f5", Visited: "#c9a9ef"}
)

// or fills in what the colours do not say.
func (c Colours) or(d Colours) Colours {
	return Colours{
		cmp.Or(c.Page, d.Page), cmp.Or(c.Panel, d.Panel), cmp.Or(c.Text, d.Text), cmp.Or(c.Soft, d.Soft), cmp.Or(c.Link, d.Link), cmp.Or(c.Visited, d.Visited),
	}
}

// CSS says the colours as custom properties.
func CSS(light, dark Colours) string {
	write := func(c Colours) string {
		return fmt.Sprintf("--page: %s; --mark: %s; --ink: %s; --soft: %s; --link: %s; --seen: %s;", c.Page, c.Panel, c.Text, c.Soft, c.Link, c.Visited)
	}
	return ":root { " + write(light.or(day)) + " }\n@media (prefers-color-scheme: dark) {\n\t:root { " + write(dark.or(night)) + " }\n}\n"
}

// least is the contrast that text needs (WCAG 2.2, 1.4.3).
const least = 4.5

// A Doubt is a pair of colours that can't be read on each other: the keys, and what to do.
type Doubt struct{ Key, Text string }

// Doubts are the pairs that can't be read, by day and by night. The key is that of the colour that stands on the other.
func Doubts(light, dark Colours) (out []Doubt) {
	return append(doubts("light", light.or(day), "darker", "lighter"), doubts("dark", dark.or(night), "lighter", "darker")...)
}

func doubts(name string, c Colours, text, ground string) (out []Doubt) {
	grounds := [][2]string{{"page", c.Page}, {"panel", c.Panel}}
	for _, on := range [][2]string{{"text", c.Text}, {"soft", c.Soft}, {"link", c.Link}, {"visited", c.Visited}} {
		for _, g := range grounds {
			if got := Contrast(on[1], g[1]); got < least {
				out = append(out, Doubt{name + "." + on[0], fmt.Sprintf(
					"%s on the %s, %s, has a contrast of %.1f, and many people can't read text below %.1f; take a %s colour, or a %s %s",
					on[1], g[0], g[1], math.Floor(got*10)/10, least, text, ground, g[0])})
				break
			}
		}
	}
	return out
}

// Contrast is that of two colours, between 1 and 21, as WCAG 2.2 defines it.
func Contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(colour string) float64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32) // the configuration takes no other form
	channel := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}
