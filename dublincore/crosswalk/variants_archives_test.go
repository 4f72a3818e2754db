package crosswalk

import "strings"

// eadOf is a collection in EAD 2002 with more in its did and behind it.
func eadOf(did, behind string) string {
	return `<ead xmlns:xlink="http://www.w3.org/1999/xlink"><eadheader><eadid>1</eadid></eadheader><archdesc level="fonds"><did><unittitle>Papers</unittitle>` + did + `</did>` + behind + `</archdesc></ead>`
}

// ead3Of is one in EAD3.
func ead3Of(did, behind string) string {
	return `<ead xmlns="http://ead3.archivists.org/schema/"><control><recordid>1</recordid></control><archdesc level="collection"><did><unittitle>Papers</unittitle>` + did + `</did>` + behind + `</archdesc></ead>`
}

var archiveVariants = []variant{
	{"a name and headings in parts", "ead", ead3Of(`<origination><persname><part>Hoxha</part><part>Ana</part><part>1880-1950</part></persname></origination>`,
		`<controlaccess><subject><part>Forests</part><part>History</part></subject><geogname><part>Albania</part><geographiccoordinates coordinatesystem="WGS84">41.3,19.8</geographiccoordinates></geogname></controlaccess>`),
		[]string{"creator = Hoxha, Ana, 1880-1950", "subject = Forests -- History", "spatial = Albania", "spatial = 41.3,19.8"}, []string{"creator = Hoxha Ana*"}},
	{"structured dates that are approximate", "ead", ead3Of(`<unitdatestructured unitdatetype="inclusive" certainty="approximate"><daterange><fromdate standarddate="1900">1900</fromdate><todate standarddate="1950">1950</todate></daterange></unitdatestructured>`, ""),
		[]string{"created = 1900~/1950~"}, []string{"created = 1900/1950"}},
	{"structured dates with about before one of them", "ead", ead3Of(`<unitdatestructured><daterange><fromdate standarddate="1900">circa 1900</fromdate><todate standarddate="1950">1950</todate></daterange></unitdatestructured>`, ""),
		[]string{"created = 1900~/1950~"}, []string{"created = 1900/1950"}},
	{"a structured day in doubt", "ead", ead3Of(`<unitdatestructured certainty="questionable"><datesingle standarddate="1957-04-01">1 April 1957</datesingle></unitdatestructured>`, ""),
		[]string{"created = 1957-04-01?"}, nil},
	{"structured dates of most of it", "ead", ead3Of(`<unitdatestructured unitdatetype="inclusive"><daterange><fromdate standarddate="1900"/><todate standarddate="1950"/></daterange></unitdatestructured><unitdatestructured unitdatetype="bulk"><daterange><fromdate standarddate="1910">1910</fromdate><todate standarddate="1920">1920</todate></daterange></unitdatestructured>`, ""),
		[]string{"created = 1900/1950", "note created unknown-element"}, []string{"created = 1910/1920"}},
	{"about, in words beside the years for machines", "ead", eadOf(`<unitdate normal="1895/1947">circa 1895-1947</unitdate>`, ""), []string{"created = 1895~/1947~"}, []string{"created = 1895/1947"}},
	{"a form for machines that is none, and no words", "ead", eadOf(`<unitdate normal="soon"/>`, ""), []string{"created = soon", "note created not-understood"}, nil},
	{"most of it, in words alone", "ead", eadOf(`<unitdate>bulk 1900-1910</unitdate>`, ""), []string{"created = 1900~/1910~"}, nil},
	{"who sold it", "ead", eadOf(`<origination label="creator"><persname>Meier, Jens</persname></origination><origination label="source"><corpname>A Bookshop</corpname></origination>`, ""),
		[]string{"creator = Meier, Jens", "contributor = A Bookshop"}, []string{"creator = A Bookshop"}},
	{"a name with the form of an index", "ead", eadOf(`<origination><persname normal="Untel, Jean (1720-1790)">Jean Untel</persname></origination>`, `<controlaccess><geogname normal="Lyon (Rhône)">Lyon</geogname></controlaccess>`),
		[]string{"creator = Untel, Jean (1720-1790)", "spatial = Lyon (Rhône)"}, []string{"creator = Jean Untel", "spatial = Lyon"}},
	{"a department", "ead", eadOf(`<repository><corpname>BnF<subarea>Manuscrits</subarea></corpname></repository>`, ""), []string{"publisher = BnF. Manuscrits", "dataProvider = BnF. Manuscrits"}, []string{"publisher = BnFManuscrits"}},
	{"the path of a program as reference code", "ead", eadOf(`<unitid>MS 1</unitid><unitid type="aspace_uri">/repositories/2/resources/5</unitid>`, ""), []string{"identifier = MS 1"}, []string{"identifier = /repositories*"}},
	{"small images in other words", "ead", eadOf(`<daogrp><daoloc role="vignette" href="https://example.org/v.jpg"/><daoloc role="navimages" href="https://example.org/n.jpg"/></daogrp>`, `<daogrp><daoloc xlink:role="image_thumb" xlink:href="https://example.org/t.jpg"/></daogrp>`),
		[]string{"thumbnail = https://example.org/v.jpg", "object = https://example.org/n.jpg"}, []string{"object = https://example.org/v.jpg", "object = https://example.org/t.jpg"}},
	{"the page of a unit", "ead", eadOf("", `<otherfindaid><extref xlink:role="url_archivalunit" xlink:href="https://example.org/unit/1"/></otherfindaid>`), []string{"landing = https://example.org/unit/1"}, []string{"relation = *"}},
	{"words that lead to a licence", "ead", eadOf("", `<userestrict><p>In copyright; see <extref xlink:href="http://rightsstatements.org/page/InC/1.0/">here</extref></p></userestrict>`),
		[]string{"rights = http://rightsstatements.org/vocab/InC/1.0/", "rights = In copyright; see here"}, nil},
	{"a sentence beside an element", "ead", eadOf("", `<originalsloc>See <ref>Box 2</ref>.</originalsloc>`), []string{"isFormatOf = See Box 2."}, nil},
	{"what no rule looks at", "ead", ead3Of("", `<legalstatus><p>Public record.</p></legalstatus>`), []string{"note  not-mapped"}, nil},
	{"what no rule looks at in a component", "ead", strings.Replace(eadOf("", `<dsc><c01 level="file"><did><unittitle>Letters</unittitle><container>1</container></did><legalstatus><p>Public.</p></legalstatus></c01></dsc>`), "<c01", `<c01 xmlns:sheaf="urn:sheaf:ead" sheaf:component="yes"`, 1),
		[]string{"title = Letters", "note  not-mapped"}, nil},
	{"where it is shelved", "ead", eadOf(`<container type="box">1</container><physloc>Offsite</physloc>`, ""), nil, []string{"note  not-mapped"}},
}

