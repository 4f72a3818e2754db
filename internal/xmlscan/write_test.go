package xmlscan_test

import (
	"encoding/xml"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// TestWrittenIsRead: what is written, the standard library reads as what it was.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := xmlscan.Clean(rapid.OneOf(rapid.String(), rapid.StringMatching(`[<>&"'\r\n\t \x00-\x1f]{0,8}`)).Draw(t, "text"))
		if again := xmlscan.Clean(text); again != text {
			t.Fatalf("%q is cleaned again to %q", text, again)
		}
		doc := xmlscan.AppendAttribute([]byte(`<a b="`), text)
		doc = append(xmlscan.AppendText(append(doc, `">`...), text), "</a>"...)
		var got struct {
			B    string `xml:"b,attr"`
			Text string `xml:",chardata"`
		}
		if err := xml.Unmarshal(doc, &got); err != nil || got.Text != text {
			t.Fatalf("%q is written as %q, and read as %q, %v", text, doc, got.Text, err)
		}
		if got.B != text {
			t.Fatalf("the attribute %q is written as %q, and read as %q", text, doc, got.B)
		}
	})
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{"": "", " a ": "a", "a\x00b": "ab", "a\ufffeb": "ab", "a\xffb": "a\ufffdb", "\ufffd": "\ufffd", "a\tb\n": "a\tb", "𝄞\x1f": "𝄞"} {
		if got := xmlscan.Clean(text); got != want {
			t.Errorf("%q is cleaned to %q, want %q", text, got, want)
		}
	}
}

// TestIsLanguage compares with the pattern of XML Schema (part 2, 3.3.3).
func TestIsLanguage(t *testing.T) {
	language := regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)
	rapid.Check(t, func(t *rapid.T) {
		tag := rapid.StringMatching(`[a-zA-Z0-9_ -]{0,12}`).Draw(t, "tag")
		if got, want := xmlscan.IsLanguage(tag), language.MatchString(tag); got != want {
			t.Fatalf("%q: %v, want %v", tag, got, want)
		}
	})
}
