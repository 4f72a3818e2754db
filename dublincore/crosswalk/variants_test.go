package crosswalk

import (
	"slices"
	"strings"
	"testing"
)

// A variant is an original that nobody has sent yet, of a kind of fault that somebody has.
type variant struct {
	name, mapping string
	original      string
	gives         []string // "title = The forest", or "note publisher placeholder-dropped"
	lacks         []string
}

// variants are tried in every format in which a kind of fault can stand.
var variants = slices.Concat(dataciteVariants, modsVariants, simpleVariants, qualifiedVariants, marcVariants, unimarcVariants, eadVariants, jsonVariants, eachVariants, archiveVariants, museumVariants,
	schemaorgVariants, unimarcMoreVariants, aroundVariants)

func TestVariants(t *testing.T) {
	for _, v := range variants {
		t.Run(v.mapping+"/"+v.name, func(t *testing.T) {
			m, err := Builtin(v.mapping)
			if err != nil {
				t.Fatal(err)
			}
			res, err := m.Apply(Input{Original: []byte(v.original)})
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, value := range res.Record.Values {
				line := value.Term.String() + " = " + value.Text
				said = append(said, line)
				if value.Lang != "" {
					said = append(said, line+" @"+value.Lang)
				}
			}
			for _, n := range res.Notes {
				said = append(said, "note "+n.Term.String()+" "+n.Kind.String())
			}
			for _, want := range v.gives {
				if !slices.Contains(said, want) {
					t.Errorf("it lacks %q", want)
				}
			}
			for _, not := range v.lacks {
				if slices.ContainsFunc(said, func(line string) bool {
					return line == not || strings.HasSuffix(not, "*") && strings.HasPrefix(line, not[:len(not)-1])
				}) {
					t.Errorf("it gives %q", not)
				}
			}
			if t.Failed() {
				t.Log(strings.Join(said, "\n"))
			}
		})
	}
}

const dataciteOpen = `<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">10.5072/abc</identifier>`

var dataciteVariants = []variant{
	{"a handle that only its type says", "datacite", `<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="Handle">1902.29/10438</identifier><titles><title>T</title></titles></resource>`,
		[]string{"identifier = https://hdl.handle.net/1902.29/10438", "landing = https://hdl.handle.net/1902.29/10438"}, []string{"identifier = 1902.29/10438"}},
	{"several names in one creator", "datacite", dataciteOpen + `<creators><creator><creatorName>Hoxha, Ana</creatorName><creatorName>Meier, Jens</creatorName><givenName>Ana</givenName></creator></creators><titles><title>T</title></titles></resource>`,
		[]string{"creator = Hoxha, Ana", "creator = Meier, Jens"}, nil},
	{"several names in one contributor", "datacite", dataciteOpen + `<contributors><contributor contributorType="Editor"><contributorName>A, B</contributorName><contributorName>C, D</contributorName></contributor></contributors><titles><title>T</title></titles></resource>`,
		[]string{"contributor = A, B", "contributor = C, D"}, nil},
	{"an organisation with a comma", "datacite", dataciteOpen + `<creators><creator><creatorName nameType="Organizational">Institute, Forest</creatorName><familyName>Institute</familyName><givenName>Forest</givenName></creator></creators><titles><title>T</title></titles></resource>`,
		[]string{"creator = Institute, Forest"}, nil},
	{"subtitles in two languages", "datacite", dataciteOpen + `<titles><title xml:lang="en">Trees</title><title xml:lang="de-AT">Bäume</title><title titleType="Subtitle" xml:lang="de">Eine Zählung</title><title titleType="Subtitle" xml:lang="en-GB">A count</title></titles></resource>`,
		[]string{"title = Trees: A count @en", "title = Bäume: Eine Zählung @de-AT"}, nil},
	{"a subtitle in a third language", "datacite", dataciteOpen + `<titles><title xml:lang="en">Trees</title><title titleType="Subtitle" xml:lang="sq">Një numërim</title></titles></resource>`,
		[]string{"title = Trees @en", "title = Një numërim @sq"}, []string{"title = Trees: Një numërim"}},
	{"subtitles without language", "datacite", dataciteOpen + `<titles><title xml:lang="en">Trees</title><title titleType="Subtitle">one</title><title titleType="Subtitle">two</title></titles></resource>`,
		[]string{"title = Trees: one, two"}, nil},
	{"a subtitle alone", "datacite", dataciteOpen + `<titles><title titleType="Subtitle">A count</title></titles></resource>`,
		[]string{"title = A count"}, nil},
	{"the envelope with its payload", "datacite", `<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.1/"><isReferenceQuality>true</isReferenceQuality><schemaVersion>4.4</schemaVersion><payload>` + dataciteOpen + `<titles><title>T</title></titles></resource></payload></oai_datacite>`,
		[]string{"title = T", "identifier = https://doi.org/10.5072/abc"}, []string{"title = 4.4"}},
	{"kernel 3", "datacite", `<resource xmlns="http://datacite.org/schema/kernel-3"><identifier identifierType="DOI">10.5072/abc</identifier><creators><creator><creatorName>Hoxha, Ana</creatorName></creator></creators><titles><title>T</title></titles><geoLocations><geoLocation><geoLocationPoint>41.3 19.8</geoLocationPoint><geoLocationBox>41 19 42 20</geoLocationBox></geoLocation></geoLocations></resource>`,
		[]string{"creator = Hoxha, Ana", "spatial = 41.3 19.8", "spatial = 41 19 42 20"}, nil},
}