// lidoOf is a record of LIDO with what an object is and its events.
func lidoOf(identification, events string) string {
	return `<lido:lido xmlns:lido="http://www.lido-schema.org"><lido:lidoRecID>1</lido:lidoRecID><lido:descriptiveMetadata xml:lang="en"><lido:objectIdentificationWrap><lido:titleWrap><lido:titleSet><lido:appellationValue>T</lido:appellationValue></lido:titleSet></lido:titleWrap>` +
		identification + `</lido:objectIdentificationWrap><lido:eventWrap>` + events + `</lido:eventWrap></lido:descriptiveMetadata></lido:lido>`
}

// lidoEvent is an event of a type, with more in it.
func lidoEvent(eventType, more string) string {
	return `<lido:eventSet><lido:event><lido:eventType>` + eventType + `</lido:eventType>` + more + `</lido:event></lido:eventSet>`
}

func lidoActor(name, more string) string {
	return `<lido:eventActor><lido:actorInRole><lido:actor><lido:nameActorSet><lido:appellationValue>` + name + `</lido:appellationValue></lido:nameActorSet></lido:actor>` + more + `</lido:actorInRole></lido:eventActor>`
}

const lidoYears = `<lido:eventDate><lido:date><lido:earliestDate>1890</lido:earliestDate><lido:latestDate>1900</lido:latestDate></lido:date></lido:eventDate>`

