package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An author makes up original records of the kinds and sizes that are met: no two alike, the same ones
// on each run.
type author struct {
	*rand.Rand
	b []byte
}

// originals makes n records with write.
func originals(n int, write func(*author)) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		a := &author{Rand: rand.New(rand.NewPCG(uint64(n), uint64(i))), b: make([]byte, 0, 6<<10)}
		write(a)
		out[i] = a.b
	}
	return out
}

func (a *author) add(format string, args ...any) { a.b = fmt.Appendf(a.b, format, args...) }

var (
	vocabulary = append(words, strings.Fields("përmbledhje Frashëri kujtime über Wälder Straße étude mémoire siècle José niño Ceļš Řím &amp; historical a of the and in between during new old first second regional annual notes beech oak copper salt wool silk barley letters diaries ledgers maps charters seals coins")...)
	surnames   = strings.Fields("Hoxha Meier Frashëri Kadare Dupont García Nowak Smith Okafor Tanaka Rossi Kovács Lindström Müller O'Neill Petrov Yılmaz Çelik Brown van_Dijk")
	forenames  = strings.Fields("Ana Jens Naim Ismail Élise José Ewa John Chidi Yuki Marco Ágnes Åsa Jürgen Siobhán Ivan Ayşe Emre Mary Pieter")
	places     = strings.Fields("Tirana London Paris Wien Budapest Lisboa Kraków Oslo Zürich Boston Shkodër Athens Rome Prague")
	languages  = strings.Fields("eng alb ger fre spa ita por pol hun tur gre lat rus swe")
	licences   = strings.Fields("http://rightsstatements.org/vocab/InC/1.0/ https://creativecommons.org/licenses/by/4.0/ http://creativecommons.org/publicdomain/mark/1.0/ https://rightsstatements.org/page/NoC-US/1.0/?language=en")
)

func (a *author) pick(from []string) string {
	return strings.ReplaceAll(from[a.IntN(len(from))], "_", " ")
}

// often is true so many times in a hundred.
func (a *author) often(percent int) bool { return a.IntN(100) < percent }

// text is so many words or up to half as many more.
func (a *author) text(least int) string {
	var b strings.Builder
	for i := range least + a.IntN(least/2+1) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.pick(vocabulary))
	}
	first, size := utf8.DecodeRuneInString(b.String())
	return string(unicode.ToUpper(first)) + b.String()[size:]
}

func (a *author) name() string { return a.pick(surnames) + ", " + a.pick(forenames) }

func (a *author) year() int { return 1850 + a.IntN(175) }

// date is a date in one of the forms that sources use.
func (a *author) date() string {
	y := a.year()
	switch a.IntN(8) {
	case 0:
		return fmt.Sprintf("%d-%02d-%02d", y, 1+a.IntN(12), 1+a.IntN(28))
	case 1:
		return fmt.Sprintf("%d-%02d-%02dT%02d:00:00Z", y, 1+a.IntN(12), 1+a.IntN(28), a.IntN(24))
	case 2:
		return fmt.Sprintf("ca. %d", y)
	case 3:
		return fmt.Sprintf("[%d?]", y)
	case 4:
		return fmt.Sprintf("%d-%d", y, y+a.IntN(9)+1)
	case 5:
		return fmt.Sprintf("April %d", y)
	}
	return fmt.Sprint(y)
}