const modsOpen = `<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink"><titleInfo><title>T</title></titleInfo>`

var modsVariants = []variant{
	{"a handle that only its type says", "mods", `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo><identifier type="hdl">1902.29/10438</identifier></mods>`,
		[]string{"identifier = https://hdl.handle.net/1902.29/10438", "landing = https://hdl.handle.net/1902.29/10438"}, []string{"identifier = 1902.29/10438"}},
	{"a handle that says itself what it is", "mods", `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo><identifier type="handle">hdl:1902.29/10438</identifier><identifier type="hdl" invalid="yes">1902.29/1</identifier></mods>`,
		[]string{"identifier = https://hdl.handle.net/1902.29/10438", "landing = https://hdl.handle.net/1902.29/10438"}, []string{"identifier = https://hdl.handle.net/1902.29/1"}},
	{"several genres in one element", "mods", `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo><genre>Photographs; Maps</genre><genre>Tales; told by the sea</genre></mods>`,
		[]string{"type = Photographs", "type = Maps", "type = Tales; told by the sea"}, []string{"type = Photographs; Maps"}},
	{"notes that are for the library alone", "mods", modsOpen + `<note type="admin">Ask legal.</note><note displayLabel="Staff note">Box missing.</note><note type="action">Rebound 2010.</note><note type="content">With two maps.</note></mods>`,
		[]string{"description = With two maps."}, []string{"description = Ask*", "description = Box*", "description = Rebound*", "note*"}},
	{"a related page without title", "mods", modsOpen + `<relatedItem><location><url>https://example.org/see</url></location></relatedItem></mods>`,
		[]string{"relation = https://example.org/see"}, []string{"relation = ,*"}},
	{"a host that is only a place in it", "mods", modsOpen + `<relatedItem type="host"><part><detail type="volume"><number>5</number></detail><extent unit="pages"><start>12</start><end>20</end></extent></part></relatedItem></mods>`,
		[]string{"bibliographicCitation = vol. 5, p. 12-20"}, []string{"isPartOf = *"}},
	{"a host that is only a number", "mods", modsOpen + `<relatedItem type="host"><part><detail><number>5</number></detail></part></relatedItem></mods>`,
		[]string{"note isPartOf unknown-element"}, []string{"isPartOf = *", "bibliographicCitation = *"}},
	{"a host by its ISSN", "mods", modsOpen + `<relatedItem type="host"><identifier type="issn">0378-5955</identifier><part><detail type="volume"><number>5</number></detail></part></relatedItem></mods>`,
		[]string{"isPartOf = 0378-5955", "bibliographicCitation = vol. 5"}, nil},
	{"a series without title", "mods", modsOpen + `<relatedItem type="series"><titleInfo><partNumber>3</partNumber></titleInfo></relatedItem></mods>`,
		[]string{"note isPartOf unknown-element"}, []string{"isPartOf = *"}},
	{"a related record elsewhere", "mods", modsOpen + `<relatedItem type="otherVersion" xlink:href="https://example.org/other"/></mods>`,
		[]string{"isVersionOf = https://example.org/other"}, nil},
	{"a related item that is described", "mods", modsOpen + `<relatedItem type="isReferencedBy"><name><namePart>Smith, J.</namePart></name><originInfo><dateIssued>1999</dateIssued></originInfo></relatedItem></mods>`,
		[]string{"isReferencedBy = Smith, J., 1999"}, nil},
}

