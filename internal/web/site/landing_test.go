package site

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Every list says where a thing is kept, if its source has a page of it that may be a link.
func TestPageAtTheSource(t *testing.T) {
	landings := []dublincore.Value{
		{Text: "https://archive.example.org/d/1"}, {Text: "javascript:alert(1)"}, {Text: "https://gateway.example/below/records/old/2", From: dublincore.Context},
	}
	_, _, h := shelved(t, len(landings), func(i int) ([]dublincore.Value, []string) {
		landings[i].Term = dublincore.Landing
		return []dublincore.Value{{Term: dublincore.Title, Text: "A letter"}, landings[i]}, []string{"old"}
	})
	for _, path := range []string{"/search", "/search?source=new", "/search?q=letter", "/search?q=letter&view=kinds", "/sources/new"} {
		see(t, h, path, 200, times("article", 3), in("article .from a", attr("href", "https://archive.example.org/d/1"), attr("rel", "external nofollow noopener"), hasText("Page at the source: A letter")))
	}
}