// isbn is an ISBN-13 with its check digit.
func (a *author) isbn() string {
	digits, sum := fmt.Sprintf("978%09d", a.IntN(1e9)), 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

// oaiDC writes simple Dublin Core, about 1.3 KB of it.
func oaiDC(a *author) {
	a.add(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">` + "\n")
	dc := func(element, text string) { a.add("<dc:%s>%s</dc:%s>\n", element, text, element) }
	dc("title", a.text(6))
	for range 1 + a.IntN(3) {
		dc("creator", a.name())
	}
	for range a.IntN(5) {
		dc("subject", a.text(1))
	}
	dc("description", a.text(45))
	if a.often(50) {
		dc("publisher", a.pick(places)+" University Press")
	}
	dc("date", a.date())
	dc("type", a.pick([]string{"Text", "info:eu-repo/semantics/article", "Image", "PeerReviewed", "doctoralThesis"}))
	if a.often(60) {
		dc("format", "application/pdf")
	}
	id := a.IntN(1e6)
	dc("identifier", fmt.Sprintf("https://repository.example.edu/handle/%d/%d", id%997, id))
	if a.often(40) {
		dc("identifier", fmt.Sprintf("doi:10.5555/%d.%d", a.year(), id))
	}
	dc("language", a.pick(languages))
	if a.often(30) {
		dc("relation", fmt.Sprintf("%s %d", a.text(3), a.IntN(90)))
	}
	if a.often(60) {
		dc("rights", a.pick(licences))
	}
	a.add("</oai_dc:dc>")
}

// marcXML writes a catalogue record, about 3 KB of it.
func marcXML(a *author) {
	a.add(`<record xmlns="http://www.loc.gov/MARC21/slim"><leader>0%04dcam a22%05d a 4500</leader>`+"\n", 1000+a.IntN(3000), a.IntN(90000))
	year, id, language := a.year(), a.IntN(1e7), a.pick(languages)
	a.add(`<controlfield tag="001">%d</controlfield><controlfield tag="005">20%02d0512101112.0</controlfield>`, id, a.IntN(26))
	a.add(`<controlfield tag="008">%06ds%d    xx            000 0 %s d</controlfield>`+"\n", a.IntN(999999), year, language)
	field := func(tag, ind string, codesAndTexts ...string) {
		a.add(`<datafield tag="%s" ind1="%c" ind2="%c">`, tag, ind[0], ind[1])
		for i := 0; i+1 < len(codesAndTexts); i += 2 {
			a.add(`<subfield code="%s">%s</subfield>`, codesAndTexts[i], codesAndTexts[i+1])
		}
		a.add("</datafield>\n")
	}
	field("020", "  ", "a", a.isbn()+" (pbk.)")
	field("035", "  ", "a", fmt.Sprintf("(OCoLC)%d", id*7))
	field("040", "  ", "a", "XYZ", "b", "eng", "c", "XYZ")
	if a.often(40) {
		field("041", "1 ", "a", language, "h", a.pick(languages))
	}
	field("082", "04", "a", fmt.Sprintf("%d.%d", a.IntN(1000), a.IntN(1000)))
	field("100", "1 ", "a", a.name()+",", "d", fmt.Sprintf("%d-%d.", year-60, year+10))
	field("245", "10", "a", a.text(4)+" :", "b", a.text(3)+" /", "c", "by "+a.pick(forenames)+" "+a.pick(surnames)+".")
	if a.often(30) {
		field("246", "3 ", "a", a.text(3))
	}
	field("264", " 1", "a", a.pick(places)+" :", "b", a.text(2)+",", "c", fmt.Sprintf("%d.", year))
	field("300", "  ", "a", fmt.Sprintf("%d p. :", 40+a.IntN(600)), "b", "ill. ;", "c", "24 cm.")
	field("336", "  ", "a", "text", "b", "txt", "2", "rdacontent")
	if a.often(40) {
		field("490", "0 ", "a", a.text(3)+" ;", "v", fmt.Sprint(a.IntN(90)))
	}
	for range a.IntN(3) {
		field("500", "  ", "a", a.text(5)+".")
	}
	field("504", "  ", "a", "Includes bibliographical references and index.")
	if a.often(60) {
		field("520", "  ", "a", a.text(30)+".")
	}
	for range 1 + a.IntN(4) {
		field("650", " 0", "a", a.text(1), "z", a.pick(places), "x", "History.")
	}
	if a.often(40) {
		field("651", " 0", "a", a.pick(places), "x", "History", "y", "20th century.")
	}
	for range a.IntN(3) {
		field("700", "1 ", "a", a.name()+",", "e", "editor.", "4", "edt")
	}
	field("710", "2 ", "a", a.text(2)+" ("+a.pick(places)+")")
	field("856", "40", "u", fmt.Sprintf("https://library.example.org/%d", id))
	a.add("</record>")
}

// mods writes a description in MODS 3, about 4 KB of it.
func mods(a *author) {
	a.add(`<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.7" xsi:schemaLocation="http://www.loc.gov/mods/v3 http://www.loc.gov/standards/mods/v3/mods-3-7.xsd">` + "\n")
	a.add("<titleInfo><nonSort>The</nonSort><title>%s</title><subTitle>%s</subTitle></titleInfo>\n", a.text(4), a.text(3))
	if a.often(40) {
		a.add(`<titleInfo type="alternative"><title>%s</title></titleInfo>`+"\n", a.text(3))
	}
	for i := range 1 + a.IntN(4) {
		role := []string{"author", "aut", "editor", "edt"}[i%2*2:][:2]
		a.add(`<name type="personal"><namePart type="family">%s</namePart><namePart type="given">%s</namePart><role><roleTerm type="text" authority="marcrelator">%s</roleTerm><roleTerm type="code" authority="marcrelator">%s</roleTerm></role></name>`+"\n",
			a.pick(surnames), a.pick(forenames), role[0], role[1])
	}
	year, id := a.year(), a.IntN(1e7)
	a.add(`<typeOfResource>%s</typeOfResource><genre authority="marcgt">%s</genre>`+"\n", a.pick([]string{"text", "still image", "cartographic"}), a.pick(vocabulary))
	a.add(`<originInfo><place><placeTerm type="code" authority="marccountry">xx</placeTerm></place><place><placeTerm type="text">%s</placeTerm></place><publisher>%s</publisher><dateIssued>%s</dateIssued><dateIssued encoding="marc" keyDate="yes">%d</dateIssued><issuance>monographic</issuance></originInfo>`+"\n",
		a.pick(places), a.text(2), a.date(), year)
	a.add(`<language><languageTerm authority="iso639-2b" type="code">%s</languageTerm></language>`+"\n", a.pick(languages))
	a.add(`<physicalDescription><form authority="marcform">print</form><extent>%d p. : ill. ; 24 cm.</extent><internetMediaType>application/pdf</internetMediaType></physicalDescription>`+"\n", 40+a.IntN(600))
	a.add("<abstract>%s.</abstract>\n", a.text(50))
	if a.often(30) {
		a.add("<tableOfContents>%s -- %s -- %s</tableOfContents>\n", a.text(4), a.text(4), a.text(4))
	}
	for range 1 + a.IntN(2) {
		a.add("<note>%s.</note>\n", a.text(6))
	}
	for range 2 + a.IntN(4) {
		a.add(`<subject authority="lcsh" authorityURI="http://id.loc.gov/authorities/subjects"><topic>%s</topic><geographic>%s</geographic><temporal>20th century</temporal></subject>`+"\n", a.text(1), a.pick(places))
	}
	a.add(`<classification authority="ddc" edition="23">%d.%d</classification>`+"\n", a.IntN(1000), a.IntN(1000))
	a.add(`<relatedItem type="series"><titleInfo><title>%s</title><partNumber>%d</partNumber></titleInfo></relatedItem>`+"\n", a.text(3), a.IntN(90))
	if a.often(40) {
		a.add(`<relatedItem type="host"><titleInfo><title>%s</title></titleInfo><part><detail type="volume"><number>%d</number></detail><extent unit="pages"><start>%d</start></extent></part></relatedItem>`+"\n", a.text(3), a.IntN(90), a.IntN(400))
	}
	a.add(`<identifier type="isbn">%s</identifier><identifier type="local">%d</identifier>`+"\n", a.isbn(), id)
	a.add(`<location><physicalLocation authority="isil">XX-%d</physicalLocation><shelfLocator>%s %d</shelfLocator><url usage="primary display" access="object in context">https://library.example.org/%d</url><url access="preview">https://library.example.org/%d/thumb.jpg</url></location>`+"\n", id%97, a.pick(vocabulary), year, id, id)
	a.add(`<accessCondition type="use and reproduction" xlink:href="%s">In copyright</accessCondition>`+"\n", a.pick(licences))
	a.add(`<recordInfo><recordContentSource authority="marcorg">XYZ</recordContentSource><recordCreationDate encoding="marc">%06d</recordCreationDate><recordIdentifier source="XYZ">%d</recordIdentifier><recordOrigin>Converted from MARCXML to MODS version 3.7</recordOrigin></recordInfo>`+"\n</mods>", a.IntN(999999), id)
}
