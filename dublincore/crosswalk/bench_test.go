package crosswalk

import (
	"strings"
	"testing"
)

// The records of the benchmarks are about as large as those that are met: oai_dc 1.3 KB, MARCXML 4 KB,
// MODS 3 KB. The targets on one core are 60,000, 20,000 and 10,000 records a second.

const benchOAIDC = `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">
<dc:title xml:lang="en">The growth of beech forests in the mountains of northern Albania between the wars</dc:title>
<dc:creator>Hoxha, Ana</dc:creator>
<dc:creator>Meier, Jens</dc:creator>
<dc:subject>Forestry</dc:subject>
<dc:subject>Fagus sylvatica</dc:subject>
<dc:subject>Albania</dc:subject>
<dc:description>We measured the rings of four hundred trees in eleven stands and compare them with what foresters wrote at the time. Growth slowed after the dry summers of the late twenties, and recovered within a decade everywhere but on the southern slopes.</dc:description>
<dc:publisher>Forest Institute</dc:publisher>
<dc:date>2011-05-12</dc:date>
<dc:type>info:eu-repo/semantics/article</dc:type>
<dc:format>application/pdf</dc:format>
<dc:identifier>https://repository.example.edu/handle/123/456</dc:identifier>
<dc:identifier>10.5555/forest.2011.17</dc:identifier>
<dc:language>eng</dc:language>
<dc:relation>Trees and People 17</dc:relation>
<dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights>
</oai_dc:dc>`

var benchMARCXML = `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>01234cam a2200289 a 4500</leader><controlfield tag="001">123456</controlfield><controlfield tag="005">20110512101112.0</controlfield><controlfield tag="008">880912s1957    aa            000 0 alb d</controlfield>
` + strings.Join([]string{
	field("010", "  ", "a", "  57012345 "), field("020", "  ", "a", "0306406152 (pbk.)"), field("035", "  ", "a", "(OCoLC)123456"), field("040", "  ", "a", "DLC", "c", "DLC"),
	field("041", "1 ", "a", "alb", "h", "fre"), field("050", "00", "a", "SD398.A4", "b", "H69 1957"), field("082", "00", "a", "634.9/094965"),
	field("100", "1 ", "a", "Hoxha, Ana,", "d", "1911-1990."), field("245", "14", "a", "The beech forests of northern Albania :", "b", "a history /", "c", "by Ana Hoxha."),
	field("246", "3 ", "a", "Beech forests"), field("260", "  ", "a", "Tirana :", "b", "Forest Institute,", "c", "1957."), field("300", "  ", "a", "312 p. :", "b", "ill. ;", "c", "24 cm."),
	field("490", "0 ", "a", "Trees and people ;", "v", "17"), field("500", "  ", "a", "Includes index."), field("504", "  ", "a", "Bibliography: p. 290-305."), field("520", "  ", "a", "A history of forests and of those who lived from them."),
	field("650", " 0", "a", "Forests and forestry", "z", "Albania", "x", "History."), field("650", " 0", "a", "Beech", "z", "Albania."), field("651", " 0", "a", "Albania", "x", "History", "y", "20th century."),
	field("700", "1 ", "a", "Meier, Jens,", "e", "translator.", "4", "trl"), field("710", "2 ", "a", "Forest Institute (Tirana)"), field("830", " 0", "a", "Trees and people ;", "v", "17."), field("856", "40", "u", "https://library.example.org/123456"),
}, "\n") + "</record>"

func field(tag, ind string, codesAndTexts ...string) string {
	var b strings.Builder
	b.WriteString(`<datafield tag="` + tag + `" ind1="` + ind[:1] + `" ind2="` + ind[1:] + `">`)
	for i := 0; i < len(codesAndTexts); i += 2 {
		b.WriteString(`<subfield code="` + codesAndTexts[i] + `">` + codesAndTexts[i+1] + `</subfield>`)
	}
	b.WriteString(`</datafield>`)
	return b.String()
}

const benchMODS = `<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink" version="3.6">
<titleInfo><nonSort>The</nonSort><title>beech forests of northern Albania</title><subTitle>a history</subTitle></titleInfo>
<titleInfo type="alternative"><title>Beech forests</title></titleInfo>
<name type="personal" usage="primary"><namePart>Hoxha, Ana,</namePart><namePart type="date">1911-1990</namePart><role><roleTerm type="text">author</roleTerm><roleTerm type="code" authority="marcrelator">aut</roleTerm></role></name>
<name type="personal"><namePart type="family">Meier</namePart><namePart type="given">Jens</namePart><role><roleTerm type="code" authority="marcrelator">trl</roleTerm></role></name>
<typeOfResource>text</typeOfResource><genre authority="marcgt">book</genre>
<originInfo><place><placeTerm type="text">Tirana</placeTerm></place><publisher>Forest Institute</publisher><dateIssued>1957</dateIssued><dateIssued encoding="marc">1957</dateIssued><issuance>monographic</issuance></originInfo>
<language><languageTerm authority="iso639-2b" type="code">alb</languageTerm><languageTerm type="text">Albanian</languageTerm></language>
<physicalDescription><form authority="marcform">print</form><extent>312 p. : ill. ; 24 cm.</extent><internetMediaType>application/pdf</internetMediaType></physicalDescription>
<abstract>A history of forests and of those who lived from them.</abstract>
<note type="statement of responsibility">by Ana Hoxha.</note><note>Includes index.</note>
<subject authority="lcsh"><topic>Forests and forestry</topic><geographic>Albania</geographic><topic>History</topic></subject>
<subject authority="lcsh"><topic>Beech</topic><geographic>Albania</geographic></subject>
<subject><temporal>20th century</temporal></subject>
<classification authority="lcc">SD398.A4 H69 1957</classification>
<relatedItem type="series"><titleInfo><title>Trees and people</title><partNumber>17</partNumber></titleInfo></relatedItem>
<identifier type="isbn">0306406152</identifier><identifier type="oclc">123456</identifier>
<location><url usage="primary display" access="object in context">https://library.example.org/123456</url><url access="preview">https://library.example.org/123456/thumb</url></location>
<accessCondition type="use and reproduction" xlink:href="http://rightsstatements.org/vocab/InC/1.0/">In copyright</accessCondition>
<recordInfo><recordContentSource>DLC</recordContentSource><recordIdentifier>123456</recordIdentifier></recordInfo>
</mods>`

func benchmarkApply(b *testing.B, mapping, original string) {
	m, err := Builtin(mapping)
	if err != nil {
		b.Fatal(err)
	}
	in := Input{Original: []byte(original)}
	b.SetBytes(int64(len(original)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Apply(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkOAIDC(b *testing.B)   { benchmarkApply(b, "oai_dc", benchOAIDC) }
func BenchmarkMARCXML(b *testing.B) { benchmarkApply(b, "marc21", benchMARCXML) }
func BenchmarkMODS(b *testing.B)    { benchmarkApply(b, "mods", benchMODS) }
func BenchmarkListing(b *testing.B) {
	benchmarkApply(b, "listing", `{"title":"Memorandum of Conversation with a Delegation","date":"June 7, 1960","summary":"They talked about the weather, and about its effect on the harvest of 1960.","link":"https://archive.example.org/document/1","kind":"Documents"}`)
}
