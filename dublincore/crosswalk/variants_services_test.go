package crosswalk

import "testing"

// thing is a thing of schema.org with more properties.
func thing(properties string) string {
	return `{"@context":"https://schema.org","@type":"CreativeWork","name":"T",` + properties + `}`
}

var schemaorgVariants = []variant{
	{"a headline that is the name", "schemaorg", thing(`"headline":"T","alternativeHeadline":"S"`), []string{"alternative = S", "note alternative duplicate-dropped"}, []string{"alternative = T"}},
	{"keywords with semicolons", "schemaorg", thing(`"keywords":"Forests, European; Trees"`), []string{"subject = Forests, European", "subject = Trees"}, []string{"subject = Forests"}},
	{"a subject that is only an address", "schemaorg", thing(`"about":[{"@id":"http://id.loc.gov/authorities/subjects/sh85050672"},{"@id":"https://example.org/a","name":"Trees"}]`),
		[]string{"subject = http://id.loc.gov/authorities/subjects/sh85050672", "subject = Trees"}, []string{"subject = https://example.org/a"}},
	{"what an identifier is called", "schemaorg", thing(`"identifier":{"@type":"PropertyValue","name":"shelfmark","value":"K 12"}`), []string{"identifier = K 12"}, []string{"identifier = shelfmark"}},
	{"an identifier in words", "schemaorg", thing(`"identifier":"MS 12/3"`), []string{"identifier = MS 12/3"}, nil},
	{"several given names", "schemaorg", thing(`"author":[{"@type":"Person","givenName":["Ana","Maria"],"familyName":"Hoxha"},{"@type":"Person","familyName":"Meier","givenName":"Jens","additionalName":"J."}]`),
		[]string{"creator = Hoxha, Ana Maria", "creator = Meier, Jens J."}, nil},
	{"a film", "schemaorg", thing(`"director":{"@type":"Person","name":"D. Irector"},"actor":["A. Ctor"],"uploadDate":"2020-01-02","duration":"PT1H2M"`),
		[]string{"contributor = D. Irector", "contributor = A. Ctor", "issued = 2020-01-02", "extent = PT1H2M"}, []string{"note  not-mapped"}},
	{"a composer and an artist", "schemaorg", thing(`"composer":{"name":"C. Omposer"},"artist":"A. Rtist"`), []string{"creator = C. Omposer", "creator = A. Rtist"}, nil},
	{"the older names of coverage", "schemaorg", thing(`"temporal":"1900","spatial":{"@type":"Place","name":"Tirana","geo":{"@type":"GeoCoordinates","latitude":41.3,"longitude":19.8}},"locationCreated":{"name":"Durrës"}`),
		[]string{"temporal = 1900", "spatial = Tirana", "spatial = 41.3 19.8", "spatial = Durrës"}, nil},
	{"an archive", "schemaorg", `{"@context":"https://schema.org","@graph":[{"@type":"ArchiveComponent","name":"T","holdingArchive":{"@id":"#a"},"material":"paper"},{"@id":"#a","@type":"ArchiveOrganization","name":"The Archive"}]}`,
		[]string{"dataProvider = The Archive", "medium = paper"}, nil},
	{"the pages of an article", "schemaorg", thing(`"pageStart":"12","pageEnd":20,"isPartOf":{"@type":"PublicationIssue","issueNumber":"3","isPartOf":{"@type":["PublicationVolume","Periodical"],"name":"J. of Trees","volumeNumber":5}}`),
		[]string{"bibliographicCitation = J. of Trees, vol. 5, no. 3, p. 12-20", "isPartOf = J. of Trees, vol. 5, no. 3"}, nil},
	{"the pages of an article in what is only named", "schemaorg", thing(`"pageStart":"12","isPartOf":{"@type":"Book","name":"Essays"}`), []string{"bibliographicCitation = Essays, p. 12"}, nil},
	{"a genre", "schemaorg", thing(`"genre":"non-fiction"`), []string{"type = non-fiction"}, nil},
}

// unimarcRecordWith is a record of UNIMARC with more fields.
func unimarcRecordWith(fields string) string {
	return "=LDR  00000nam0 2200000   450 \n=001  1\n=200  1\\$aForests\n" + fields + "\n"
}