const dcOpen = `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:x="urn:x"><dc:title>T</dc:title>`

// simple is a record of simple Dublin Core with one more element.
func simple(element string) string { return dcOpen + element + "</oai_dc:dc>" }

var simpleVariants = []variant{
	{"a list with brackets", "oai_dc", simple(`<dc:subject>Forests; Letters (Albanian; Greek); Trees</dc:subject>`),
		[]string{"subject = Forests", "subject = Letters (Albanian; Greek)", "subject = Trees"}, nil},
	{"a bracket that is never closed", "oai_dc", simple(`<dc:subject>Letters (Albanian; Trees</dc:subject>`),
		[]string{"subject = Letters (Albanian", "subject = Trees"}, nil},
	{"names with commas", "oai_dc", simple(`<dc:creator>Hoxha, Ana; Meier, Jens</dc:creator>`), []string{"creator = Hoxha, Ana", "creator = Meier, Jens"}, nil},
	{"nobody is named", "oai_dc", simple(`<dc:creator>Hoxha, Ana; et al.</dc:creator><dc:contributor>[s.n.]</dc:contributor>`),
		[]string{"creator = Hoxha, Ana", "note creator placeholder-dropped", "note contributor placeholder-dropped"}, []string{"creator = et al*", "contributor = *"}},
	{"no date in words", "oai_dc", simple(`<dc:date>[s.d.]</dc:date>`), []string{"note date placeholder-dropped"}, []string{"date = *"}},
	{"an unknown language", "oai_dc", simple(`<dc:language>und</dc:language><dc:language>sq</dc:language>`), []string{"language = sqi", "note language placeholder-dropped"}, []string{"language = und"}},
	{"not applicable", "oai_dc", simple(`<dc:source>N/A</dc:source><dc:rights>n/a</dc:rights>`), []string{"note source placeholder-dropped", "note rights placeholder-dropped"}, []string{"source = *", "rights = *"}},
	{"a person called Null", "oai_dc", simple(`<dc:creator>Null</dc:creator>`), []string{"creator = Null"}, nil},
	{"a term of another namespace", "oai_dc", simple(`<x:shelf>A 12</x:shelf>`), []string{"note  unknown-element"}, nil},
	{"a handle alone", "oai_dc", simple(`<dc:identifier>hdl:1902.29/10438</dc:identifier>`), []string{"landing = https://hdl.handle.net/1902.29/10438"}, nil},
	{"an ARK alone", "oai_dc", simple(`<dc:identifier>ark:/12148/btv1b8449691v</dc:identifier>`), []string{"landing = https://n2t.net/ark:/12148/btv1b8449691v"}, nil},
	{"a DOI with a full stop", "oai_dc", simple(`<dc:identifier>doi: 10.5072/ABC.</dc:identifier>`), []string{"identifier = https://doi.org/10.5072/abc", "landing = https://doi.org/10.5072/abc"}, nil},
	{"a DOI with its scheme behind the resolver", "oai_dc", simple(`<dc:identifier>https://doi.org/doi:10.5072/ABC</dc:identifier>`), []string{"landing = https://doi.org/10.5072/abc", "note landing repaired"}, nil},
	{"a handle with its scheme behind the resolver", "oai_dc", simple(`<dc:identifier>https://hdl.handle.net/hdl:1902.29/10438</dc:identifier>`), []string{"landing = https://hdl.handle.net/1902.29/10438"}, nil},
	{"a resolver in a query", "oai_dc", simple(`<dc:identifier>https://example.org/login?to=https://doi.org/doi:10.5072/abc</dc:identifier>`), []string{"landing = https://example.org/login?to=https://doi.org/doi:10.5072/abc"}, nil},
	{"a day that is a question mark", "oai_dc", simple(`<dc:date>1931-05-?</dc:date>`), []string{"date = 1931-05"}, nil},
	{"an open end of old", "oai_dc", simple(`<dc:date>1985/open</dc:date>`), []string{"date = 1985/.."}, nil},
	{"dashes for nothing", "oai_dc", simple(`<dc:publisher>-</dc:publisher><dc:subject>—</dc:subject>`), []string{"note publisher placeholder-dropped", "note subject placeholder-dropped"}, []string{"publisher = *", "subject = *"}},
	{"a publisher that is not known, in French", "oai_dc", simple(`<dc:publisher>[éditeur non identifié]</dc:publisher>`), []string{"note publisher placeholder-dropped"}, []string{"publisher = *"}},
	{"a licence and its short name", "oai_dc", simple(`<dc:rights>Attribution 4.0 International (CC BY 4.0)</dc:rights>`), []string{"rights = http://creativecommons.org/licenses/by/4.0/"}, nil},
	{"a type by the page of its URI", "oai_dc", simple(`<dc:type>https://vocabularies.coar-repositories.org/resource_types/c_6501/</dc:type>`), []string{"type = Text"}, nil},
	{"an ampersand escaped twice", "oai_dc", simple(`<dc:identifier>https://example.org/x?a=1&amp;amp;b=2</dc:identifier>`), []string{"landing = https://example.org/x?a=1&b=2"}, nil},
}

