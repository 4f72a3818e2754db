package pipeline_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

func TestMint(t *testing.T) {
	for _, c := range []struct{ local, want string }{
		{"123", "oai:a.example:s/123"},
		{"10.1/x y", "oai:a.example:s/10.1/x%20y"},
		{"50%", "oai:a.example:s/50%25"},
		{"é", "oai:a.example:s/%C3%A9"},
		{`<"&>`, "oai:a.example:s/%3C%22&%3E"},
	} {
		if got, err := pipeline.Mint("a.example", "s", c.local); err != nil || got != c.want {
			t.Errorf("Mint(%q) = %q, %v; want %q", c.local, got, err, c.want)
		}
	}
	if _, err := pipeline.Mint("a.example", "s", ""); err == nil {
		t.Error("an item without a key got an identifier")
	}
	if _, err := pipeline.Mint("a.example", "s", strings.Repeat("x", 1024)); err == nil {
		t.Error("an identifier of over 1,024 bytes was minted")
	}
}

var (
	identifierForm = regexp.MustCompile(`^oai:a\.example:s/[a-zA-Z0-9\-_.!~*'();/?:@&=+$,%]+$`)
	setSpecForm    = regexp.MustCompile(`^([A-Za-z0-9\-_\.!~\*'\(\)])+(:[A-Za-z0-9\-_\.!~\*'\(\)]+)*$`)
)

// Whatever a source uses as an identifier can be read back from what was minted: nothing collides.
func TestMintLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringN(1, 60, -1).Draw(t, "local")
		id, err := pipeline.Mint("a.example", "s", local)
		if err != nil {
			t.Fatal(err)
		}
		back, err := url.PathUnescape(strings.TrimPrefix(id, "oai:a.example:s/"))
		if !identifierForm.MatchString(id) || err != nil || back != local {
			t.Fatalf("Mint(%q) = %q, which reads back as %q (%v)", local, id, back, err)
		}
	})
}

func TestSetSpecsDoNotCollide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-z~: é]{0,6}`)
		a, b := part.Draw(t, "a"), part.Draw(t, "b")
		x, y := pipeline.SetSpec("s", a), pipeline.SetSpec("s", b)
		if !setSpecForm.MatchString(x) {
			t.Fatalf("SetSpec(%q) = %q, which is no setSpec", a, x)
		}
		if (a == b) != (x == y) {
			t.Fatalf("SetSpec(%q) = %q, SetSpec(%q) = %q", a, x, b, y)
		}
	})
}
