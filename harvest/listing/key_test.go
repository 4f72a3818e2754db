package listing_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// TestHashKeyIsForEver: identifiers are made of these keys. If this test fails, the code is wrong.
func TestHashKeyIsForEver(t *testing.T) {
	for want, in := range map[string][3]string{
		"h-356c48763af189a156633b2b787062f9b3cb457d": {"archive", "Notes of a Meeting", "April 1957"},
		"h-d5d6f0f3072cee203eac281e64103a3afc4a8435": {"archive", "Gjirokastër – STRASSE", "7 qershor 1960"},
		"h-709e80c88487a2411e1ee4dfb9f22a861492d20c": {"", "", ""},
	} {
		if got := listing.HashKey(in[0], in[1], in[2]); got != want {
			t.Errorf("HashKey%q = %s, want %s", in, got, want)
		}
	}
}

func TestHashKeyFolds(t *testing.T) {
	key := listing.HashKey("archive", "Gjirokastër Straße", "April 1957")
	for _, same := range [][3]string{
		{"archive", " GJIROKASTËR\u00a0\n STRASSE ", "april  1957"},
		{"archive", "Gjirokaste\u0308r Straße", "APRIL 1957"},
	} {
		if listing.HashKey(same[0], same[1], same[2]) != key {
			t.Errorf("%q has another key", same)
		}
	}
	for _, other := range [][3]string{
		{"archive2", "Gjirokastër Straße", "April 1957"}, {"archive", "Gjirokaster Straße", "April 1957"},
		{"archive", "Gjirokastër Straße", "April 1958"}, {"archive", "Gjirokastër", "Straße April 1957"},
	} {
		if listing.HashKey(other[0], other[1], other[2]) == key {
			t.Errorf("%q has the same key", other)
		}
	}
}

// TestKeysDoNotDependOnTheHost: the site moves to another host, and no record gets another key.
func TestKeysDoNotDependOnTheHost(t *testing.T) {
	sel := plainSelect
	sel.Link = "a"
	keys := func(host string) (keys []string) {
		page := onePage(t, listing.Config{From: []string{"https://" + host + "/list"}, Select: sel}, `<p>1 - 4 of 4</p>
			<div class=row><h3>A<a href=doc/1>.</a></h3></div>
			<div class=row><h3>B<a href="https://`+host+`/doc/2">.</a></h3></div>
			<div class=row><h3>C<a href=https://elsewhere.example.org/doc/2>.</a></h3></div>
			<div class=row><h3>D</h3></div>`)
		for _, it := range page.Items {
			keys = append(append(keys, it.Key), it.Aliases...)
		}
		return keys
	}
	here, there := keys("archive.example.org"), keys("new.example.net:8080")
	if diff := cmp.Diff(here, there); diff != "" {
		t.Error("keys (-before +after):\n" + diff)
	}
	if want := []string{"doc/1", "doc/2", "elsewhere.example.org/doc/2"}; len(here) != 7 || here[0] != want[0] || here[2] != want[1] || here[4] != want[2] {
		t.Errorf("keys %q", here)
	}
}

// TestOriginalIsJSON: an original of any text at all reads back as it was.
func TestOriginalIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.StringMatching("[a-zA-Z\"\\\\é日😀<&\u2028\x01\x1f\x7f-]{1,12}"), 1, 5).Draw(t, "words")
		line := "x" + strings.Join(text, " ") + "x"
		page := "1 - 1 of 1\n\n1958\n\nT" + line + "\n\n" + line
		got := onePage(t, listing.Config{}, page)
		var o original
		if err := json.Unmarshal(got.Items[0].Original, &o); err != nil {
			t.Fatalf("%v\n%s", err, got.Items[0].Original)
		}
		if want := page[len("1 - 1 of 1\n\n"):]; o.Row != want {
			t.Fatalf("row %q, want %q", o.Row, want)
		}
		var c original
		if err := json.Unmarshal(got.Items[0].Canonical, &c); err != nil {
			t.Fatalf("%v\n%s", err, got.Items[0].Canonical)
		}
		o.Row = ""
		if diff := cmp.Diff(o, c); diff != "" {
			t.Fatal("canonical form (-original +canonical):\n" + diff)
		}
		if got, want := listing.Canonical(got.Items[0].Original), got.Items[0].Canonical; !bytes.Equal(got, want) {
			t.Fatalf("canonical form of what is kept: %s, want %s", got, want)
		}
	})
}
