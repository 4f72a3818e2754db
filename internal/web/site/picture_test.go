package site

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A picture is shown if it is on a host that the operator has named, and browsers are told to ask no other.
func TestPictures(t *testing.T) {
	m := &memory{epoch: 1}
	for i, url := range []string{
		"https://images.example.org/1.jpg?size=small", "https://other.example.org/2.jpg", "http://images.example.org/3.jpg",
		"https://images.example.org@evil.example/4.jpg", "https://images.example.org:8443/5.jpg", "javascript:alert(6)", "https://a.images.example.org/7.jpg",
	} {
		dc := titled("A letter")
		dc.AddText(dublincore.Thumbnail, url)
		m.add(t, "letters", string(rune('1'+i)), dc)
	}
	o := newSite(m).Options
	for _, path := range []string{"/search", "/sources/letters", "/records/letters/1"} {
		see(t, New(o), path, 200, none("main img"))
		if policy := request(t, New(o), http.MethodGet, path).Header().Get("Content-Security-Policy"); strings.Contains(policy, "http") {
			t.Errorf("%s: browsers may ask other hosts: %s", path, policy)
		}
	}
	o.Look.Pictures = []string{"images.example.org"}
	h := New(o)
	for _, path := range []string{"/search", "/sources/letters"} {
		see(t, h, path, 200, in("main img", attr("src", "https://images.example.org/1.jpg?size=small"), attr("referrerpolicy", "no-referrer"), attr("alt", "")))
	}
	see(t, h, "/records/letters/1", 200, in("main img", attr("alt", "Preview")))
	for _, local := range []string{"2", "3", "4", "5", "6", "7"} {
		see(t, h, "/records/letters/"+local, 200, none("main img"))
	}
	if policy := request(t, h, http.MethodGet, "/search").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' https://images.example.org;") {
		t.Error(policy)
	}
}

// What a search finds has its pictures in both forms of the list.
func TestPicturesFound(t *testing.T) {
	_, _, o := shelvedOptions(t, 2, func(int) ([]dublincore.Value, []string) {
		return []dublincore.Value{{Term: dublincore.Title, Text: "A letter"}, {Term: dublincore.Thumbnail, Text: "https://IMAGES.example.org/1.jpg"}}, []string{"old"}
	})
	o.Look.Pictures = []string{"images.example.org"}
	for _, path := range []string{"/search?q=letter", "/search?q=letter&view=kinds"} {
		see(t, New(o), path, 200, times("article img", 2))
	}
}
