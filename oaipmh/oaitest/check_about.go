package oaitest

import (
	"slices"
	"strconv"
	"time"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// abouts checks what a record says about itself.
func (s *suite) abouts(a *reply, r *etree.Element) {
	for _, c := range r.SelectElements("about") {
		inside := c.ChildElements()
		s.check("set-description", len(inside) == 1, a, elementText(r), "about has %d elements inside, not one", len(inside))
		if len(inside) == 1 && inside[0].Tag == "provenance" {
			for _, origin := range inside[0].SelectElements("originDescription") {
				s.origin(a, origin, 1)
			}
		}
	}
}

// maxOrigins bounds the depth of a chain of origins.
const maxOrigins = 64

// origin checks an origin of a record, and those inside, as the schema of provenance does.
func (s *suite) origin(a *reply, o *etree.Element, depth int) {
	wrong := wrongOrigin(o)
	s.check("provenance", wrong == "", a, elementText(o), "the provenance has %s", wrong)
	if depth == maxOrigins {
		return
	}
	for _, earlier := range o.SelectElements("originDescription") {
		s.origin(a, earlier, depth+1)
	}
}

// wrongOrigin says what is wrong with an origin; empty if nothing is.
func wrongOrigin(o *etree.Element) string {
	for _, name := range []string{"baseURL", "identifier", "metadataNamespace"} {
		value := text(o, name)
		if name == "metadataNamespace" && value == "" && len(texts(o, name)) == 1 {
			continue // no namespace
		}
		if len(texts(o, name)) != 1 || !oaipmh.ValidURI(value) {
			return "the " + name + " " + strconv.Quote(value) + ", which is no URI"
		}
	}
	if _, _, err := oaipmh.ParseDatestamp(text(o, "datestamp")); err != nil {
		return "the datestamp " + strconv.Quote(text(o, "datestamp"))
	}
	date := o.SelectAttrValue("harvestDate", "")
	if _, err := time.Parse(time.RFC3339, date); err != nil {
		if _, _, err := oaipmh.ParseDatestamp(date); err != nil {
			return "the harvestDate " + strconv.Quote(date)
		}
	}
	if altered := o.SelectAttrValue("altered", ""); !slices.Contains([]string{"true", "false", "1", "0"}, altered) {
		return "altered=" + strconv.Quote(altered)
	}
	return ""
}
