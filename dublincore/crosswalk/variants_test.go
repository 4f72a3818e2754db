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
var variants = slices.Concat(dataciteVariants, modsVariants)

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
