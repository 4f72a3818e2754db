package dublincore_test

import (
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// shared is the path of a file beside the module, for tests over real data.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: %v", name, err)
		}
		t.Skipf("%s is missing: lay shared/ beside the module", name)
	}
	return path
}

// texts makes what sources send: plain words, markup, other scripts, and bytes that are no text.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9 ,.;:'()-]{1,40}`),
		rapid.SampledFrom([]string{"Khrushchev’s Speech", "Շնորհակալություն", "<b>bold</b> & co", "a\u0003b\ufffec",
			"x\r\ny\t", "]]>", "\u2028\u2029", "\xff\xfe", "𝄞", "\x00", "e\u0301", `"quoted\"`, "  padded  ", "\x7f"}),
		rapid.String(),
	)
}

func values() *rapid.Generator[dublincore.Value] {
	return rapid.Custom(func(t *rapid.T) dublincore.Value {
		return dublincore.Value{
			Term: rapid.SampledFrom(dublincore.Terms()).Draw(t, "term"),
			Text: texts().Draw(t, "text"),
			Lang: rapid.SampledFrom([]string{"", "", "en", "sq", "zh-Hant", "not a tag", `"`}).Draw(t, "lang"),
			Scheme: rapid.SampledFrom([]string{"", "", "W3CDTF", "EDTF", "URI", "DCMIType", "ISO639-3", "LCSH", "RFC3066",
				"invented"}).Draw(t, "scheme"),
			Original: rapid.OneOf(rapid.Just(""), texts()).Draw(t, "original"),
			From:     dublincore.Authority(rapid.IntRange(0, 2).Draw(t, "from")),
		}
	})
}

func records() *rapid.Generator[*dublincore.Record] {
	return rapid.Custom(func(t *rapid.T) *dublincore.Record {
		return &dublincore.Record{Values: rapid.SliceOfN(values(), 0, 12).Draw(t, "values")}
	})
}
