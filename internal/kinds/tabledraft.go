package kinds

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/harvest/files"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// columnNames are what columns are called in other languages than English, by the terms of [drafts].
var columnNames = map[string][]string{
	"title":       {"maintitle", "titel", "haupttitel", "titre", "titulo", "titolo", "intitule", "bezeichnung", "objekttitel"},
	"alternative": {"untertitel", "soustitre", "subtitulo", "sottotitolo"},
	"creator":     {"photographer", "artist", "autor", "verfasser", "urheber", "auteur", "autore", "createur", "fotograf", "autorin"},
	"contributor": {"editor", "mitwirkende", "herausgeber", "beteiligte", "contributeur", "editores"},
	"publisher":   {"verlag", "editeur", "editorial", "editore"},
	"issued":      {"datecreated", "created", "datum", "jahr", "erscheinungsjahr", "annee", "fecha", "ano", "data", "datierung"},
	"abstract":    {"notes", "beschreibung", "inhalt", "resume", "descripcion", "descrizione", "zusammenfassung"},
	"subject":     {"topic", "schlagwort", "schlagworter", "schlagworte", "sujet", "sujets", "materia", "materias", "soggetto"},
	"language":    {"sprache", "langue", "idioma", "lingua"},
	"type":        {"format", "genre", "objekttyp", "typ", "medium", "tipo"},
	"landing":     {"permalink", "weblink"},
	"rights":      {"rechte", "droits", "derechos", "diritti", "lizenz"},
}

// listed are terms of which a cell may hold several, with semicolons between.
var listed = []string{"creator", "contributor", "subject"}

// draftTable drafts a mapping for a table whose rows are known by the column key.
func draftTable(key string, look *files.DocumentsLook) string {
	var b strings.Builder
	b.WriteString("# Drafted from the names of the columns. Please look at what each becomes.\nformat csv\n\n")
	used := map[string]bool{}
	rule := func(term, column, then string) {
		if slices.Contains(listed, term) && holdsLists(look, column) {
			then = strings.Trim(`split ";" | `+then, "| ")
		}
		if then != "" {
			then = " | " + then
		}
		fmt.Fprintf(&b, "%-12s from %s%s\n", term, columnSelector(column), then)
		used[column] = true
	}
	for _, d := range drafts {
		switch column := columnNamed(look.Columns, append(slices.Clone(d.names), columnNames[d.term]...)); {
		case column != "":
			rule(d.term, column, d.then)
		case d.term == "title" && key != "":
			rule(d.term, key, "")
		}
	}
	b.WriteString("\n# Columns that no rule reads:\n")
	for _, column := range look.Columns {
		if !used[column] && column != "" {
			fmt.Fprintf(&b, "# %s\n", wording.ClipLine(column, 100))
		}
	}
	return b.String()
}

// columnNamed is the column that has the first of the names that one has; empty if none has.
func columnNamed(columns, names []string) string {
	for _, name := range names {
		for _, column := range columns {
			if foldColumn(column) == name {
				return column
			}
		}
	}
	return ""
}

// foldColumn is the name of a column in lower case, without accents and signs; "dc.title[de]" is "title".
func foldColumn(column string) string {
	column, _, _ = strings.Cut(strings.ToLower(column), "[")
	for _, prefix := range []string{"dcterms.", "dcterms:", "dc.", "dc:"} {
		column = strings.TrimPrefix(column, prefix)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFD.String(column))
}

// columnSelector is how a mapping names a column.
func columnSelector(column string) string {
	if plainName.MatchString(column) {
		return column
	}
	return strconv.Quote(column)
}

// holdsLists says whether cells of a column have semicolons.
func holdsLists(look *files.DocumentsLook, column string) bool {
	for _, sample := range look.Samples[:min(len(look.Samples), 200)] {
		rows, err := csv.NewReader(bytes.NewReader(sample)).ReadAll()
		if err != nil || len(rows) != 2 {
			continue
		}
		if i := slices.Index(rows[0], column); i >= 0 && i < len(rows[1]) && strings.Contains(rows[1][i], "; ") {
			return true
		}
	}
	return false
}