var unimarcMoreVariants = []variant{
	{"signs for sorting in the wrong letters", "unimarc", "=LDR  00000nam0 2200000   450 \n=200  1\\$aˆL'‰étranger\n=500  11$aˆL'‰Étranger\n", []string{"title = L'étranger", "alternative = L'Étranger"}, nil},
	{"additions to names", "unimarc", unimarcRecordWith("=700  \\0$aLeonardo$cda Vinci$f1452-1519\n=701  \\0$aJean-Paul$dII$cpape$f1920-2005$4070"), []string{"creator = Leonardo, da Vinci, 1452-1519", "creator = Jean-Paul II, pape, 1920-2005"}, nil},
	{"years that are not known", "unimarc", unimarcRecordWith("=700  \\1$aHoxha$bAna$f....-....\n=701  \\1$aMeier$bJens$f1900-....$4070"), []string{"creator = Hoxha, Ana", "creator = Meier, Jens, 1900-"}, []string{"creator = Hoxha, Ana, ...*"}},
	{"a body and a congress", "unimarc", unimarcRecordWith("=710  02$aFrance$bMinistère\n=711  12$aCongrès$d12$f1957$eParis\n=601  02$aFrance$bArmée"), []string{"creator = France. Ministère", "creator = Congrès, 12, 1957, Paris", "subject = France. Armée"}, []string{"creator = France Ministère"}},
	{"nobody is identified, in French", "unimarc", unimarcRecordWith("=214  \\0$a[Lieu de publication non identifié]$c[Nom de l'éditeur non identifié]$d[DL 1957]"), []string{"note publisher placeholder-dropped", "issued = 1957"}, []string{"publisher = *"}},
	{"how large it is", "unimarc", unimarcRecordWith("=215  \\\\$a1 vol. (159 p.)$cill.$d18 cm$e1 carte"), []string{"extent = 1 vol. (159 p.): ill.; 18 cm + 1 carte"}, nil},
	{"a series and its number", "unimarc", unimarcRecordWith("=225  |\\$aFolio$v2\n=410  \\0$tFolio$x0768-0732$v2"), []string{"isPartOf = Folio; 2", "isPartOf = 0768-0732"}, []string{"isPartOf = Folio"}},
	{"a series in its own record alone", "unimarc", unimarcRecordWith("=410  \\0$tFolio$v3"), []string{"isPartOf = Folio; 3"}, nil},
	{"a volume of a whole", "unimarc", unimarcRecordWith("=461  \\1$tŒuvres$v3"), []string{"isPartOf = Œuvres; 3"}, nil},
	{"the address of its record", "unimarc", unimarcRecordWith("=003  http://catalogue.bnf.fr/ark:/12148/cb1"), []string{"landing = http://catalogue.bnf.fr/ark:/12148/cb1"}, nil},
	{"markup in an abstract", "unimarc", unimarcRecordWith("=330  \\\\$aA <i>short</i> one"), []string{"abstract = A short one"}, nil},
	{"a thesis in parts", "unimarc", unimarcRecordWith("=328  \\0$bThèse$cHistoire$eParis$d1999"), []string{"description = Thèse: Histoire: Paris: 1999"}, nil},
	{"four sides of a map", "unimarc", unimarcRecordWith("=123  1\\$aa$dE0190000$eE0200000$fN0420000$gN0410000\n=620  \\\\$aFrance$dParis"), []string{"spatial = E0190000 E0200000 N0420000 N0410000", "spatial = France -- Paris"}, nil},
	{"an author and a title as subject", "unimarc", unimarcRecordWith("=604  \\\\$aSartre$tLa nausée"), []string{"subject = Sartre. La nausée"}, nil},
	{"where it comes from", "unimarc", unimarcRecordWith("=317  \\\\$aEx libris Y"), []string{"provenance = Ex libris Y"}, nil},
}

var aroundVariants = []variant{
	{"chapters in METS", "mods", `<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:mods="http://www.loc.gov/mods/v3"><mets:dmdSec><mods:mods><mods:titleInfo><mods:title>Wald</mods:title></mods:titleInfo></mods:mods></mets:dmdSec><mets:dmdSec><mods:mods><mods:titleInfo><mods:title>Kapitel</mods:title></mods:titleInfo></mods:mods></mets:dmdSec></mets:mets>`,
		[]string{"title = Wald", "note  warning"}, nil},
	{"links and licence of METS", "mods", `<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dv="http://dfg-viewer.de/"><mets:dmdSec><mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Wald</title></titleInfo></mods></mets:dmdSec><mets:amdSec><mets:rightsMD><dv:rights><dv:license>https://creativecommons.org/licenses/by-sa/4.0/</dv:license></dv:rights></mets:rightsMD><mets:digiprovMD><dv:links><dv:presentation>https://example.org/1</dv:presentation></dv:links></mets:digiprovMD></mets:amdSec><mets:fileSec><mets:fileGrp USE="THUMBS"><mets:file><mets:FLocat xlink:href="https://example.org/t1.jpg"/></mets:file><mets:file><mets:FLocat xlink:href="https://example.org/t2.jpg"/></mets:file></mets:fileGrp></mets:fileSec></mets:mets>`,
		[]string{"landing = https://example.org/1", "thumbnail = https://example.org/t1.jpg", "rights = http://creativecommons.org/licenses/by-sa/4.0/"}, []string{"note  warning"}},
	{"an alternative title that is the title", "marc21", marcRecordWith(`=246  1\$aForests.`, `=246  3\$aWoods.`), []string{"alternative = Woods", "note alternative duplicate-dropped"}, []string{"alternative = Forests"}},
	{"nobody is named, in Russian and Czech", "oai_dc", simple(`<dc:publisher>[б. и.]</dc:publisher><dc:publisher>[nakladatel není známý]</dc:publisher><dc:publisher>NULL</dc:publisher><dc:creator>Б. И.</dc:creator><dc:date>б. г.</dc:date>`),
		[]string{"note publisher placeholder-dropped", "creator = Б. И.", "note date placeholder-dropped"}, []string{"publisher = *", "date = *"}},
}

// TestColumnsOfOneName: a table may have a column for each of several values.
func TestColumnsOfOneName(t *testing.T) {
	m, err := Compile("t.map", []byte("format csv\ntitle from title\nsubject from subject\n"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Apply(Input{Original: []byte("title,subject,Subject,subject\nT,Forests,Trees,\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(res, nil); got != "title = T\nsubject = Forests\nsubject = Trees\n" {
		t.Errorf("the record is\n%s", got)
	}
}
