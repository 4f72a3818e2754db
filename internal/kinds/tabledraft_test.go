package kinds

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// TestDraftOfTable: columns come under the terms that their names say, lists are split at the mark that stands in them, and a DOI
// leads somewhere.
func TestDraftOfTable(t *testing.T) {
	look := &files.DocumentsLook{
		Format:  harvest.Format{Prefix: "csv"},
		Columns: []string{"id", "title", "author", "date_created", "date_issued", "keywords", "lang", "place", "Sammlung", "isbn", "doi", "notes", "colour"},
		Samples: [][]byte{[]byte("id,title,author,date_created,date_issued,keywords,lang,place,Sammlung,isbn,doi,notes,colour\n1,A map,\"Hoxha, Ana; Meier, Jens\",1957,1960,\"trees|forests, old\",en;sq,Tirana,Maps,,10.5072/X,n/a,red\n")},
	}
	want := `# Drafted from the names of the columns. Please look at what each becomes.
format csv

title        from title | clean
creator      from author | split ";"
issued       from date_issued | date
subject      from keywords | split "|"
language     from lang | each language | language
identifier   from doi | identifier
landing      from doi | page only | first
created      from date_created | date
description  from notes | clean
spatial      from place
isPartOf     from Sammlung
identifier   from isbn | isbn

# Columns that no rule reads:
# id
# colour
`
	if diff := cmp.Diff(want, draftTable("id", look)); diff != "" {
		t.Errorf("the draft differs (-want +got):\n%s", diff)
	}
}
