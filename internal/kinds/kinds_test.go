package kinds_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
)

func TestResponseOfOAIIsAPage(t *testing.T) {
	k, err := kinds.Of("oai")
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]bool{
		`<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>`:                                             true,
		"<?xml version='1.0' encoding='ISO-8859-1'?>\n<!-- saved -->\n<o:OAI-PMH xmlns:o='http://www.openarchives.org/OAI/2.0/'/>": true,
		`<mods xmlns="http://www.loc.gov/mods/v3"><note>&lt;OAI-PMH</note></mods>`:                                                 false,
		`<mods><!-- from <OAI-PMH> --></mods>`:                                                                                     false,
		`not XML`:                                                                                                                  false,
		``:                                                                                                                         false,
	} {
		if got := k.IsPage([]byte(content)); got != want {
			t.Errorf("IsPage(%q) is %v", content, got)
		}
	}
}

// TestNameLikeAPattern: browsers save pages under names such as "rows [1].txt".
func TestNameLikeAPattern(t *testing.T) {
	k, err := kinds.Of("listing")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rows [1].html")
	page := []byte(`<html><body><p>1 - 1 of 1</p><div class="result"><h3>A letter</h3></div></body></html>`)
	if err := os.WriteFile(path, page, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &config.Source{Kind: "listing", Settings: &kinds.Listing{Select: kinds.Select{Row: ".result", Title: "h3"}}}
	items, err := k.ItemsOf(t.Context(), "letters", s, kinds.File{Path: path, Content: page})
	if err != nil || len(items) != 1 || items[0].Rejected != nil {
		t.Fatalf("items %+v, error %v", items, err)
	}
}

func TestUnknownKind(t *testing.T) {
	if _, err := kinds.Of("cards"); err == nil {
		t.Error("a kind that is not in the table was found")
	}
}