var qualifiedVariants = []variant{
	{"EDTF as declared", "oai_qdc", `<qdc:qualifieddc xmlns:qdc="http://worldcat.org/xmlschemas/qdc-1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>T</dc:title><dcterms:issued xsi:type="dcterms:EDTF">1957?/1961~</dcterms:issued></qdc:qualifieddc>`,
		[]string{"issued = 1957?/1961~"}, nil},
	{"a publisher and a place unknown", "oai_qdc", `<qdc:qualifieddc xmlns:qdc="http://worldcat.org/xmlschemas/qdc-1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title><dc:publisher>S.l. : s.n.</dc:publisher></qdc:qualifieddc>`,
		[]string{"note publisher placeholder-dropped"}, []string{"publisher = *"}},
	{"a URN:NBN alone", "oai_qdc", `<qdc:qualifieddc xmlns:qdc="http://worldcat.org/xmlschemas/qdc-1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title><dc:identifier>urn:nbn:de:101:1-201</dc:identifier></qdc:qualifieddc>`,
		[]string{"landing = https://nbn-resolving.org/urn:nbn:de:101:1-201"}, nil},
}

// marcRecordWith is a record of MARC 21 with more fields, as MarcEdit writes them.
func marcRecordWith(fields ...string) string {
	return "=LDR  00000nam a2200000 a 4500\n=001  1\n=245  10$aForests.\n" + strings.Join(fields, "\n") + "\n"
}

var marcVariants = []variant{
	{"a private history", "marc21", marcRecordWith(`=561  0\$aBought of a widow.`, `=561  1\$aGiven in 1960.`), []string{"provenance = Given in 1960."}, []string{"provenance = Bought of a widow."}},
	{"nothing is identified", "marc21", marcRecordWith(`=264  \1$a[Place of publication not identified] :$b[publisher not identified],$c[date of publication not identified]`, `=264  \4$c©1957`),
		[]string{"dateCopyrighted = 1957", "note publisher placeholder-dropped"}, []string{"publisher = *", "issued = *"}},
	{"only the printer is identified", "marc21", marcRecordWith(`=264  \1$a[Place of publication not identified] :$b[publisher not identified]`, `=264  \3$aTirana :$bMihal Duri`), []string{"note publisher placeholder-dropped"}, []string{"publisher = *"}},
	{"a distributor", "marc21", marcRecordWith(`=264  \1$a[Place of publication not identified] :$b[publisher not identified]`, `=264  \2$aTirana :$bLibrashitja`), []string{"publisher = Librashitja"}, nil},
	{"a handle", "marc21", marcRecordWith(`=024  7\$a1902.29/10438$2hdl`), []string{"identifier = https://hdl.handle.net/1902.29/10438", "landing = https://hdl.handle.net/1902.29/10438"}, nil},
	{"a handle as its address", "marc21", marcRecordWith(`=024  7\$ahttp://hdl.handle.net/1902.29/10438$2hdl`), []string{"identifier = https://hdl.handle.net/1902.29/10438", "landing = https://hdl.handle.net/1902.29/10438"}, nil},
	{"a publisher that is not known, in German", "marc21", marcRecordWith(`=264  \1$a[Erscheinungsort nicht ermittelbar] :$b[Verlag nicht ermittelbar]`), []string{"note publisher placeholder-dropped"}, []string{"publisher = *"}},
	{"a DOI alone", "marc21", marcRecordWith(`=024  7\$a10.5072/ABC$2doi`), []string{"landing = https://doi.org/10.5072/abc"}, nil},
	{"four sides of a map", "marc21", marcRecordWith(`=034  0\$aa$dE0190000$eE0200000$fN0420000$gN0410000`), []string{"spatial = E0190000 E0200000 N0420000 N0410000"}, nil},
	{"who paid, and by which grant", "marc21", marcRecordWith(`=536  \\$aFunded by EC$c643410`), []string{"description = Funded by EC 643410"}, nil},
	{"the code of a library", "marc21", marcRecordWith(`=040  \\$aDLC`, `=852  \\$aDE-12`), nil, []string{"dataProvider = DE-12", "dataProvider = DLC"}},
}