var museumVariants = []variant{
	{"an event by its number alone", "lido", lidoOf("", lidoEvent(`<lido:conceptID>http://terminology.lido-schema.org/lido00007</lido:conceptID>`, lidoActor("Meier, Jens", "")+lidoYears)),
		[]string{"creator = Meier, Jens", "created = 1890/1900"}, []string{"contributor = *", "date = *"}},
	{"an event by the address of its concept", "lido", lidoOf("", lidoEvent(`<skos:Concept xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="http://terminology.lido-schema.org/lido00012"/>`, lidoActor("Meier, Jens", ""))),
		[]string{"creator = Meier, Jens"}, []string{"contributor = *"}},
	{"how it was acquired", "lido", lidoOf("", lidoEvent(`<lido:term>Erwerb</lido:term>`, lidoActor("Kunsthandlung X", "")+lidoYears)),
		[]string{"provenance = Erwerb: Kunsthandlung X, 1890"}, []string{"contributor = *", "date = *", "created = *"}},
	{"how it was acquired, as displayed", "lido", lidoOf("", lidoEvent(`<lido:term>acquisition</lido:term>`, `<lido:eventActor><lido:displayActorInRole>a dealer</lido:displayActorInRole></lido:eventActor><lido:eventDate><lido:displayDate>in May 1911</lido:displayDate></lido:eventDate><lido:eventPlace><lido:displayPlace>Paris</lido:displayPlace></lido:eventPlace>`)),
		[]string{"provenance = acquisition: a dealer, in May 1911"}, []string{"contributor = *", "date = *", "spatial = *"}},
	{"where it was found", "lido", lidoOf("", lidoEvent(`<lido:term>Fund</lido:term>`, `<lido:eventPlace><lido:place><lido:namePlaceSet><lido:appellationValue>Tirana</lido:appellationValue></lido:namePlaceSet></lido:place></lido:eventPlace>`)), []string{"spatial = Tirana"}, nil},
	{"a workshop", "lido", lidoOf("", lidoEvent(`<lido:term>Production</lido:term>`, lidoActor("Meier, Jens", `<lido:attributionQualifierActor>workshop of</lido:attributionQualifierActor>`))),
		[]string{"creator = Meier, Jens (workshop of)"}, []string{"creator = Meier, Jens"}},
	{"years that are estimates", "lido", lidoOf("", lidoEvent(`<lido:term>Production</lido:term>`, strings.ReplaceAll(lidoYears, "Date>18", `Date lido:type="estimatedDate">18`))), []string{"created = 1890~/1900~"}, []string{"created = 1890/1900"}},
	{"an end that nobody gives", "lido", lidoOf("", lidoEvent(`<lido:term>Production</lido:term>`, `<lido:eventDate><lido:displayDate>2nd half of the 19th century</lido:displayDate><lido:date><lido:earliestDate>1867</lido:earliestDate></lido:date></lido:eventDate>`)),
		[]string{"created = 1851/1900"}, []string{"created = 1867/"}},
	{"an alternative title by its number", "lido", strings.Replace(lidoOf("", ""), "</lido:appellationValue>", `</lido:appellationValue><lido:appellationValue lido:pref="http://terminology.lido-schema.org/lido00170">A</lido:appellationValue>`, 1),
		[]string{"title = T", "alternative = A"}, []string{"title = A"}},
	{"sizes in numbers", "lido", lidoOf(`<lido:objectMeasurementsWrap><lido:objectMeasurementsSet><lido:objectMeasurements><lido:measurementSet><lido:measurementType>Height</lido:measurementType><lido:measurementUnit>cm</lido:measurementUnit><lido:measurementValue>50</lido:measurementValue></lido:measurementSet></lido:objectMeasurements></lido:objectMeasurementsSet></lido:objectMeasurementsWrap>`, ""),
		[]string{"extent = Height: 50 cm"}, []string{"note  not-mapped"}},
	{"words for search alone", "lido", strings.Replace(lidoOf("", ""), `<lido:objectIdentificationWrap>`, `<lido:objectClassificationWrap><lido:objectWorkTypeWrap><lido:objectWorkType><lido:term lido:addedSearchTerm="no">Gemälde</lido:term><lido:term lido:addedSearchTerm="yes">Bild</lido:term></lido:objectWorkType><lido:objectWorkType><lido:conceptID>http://vocab.getty.edu/aat/300033618</lido:conceptID></lido:objectWorkType></lido:objectWorkTypeWrap><lido:classificationWrap><lido:classification lido:type="europeana:type"><lido:term>IMAGE</lido:term></lido:classification></lido:classificationWrap></lido:objectClassificationWrap><lido:objectIdentificationWrap>`, 1),
		[]string{"type = Gemälde", "type = http://vocab.getty.edu/aat/300033618", "type = Image"}, []string{"type = Bild", "subject = IMAGE", "note  not-mapped"}},
	{"a place that is only displayed", "lido", strings.Replace(lidoOf("", ""), `</lido:descriptiveMetadata>`, `<lido:objectRelationWrap><lido:subjectWrap><lido:subjectSet><lido:subject><lido:subjectPlace><lido:displayPlace>Harz</lido:displayPlace></lido:subjectPlace></lido:subject></lido:subjectSet></lido:subjectWrap><lido:relatedWorksWrap><lido:relatedWorkSet><lido:relatedWork><lido:displayObject>A series</lido:displayObject></lido:relatedWork><lido:relatedWorkRelType><lido:term>is part of</lido:term></lido:relatedWorkRelType></lido:relatedWorkSet></lido:relatedWorksWrap></lido:objectRelationWrap></lido:descriptiveMetadata>`, 1),
		[]string{"spatial = Harz", "isPartOf = A series"}, []string{"relation = *"}},
}
