package crosswalk_test

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
)

// TestServicesNoteContentOnly: of an answer in the shape that a service gives it, the note of what was not mapped names what
// says something of the thing, and nothing that the service needs for itself.
func TestServicesNoteContentOnly(t *testing.T) {
	for format, c := range map[string]struct{ original, want string }{
		"crossref_json": {`{"indexed":{"date-parts":[[2026,1,2]],"date-time":"2026-01-02T00:00:00Z","timestamp":1,"version":"3.64"},"reference-count":2,"publisher":"Wiley","issue":"2",
			"content-domain":{"domain":["wiley.com"],"crossmark-restriction":true},"short-container-title":["J. Alb."],"published-print":{"date-parts":[[1957,4]]},"DOI":"10.5555/12345678",
			"type":"journal-article","created":{"date-parts":[[2011,1,1]],"timestamp":1},"page":"1-9","source":"Crossref","is-referenced-by-count":7,"title":["Forests"],"prefix":"10.5555","volume":"5",
			"author":[{"ORCID":"https://orcid.org/0000-0002-1825-0097","authenticated-orcid":false,"given":"Ana","family":"Hoxha","sequence":"first","affiliation":[{"name":"Forest Institute"}]}],
			"member":"311","reference":[{"key":"1","doi-asserted-by":"crossref","DOI":"10.5555/2"},{"key":"2","unstructured":"Meier 1955"}],"container-title":["Journal of Albania"],
			"link":[{"URL":"https://example.org/x.pdf","content-type":"application/pdf","content-version":"vor","intended-application":"text-mining"}],
			"license":[{"start":{"date-parts":[[2011,1,1]],"timestamp":1},"content-version":"vor","delay-in-days":0,"URL":"https://creativecommons.org/licenses/by/4.0/"}],
			"relation":{"is-preprint-of":[{"id-type":"doi","id":"10.5555/3","asserted-by":"subject"}]},"deposited":{"timestamp":1},"score":1.0,"resource":{"primary":{"URL":"https://example.org/x"}},
			"issued":{"date-parts":[[1957,4]]},"references-count":2,"journal-issue":{"issue":"2"},"URL":"https://doi.org/10.5555/12345678","ISSN":["0378-5955"],
			"issn-type":[{"value":"0378-5955","type":"print"}],"published":{"date-parts":[[1957,4]]},"assertion":[{"value":"1957","name":"received"}],"update-policy":"https://doi.org/10.5555/p",
			"funder":[{"name":"Forest Fund","DOI":"10.13039/1","doi-asserted-by":"publisher"}]}`, "author.ORCID, author.affiliation, funder, reference.unstructured"},
		"datacite_json": {`{"id":"10.5072/x","type":"dois","attributes":{"doi":"10.5072/x","prefix":"10.5072","suffix":"x","identifiers":[{"identifier":"https://hdl.example.org/1","identifierType":"Handle"}],
			"creators":[{"name":"Hoxha, Ana","nameType":"Personal","givenName":"Ana","familyName":"Hoxha","affiliation":["Forest Institute"],"nameIdentifiers":[]}],"titles":[{"title":"Rings","lang":"en"}],
			"publisher":"Forest Institute","container":{},"publicationYear":1957,"subjects":[{"subject":"Forestry","subjectScheme":"LCSH","schemeUri":"http://id.loc.gov"}],"contributors":[],"dates":[{"date":"1957","dateType":"Issued"}],
			"language":"en","types":{"ris":"DATA","bibtex":"misc","citeproc":"dataset","schemaOrg":"Dataset","resourceType":"Table","resourceTypeGeneral":"Dataset"},
			"relatedIdentifiers":[{"relationType":"IsPartOf","relatedIdentifier":"10.5072/y","relatedIdentifierType":"DOI","resourceTypeGeneral":"Text"}],"sizes":["1 KB"],"formats":["text/csv"],"version":"1",
			"rightsList":[{"rights":"CC BY","rightsUri":"https://creativecommons.org/licenses/by/4.0/","schemeUri":"https://spdx.org/licenses/","rightsIdentifierScheme":"SPDX"}],
			"fundingReferences":[{"funderName":"Forest Fund"}],"url":"https://example.org/x","contentUrl":null,"metadataVersion":2,"schemaVersion":"http://datacite.org/schema/kernel-4","source":"api","isActive":true,"state":"findable",
			"reason":null,"viewCount":3,"viewsOverTime":[{"yearMonth":"2026-01","total":3}],"downloadCount":0,"referenceCount":0,"citationCount":0,"partCount":0,"versionCount":0,
			"created":"2026-01-01T00:00:00Z","registered":"2026-01-01T00:00:00Z","published":"1957","updated":"2026-01-01T00:00:00Z"},"relationships":{"client":{"data":{"id":"x","type":"clients"}}}}`,
			"attributes.creators.affiliation, attributes.fundingReferences, attributes.subjects.subjectScheme, attributes.titles.lang"},
		"figshare_json": {`{"id":1,"title":"Rings","doi":"10.6084/m9.figshare.1","handle":"","url":"https://api.figshare.com/v2/articles/1","published_date":"1957-04-01T00:00:00Z","thumb":"","defined_type":3,
			"defined_type_name":"dataset","group_id":1,"url_private_api":"https://api.figshare.com/v2/account/articles/1","url_public_api":"https://api.figshare.com/v2/articles/1","url_private_html":"https://figshare.com/account/articles/1",
			"url_public_html":"https://figshare.com/articles/dataset/Rings/1","timeline":{"posted":"1957-04-01T00:00:00Z","firstOnline":"1957-04-01T00:00:00Z","revision":"1958-01-01T00:00:00Z"},"resource_title":"Trees","resource_doi":"10.5555/2",
			"created_date":"1957-04-01T00:00:00Z"}`, "resource_title"},
		"invenio_json": {`{"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","id":"abc","parent":{"id":"x","access":{"owned_by":{"user":"1"}}},"links":{"self":"https://r.example.org/api/records/abc","self_html":"https://r.example.org/records/abc"},
			"revision_id":4,"is_draft":false,"is_published":true,"status":"published","access":{"record":"public","files":"public","embargo":{"active":false},"status":"open"},"pids":{"doi":{"identifier":"10.5555/abc","provider":"datacite","client":"x"},"oai":{"identifier":"oai:r:abc","provider":"oai"}},
			"metadata":{"resource_type":{"id":"dataset","title":{"en":"Dataset","de":"Datensatz"}},"creators":[{"person_or_org":{"type":"personal","name":"Hoxha, Ana","given_name":"Ana","family_name":"Hoxha","identifiers":[{"identifier":"0000-0002-1825-0097","scheme":"orcid"}]},"affiliations":[{"name":"Forest Institute"}]}],
			"title":"Rings","publisher":"Forest Institute","publication_date":"1957-04","languages":[{"id":"eng","title":{"en":"English"}}],"rights":[{"id":"cc-by-4.0","title":{"en":"CC BY"},"description":{"en":"You may"},"icon":"cc","props":{"url":"https://creativecommons.org/licenses/by/4.0/","scheme":"spdx"}}],
			"identifiers":[{"identifier":"1957/4","scheme":"other"}],"related_identifiers":[{"identifier":"10.5555/2","scheme":"doi","relation_type":{"id":"ispartof","title":{"en":"Is part of"}},"resource_type":{"id":"publication"}}],"funding":[{"funder":{"name":"Forest Fund"}}]},
			"stats":{"all_versions":{"views":3}},"versions":{"is_latest":true,"index":1},"media_files":{"enabled":false},"swh":{},"deletion_status":{"is_deleted":false,"status":"P"}}`,
			"metadata.creators.affiliations, metadata.funding"},
		"omeka_json": {`{"@context":"https://o.example.org/api-context","@id":"https://o.example.org/api/items/1","@type":"o:Item","o:id":1,"o:is_public":true,"o:owner":{"@id":"https://o.example.org/api/users/1","o:id":1},"o:resource_class":{"o:id":1},"o:resource_template":null,
			"o:thumbnail":null,"o:title":"A letter","thumbnail_display_urls":{"large":"https://o.example.org/l.jpg","medium":"https://o.example.org/m.jpg","square":"https://o.example.org/s.jpg"},"o:created":{"@value":"2026-01-01","@type":"xsd:dateTime"},"o:modified":{"@value":"2026-01-01"},
			"o:primary_media":{"o:id":2},"o:media":[{"@id":"https://o.example.org/api/media/2","o:id":2}],"o:item_set":[{"o:id":3}],"o:site":[{"o:id":4}],"dcterms:title":[{"type":"literal","property_id":1,"property_label":"Title","is_public":true,"@value":"A letter"}],
			"bibo:pages":[{"type":"literal","property_id":9,"@value":"3"}]}`, "bibo:pages"},
		"archivesspace_json": {`{"lock_version":3,"title":"Papers","publish":true,"restrictions":false,"suppressed":false,"is_slug_auto":true,"created_by":"a","last_modified_by":"a","create_time":"2026-01-01T00:00:00Z","system_mtime":"2026-01-01T00:00:00Z","user_mtime":"2026-01-01T00:00:00Z",
			"jsonmodel_type":"resource","uri":"/repositories/2/resources/1","id_0":"MS 1","level":"collection","repository_processing_note":"seen","repository":{"ref":"/repositories/2"},"tree":{"ref":"/repositories/2/resources/1/tree"},
			"dates":[{"lock_version":0,"label":"creation","expression":"1957","date_type":"single","jsonmodel_type":"date","create_time":"2026-01-01T00:00:00Z","created_by":"a"}],"extents":[{"number":"3","extent_type":"boxes","portion":"whole","jsonmodel_type":"extent","lock_version":0}],
			"lang_materials":[{"jsonmodel_type":"lang_material","language_and_script":{"language":"alb","jsonmodel_type":"language_and_script","lock_version":0}}],
			"notes":[{"jsonmodel_type":"note_multipart","persistent_id":"x","type":"scopecontent","publish":true,"label":"Scope","subnotes":[{"jsonmodel_type":"note_text","content":"Letters","publish":true}]}],
			"linked_agents":[{"role":"creator","relator":"aut","ref":"/agents/people/1","_resolved":{"title":"Hoxha, Ana","is_linked_to_published_record":true}}]}`,
			"linked_agents.relator, notes.label, repository_processing_note"},
		"schemaorg": {`{"@context":"https://schema.org","@type":"Dataset","@id":"https://example.org/1","name":"Rings","award":"Best data","potentialAction":{"@type":"SearchAction","target":"x"},"interactionStatistic":{"userInteractionCount":3},"breadcrumb":{"@type":"BreadcrumbList"}}`, "award"},
	} {
		m, err := crosswalk.Builtin(format)
		if err != nil {
			t.Fatal(err)
		}
		res, err := m.Apply(crosswalk.Input{Original: []byte(c.original)})
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		got := ""
		for _, n := range res.Notes {
			if n.Kind == dublincore.NotMapped {
				got += n.Text
			}
		}
		if got != c.want {
			t.Errorf("%s: noted as not mapped:\n  %s\nwant\n  %s", format, got, c.want)
		}
	}
}
