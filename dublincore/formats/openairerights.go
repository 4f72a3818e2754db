package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const coarAccess = "http://purl.org/coar/access_right/"

// accessRight is the URI of the access right in COAR's vocabulary that the record states; empty if it states none. A
// licence does not tell it: a text that may be copied freely need not be open here.
func accessRight(rec *dublincore.Record) string {
	return rightsURI(rec, isAccessRight, dublincore.AccessRights, dublincore.Rights, dublincore.License)
}

func isAccessRight(uri string) bool { return strings.HasPrefix(uri, coarAccess) }

func isLicence(uri string) bool { return !isAccessRight(uri) }

func (w *writer) openaireAccess(rec *dublincore.Record) {
	uri := accessRight(rec)
	label := ""
	switch strings.TrimPrefix(uri, coarAccess) {
	case "c_abf2":
		label = "open access"
	case "c_f1cf":
		label = "embargoed access"
	case "c_16ec":
		label = "restricted access"
	case "c_14cb":
		label = "metadata only access"
	default:
		return
	}
	w.raw("<datacite:rights")
	w.attribute("rightsURI", uri)
	w.raw(">" + label + "</datacite:rights>")
}

// openaireLicence writes the one licence that the guidelines have room for: the first one with a known URI, or else the
// first value of the term license. Its name is what the source wrote, unless that is a URI.
func (w *writer) openaireLicence(rec *dublincore.Record) {
	for v := range each(rec, dublincore.License, dublincore.Rights) {
		uri := canonicalRights(v)
		if uri == "" || !isLicence(uri) {
			continue
		}
		name := uri
		for _, text := range [...]string{v.Original, v.Text} {
			if text = xmlscan.Clean(text); text != "" && !strings.Contains(text, "://") {
				name = text
				break
			}
		}
		w.raw("<oaire:licenseCondition")
		w.uriAttribute("uri", uri)
		w.raw(">")
		w.text(name)
		w.close("oaire:licenseCondition")
		return
	}
	if v := first(rec, dublincore.License); v != nil {
		w.raw("<oaire:licenseCondition")
		if isWebURL(v.Text) {
			w.uriAttribute("uri", v.Text)
		}
		w.raw(">")
		w.text(v.Text)
		w.close("oaire:licenseCondition")
	}
}

// grantPrefix begins the name of a grant as the guidelines before version 4 wrote it, in dc:relation:
// info:eu-repo/grantAgreement/Funder/Programme/Project[/Jurisdiction[/Name[/Acronym]]].
const grantPrefix = "info:eu-repo/grantAgreement/"

// A grant is the content of such a name.
type grant struct{ funder, programme, project, name string }

func readGrant(text string) (grant, bool) {
	rest, ok := strings.CutPrefix(xmlscan.Clean(text), grantPrefix)
	if !ok {
		return grant{}, false
	}
	var parts [5]string
	for i := range parts {
		parts[i], rest, _ = strings.Cut(rest, "/")
		parts[i] = xmlscan.Clean(parts[i])
	}
	g := grant{funder: parts[0], programme: parts[1], project: parts[2], name: parts[4]}
	return g, g.funder != "" && g.project != ""
}

func (w *writer) openaireFunding(rec *dublincore.Record) {
	open := false
	for v := range values(rec, dublincore.Relation) {
		g, ok := readGrant(v.Text)
		if !ok {
			continue
		}
		if !open {
			w.open("oaire:fundingReferences", "")
			open = true
		}
		w.open("oaire:fundingReference", "")
		w.element("oaire:funderName", "", g.funder)
		if g.programme != "" {
			w.element("oaire:fundingStream", "", g.programme)
		}
		w.element("oaire:awardNumber", "", g.project)
		if g.name != "" {
			w.element("oaire:awardTitle", "", g.name)
		}
		w.close("oaire:fundingReference")
	}
	if open {
		w.close("oaire:fundingReferences")
	}
}
