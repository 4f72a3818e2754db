package oaipmh

import (
	"bytes"
	"encoding/xml"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

var internalKeys = keys{[]byte("sixteen bytes or more")}

func TestTokenRoundTrip(t *testing.T) {
	when := rapid.Map(rapid.Int64Range(-62135596799, 253402300799), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
	rapid.Check(t, func(t *rapid.T) {
		want := token{
			verb:   rapid.SampledFrom(tokenVerbs[:]).Draw(t, "verb"),
			prefix: rapid.String().Draw(t, "prefix"),
			set:    rapid.String().Draw(t, "set"),
			after:  rapid.String().Draw(t, "after"),
			cursor: rapid.Int64Range(0, 1<<62).Draw(t, "cursor"),
			size:   rapid.Int64Range(-1, 1<<62).Draw(t, "size"),
		}
		if rapid.Bool().Draw(t, "has from") {
			want.from = when.Draw(t, "from")
		}
		if rapid.Bool().Draw(t, "has until") {
			want.until = when.Draw(t, "until")
		}
		if rapid.Bool().Draw(t, "has seen") {
			want.seen = when.Draw(t, "seen")
		}
		if got, ok := internalKeys.open(internalKeys.seal(want)); !ok || got != want {
			t.Fatalf("%v %+v, not %+v", ok, got, want)
		}
	})
}

// A token that an earlier release made must work for ever.
func TestTokenOfVersion1(t *testing.T) {
	want := token{verb: verbListRecords, prefix: "oai_dc", set: "a:b", from: time.Unix(1704067200, 0).UTC(), after: "123", cursor: 100, size: 250}
	const made = "AQABZPsBgIKQ2QwGb2FpX2RjA2E6YgMxMjNsRQYJLo35vLrP_Tb1KJ2a"
	if got, ok := internalKeys.open(made); !ok || got != want {
		t.Errorf("%v %+v", ok, got)
	}
	if len(made) > 70 {
		t.Errorf("%d characters", len(made))
	}
}

func FuzzToken(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte("\x00\x03\x64\xfb\x01\x80\xf4\x94\x99\x0c\x02\x06oai_dc\x00\x0112"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, ok := internalKeys.open(string(b)); ok {
			t.Fatal("a forged token")
		}
		// What lies under the signature must be harmless too: the key may be known to a sister program.
		if got, ok := readToken(b); ok {
			if again, ok := internalKeys.open(internalKeys.seal(got)); !ok || again != got {
				t.Fatalf("%+v, then %+v", got, again)
			}
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a<b>&\"'\x00\r\n\t\uFFFE\xff]]>")
	f.Fuzz(func(t *testing.T, s string) {
		doc := append(xmlscan.AppendExact([]byte(`<a b="`), s), `">`...)
		doc = append(xmlscan.AppendExact(doc, s), "</a>"...)
		var got struct {
			B string `xml:"b,attr"`
			C string `xml:",chardata"`
		}
		if err := xml.Unmarshal(doc, &got); err != nil {
			t.Fatalf("%v: %q", err, doc)
		}
		if got.B != got.C || xmlscan.IsClean(s) && got.C != s {
			t.Fatalf("%q became %q and %q", s, got.B, got.C)
		}
	})
}

func FuzzElement(f *testing.F) {
	f.Add([]byte("<a>x\x03&#x3;&#65;\uFFFE\xff<?xml ?></a>"))
	f.Add([]byte("\uFEFF <?xml version='1.0'?>\n<a/>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, clean := appendElement([]byte("."), b)
		if clean && !bytes.Equal(out[1:], b) {
			t.Fatalf("%q became %q", b, out)
		}
		if len(out) > 1 && out[1] != '<' {
			t.Fatalf("%q", out)
		}
		if len(out) > 1 && !wellEncoded(out[1:]) {
			t.Fatalf("%q became %q", b, out)
		}
		for i := 1; i < len(out); i++ {
			if c := out[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
				t.Fatalf("%q", out)
			}
		}
	})
}

// What is taken for a URI at a glance is one by the long way too.
func TestPlainURI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`([a-z0-9]{0,3}:)?(//)?[aZ09:/._~%#? é-]{0,12}(:[0-9a-z]{0,6})?(/a)?`).Draw(t, "text")
		if plainURI(s) && !parsesAsURI(s) {
			t.Fatalf("%q is no URI", s)
		}
	})
	for _, usual := range []string{"oai:repository.example.org:item/1234", "https://repository.example.org/oai", "http://127.0.0.1:8080/oai", "http://www.openarchives.org/OAI/2.0/oai_dc/"} {
		if !plainURI(usual) || !parsesAsURI(usual) {
			t.Errorf("%s: plain %t, a URI %t", usual, plainURI(usual), parsesAsURI(usual))
		}
	}
}

func BenchmarkValidURI(b *testing.B) {
	for b.Loop() {
		for _, usual := range []string{"oai:repository.example.org:item/1234", "https://repository.example.org/oai", "http://www.openarchives.org/OAI/2.0/oai_dc/"} {
			if !ValidURI(usual) {
				b.Fatal(usual)
			}
		}
	}
}
