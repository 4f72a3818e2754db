package search

import (
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Words are found in their other forms, in their own language only; phrases, quoted words, beginnings and fields find what
// they say.
func TestStems(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	defer func() { _ = w.Close() }()
	in := func(local, language string, term dublincore.Term, text string) pipeline.Change {
		return record(local, dublincore.Value{Term: term, Text: text, Lang: language})
	}
	w.commit(
		in("en", "en", dublincore.Title, "Letters to the committees"),
		in("de", "de-AT", dublincore.Title, "Verträge über Häuser"),
		in("fr", "fre", dublincore.Abstract, "Les négociations étaient difficiles"),
		in("es", "es", dublincore.Title, "Revoluciones"),
		in("it", "ita", dublincore.Subject, "biblioteche"),
		in("ru", "ru", dublincore.Title, "Письма комитетам"),
		in("sv", "swe", dublincore.Title, "Förhandlingarna"),
		in("hu", "hu", dublincore.Title, "levelek"),
		in("sq", "sq", dublincore.Title, "Letrat e komitetit"), // Albanian has no stems
		record("guess", value(dublincore.Title, "Briefe"), value(dublincore.Language, "deu")),
		record("none", value(dublincore.Title, "Meetings")),
		in("name", "en", dublincore.Creator, "Waters, Peter"),
		in("own", "en", dublincore.Title, "The speech"), // a word that is its own stem
		in("foreign", "sq", dublincore.Title, "Speech"),
		record("two", dublincore.Value{Term: dublincore.Title, Text: "Speech", Lang: "sq"}, dublincore.Value{Term: dublincore.Abstract, Text: "A map", Lang: "en"}, value(dublincore.Creator, "Map, Jane")),
	)
	w.catchUp()
	for text, want := range map[string]string{
		"letter":               "en",
		"letter committee":     "en",
		"letters":              "en",
		"LETTERING":            "en",
		"vertrag":              "de",
		"vertrages":            "de",
		"hauses":               "de",
		"negociation":          "fr",
		"négociations":         "fr",
		"négocier":             "fr",
		"difficile":            "fr",
		"revolución":           "es",
		"biblioteca":           "it",
		"письмо":               "ru",
		"комитет":              "ru",
		"förhandling":          "sv",
		"levél":                "hu",
		"letra":                "sq", // as the beginning of a word
		"letrave":              "",
		"brief":                "guess",
		"meet":                 "none", // as the beginning of a word
		"meeting none":         "",
		"title:letter":         "en",
		"abstract:letter":      "",
		"creator:water":        "name", // as the beginning of a word
		"creator:watering x":   "",
		"watering":             "", // a name has no other forms
		"speeches":             "two own",
		"title:speeches":       "own",
		"subject:speeches":     "",
		"creator:mapping":      "",
		"mapping":              "two",
		"speech":               "two foreign own",
		`"letter"`:             "",
		`"letters to"`:         "en",
		`"letter to"`:          "",
		`"letters committees"`: "",
		"lett*":                "en",
		"-letter committees":   "en", // without the word itself
		"-letters committees":  "",
	} {
		if got := w.locals(Query{Text: text, Sort: Newest}); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := w.find(Query{Text: "leters"}).Meant; got != "letters" {
		t.Errorf("meant is %q: a stem is no word", got)
	}
}