var unimarcVariants = []variant{
	{"nobody is named", "unimarc", "=LDR  00000nam  2200000   450 \n=001  1\n=200  1\\$aForests\n=210  \\\\$a[S.l.]$c[s.n.]$d[s.d.]\n", []string{"title = Forests", "note publisher placeholder-dropped"}, []string{"publisher = *", "issued = *"}},
}

var eadVariants = []variant{
	{"an entity of its document type", "ead", `<?xml version="1.0"?><!DOCTYPE ead PUBLIC "+//ISBN 1-931666-00-8//DTD ead.dtd (Encoded Archival Description (EAD) Version 2002)//EN" "ead.dtd" [<!ENTITY hdr "The Harbour Archive">]><ead><eadheader><eadid>1</eadid></eadheader><archdesc level="fonds"><did><unittitle>Papers</unittitle><repository>&hdr;</repository></did></archdesc></ead>`,
		[]string{"title = Papers", "dataProvider = The Harbour Archive"}, nil},
	{"an internal note", "ead", `<ead><eadheader><eadid>1</eadid></eadheader><archdesc level="fonds"><did><unittitle>Papers</unittitle></did><odd audience="internal"><p>Not for readers.</p></odd><bioghist><p>A life.</p></bioghist></archdesc></ead>`,
		[]string{"description = A life."}, []string{"description = Not for readers."}},
}

var jsonVariants = []variant{
	{"keywords with brackets and quotes", "schemaorg", `{"@context":"https://schema.org","@type":"Dataset","name":"T","keywords":"trees, forests (old, new), \"a, b\""}`,
		[]string{"subject = trees", "subject = forests (old, new)"}, []string{"subject = forests (old", "subject = new)"}},
	{"people by addresses", "schemaorg", `{"@context":"https://schema.org","@type":"Dataset","name":"T","author":["/people/3",{"@type":"Person","name":"Hoxha, Ana"}]}`,
		[]string{"creator = Hoxha, Ana", "note creator unknown-element"}, []string{"creator = /people/3"}},
	{"a page without its host", "schemaorg", `{"@context":"https://schema.org","@type":"Dataset","name":"T","url":"/d/1"}`, []string{"note landing unknown-element"}, []string{"landing = *"}},
	{"who paid", "schemaorg", `{"@context":"https://schema.org","@type":"Dataset","name":"T","funder":{"@type":"Organization","name":"EC"},"funding":{"@type":"Grant","identifier":"643410","funder":{"@type":"Organization","name":"NSF"}}}`,
		[]string{"relation = EC", "relation = NSF, 643410"}, nil},
	{"an editor in a role", "schemaorg", `{"@context":"https://schema.org","@type":"Book","name":"T","contributor":{"@type":"Role","roleName":"editor","contributor":{"@type":"Person","name":"Ed, W."}}}`, []string{"contributor = Ed, W."}, nil},
}
