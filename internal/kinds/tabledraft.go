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
	"alternative": {"alttitle", "alternatetitle", "untertitel", "soustitre", "subtitulo", "sottotitolo"},
	"creator":     {"photographer", "artist", "autor", "verfasser", "urheber", "auteur", "autore", "createur", "fotograf", "autorin"},
	"contributor": {"editor", "mitwirkende", "herausgeber", "beteiligte", "contributeur", "editores"},
	"publisher":   {"verlag", "editeur", "editorial", "editore"},
	"issued":      {"dateissued", "datum", "jahr", "erscheinungsjahr", "annee", "fecha", "ano", "data", "datierung"},
	"abstract":    {"beschreibung", "inhalt", "resume", "descripcion", "descrizione", "zusammenfassung"},
	"subject":     {"topic", "topics", "tag", "schlagwort", "schlagworter", "schlagworte", "sujet", "sujets", "materia", "materias", "soggetto"},
	"language":    {"sprache", "langue", "idioma", "lingua"},
	"type":        {"format", "genre", "objekttyp", "typ", "medium", "tipo"},
	"landing":     {"permalink", "weblink"},
	"rights":      {"rightsuri", "licenseurl", "rechte", "droits", "derechos", "diritti", "lizenz"},
}

// columnTerms are what columns say beside the terms of drafts. Of a service's answers nobody can say so: what it calls created is
// mostly its own entry.
var columnTerms = []struct {
	term  string
	names []string
	then  string
}{
	{"created", []string{"datecreated", "created", "creationdate", "dateofcreation", "entstehungsdatum", "entstehungszeit", "datecreation", "datedecreation"}, "date"},
	{"description", []string{"notes", "note", "remarks", "bemerkung", "bemerkungen", "anmerkung", "anmerkungen", "remarques", "notas"}, "clean"},
	{"extent", []string{"extent", "pages", "dimensions", "size", "umfang", "masse", "seiten", "etendue", "dimensiones", "dimensioni"}, ""},
	{"medium", []string{"medium", "material", "technique", "technik", "materiau", "tecnica"}, ""},
	{"spatial", []string{"place", "location", "spatial", "coveragespatial", "ort", "lieu", "lugar", "luogo"}, ""},
	{"spatial", []string{"coordinates", "latlong", "koordinaten"}, ""},
	{"isPartOf", []string{"ispartof", "collection", "series", "sammlung", "serie", "reihe", "bestand", "fonds"}, ""},
	{"identifier", []string{"isbn"}, "isbn"},
	{"identifier", []string{"issn"}, "issn"},
}

// listed are terms of which a cell may hold several, with semicolons or strokes between.
var listed = []string{"creator", "contributor", "subject"}

// draftTable drafts a mapping for a table whose rows are known by the column key.
func draftTable(key string, look *files.DocumentsLook) string {
	var b strings.Builder
	b.WriteString("# Drafted from the names of the columns. Please look at what each becomes.\nformat csv\n\n")
	used, identifier := map[string]bool{}, ""
	rule := func(term, column, then string) {
		if mark := listMark(look, column); mark != "" && slices.Contains(listed, term) {
			then = strings.Trim("split "+strconv.Quote(mark)+" | "+then, "| ")
		}
		if term == "language" {
			then = "each language | " + then
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
			switch {
			case d.term == "identifier":
				identifier = columnSelector(column)
			case d.term == "landing" && identifier != "":
				fmt.Fprintf(&b, "  else       from %s | page only | first\n", identifier)
			}
		case d.term == "landing" && identifier != "":
			fmt.Fprintf(&b, "landing      from %s | page only | first\n", identifier)
		case d.term == "title" && key != "":
			rule(d.term, key, "")
		}
	}
	for _, d := range columnTerms {
		if column := columnNamed(look.Columns, d.names); column != "" && !used[column] {
			rule(d.term, column, d.then)
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

// listMark is what stands between the values of a list in the cells of a column; empty if they hold one value each.
func listMark(look *files.DocumentsLook, column string) string {
	for _, sample := range look.Samples[:min(len(look.Samples), 200)] {
		rows, err := csv.NewReader(bytes.NewReader(sample)).ReadAll()
		if err != nil || len(rows) != 2 {
			continue
		}
		i := slices.Index(rows[0], column)
		if i < 0 || i >= len(rows[1]) {
			continue
		}
		switch cell := rows[1][i]; {
		case strings.Contains(cell, "; "):
			return ";"
		case strings.Contains(cell, "|"):
			return "|"
		}
	}
	return ""
}
