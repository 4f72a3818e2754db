package oaipmh

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// This file makes the elements for Descriptions of [Identity] and [Set], and for About of [Record], as the OAI
// guidelines define them. Each is complete: it declares its namespace and says where its schema is.

const (
	nsIdentifier = "http://www.openarchives.org/OAI/2.0/oai-identifier"
	nsFriends    = "http://www.openarchives.org/OAI/2.0/friends/"
	nsBranding   = "http://www.openarchives.org/OAI/2.0/branding/"
	nsRights     = "http://www.openarchives.org/OAI/2.0/rights/"
	nsProvenance = "http://www.openarchives.org/OAI/2.0/provenance"
)

// appendOpen appends the start tag of a description, without its last character.
func appendOpen(dst []byte, name, namespace, schema string) []byte {
	return fmt.Appendf(dst, `<%s xmlns="%s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="%s %s"`,
		name, namespace, namespace, schema)
}

func appendText(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = xmlscan.AppendExact(dst, value)
	return append(append(append(dst, "</"...), name...), '>')
}

// checkURL accepts what can stand in xsd:anyURI and means something to a harvester.
func checkURL(what, s string) error {
	if u, err := url.Parse(s); err != nil || !u.IsAbs() || u.Host == "" || !ValidURI(s) {
		return fmt.Errorf("%s %q is not an absolute URL", what, s)
	}
	return nil
}

// DescribeIdentifiers makes an oai-identifier description, which says that identifiers have the form
// oai:domain:local. sample is the identifier of an item that exists. A repository may have one such description.
func DescribeIdentifiers(domain, sample string) ([]byte, error) {
	if err := CheckRepositoryIdentifier(domain); err != nil {
		return nil, err
	}
	if err := CheckIdentifier(sample); err != nil {
		return nil, err
	}
	if !InSet(sample, "oai:"+domain) {
		return nil, fmt.Errorf("the sample identifier %q is not of the domain %q", sample, domain)
	}
	b := append(appendOpen(nil, "oai-identifier", nsIdentifier, nsIdentifier+".xsd"), '>')
	b = appendText(b, "scheme", "oai")
	b = appendText(b, "repositoryIdentifier", domain)
	b = appendText(b, "delimiter", ":")
	b = appendText(b, "sampleIdentifier", sample)
	return append(b, "</oai-identifier>"...), nil
}

// DescribeFriends makes a friends description: the base URLs of other repositories, so that harvesters discover
// them. Name a few dozen at most, because the description is part of every answer to Identify.
func DescribeFriends(baseURLs []string) ([]byte, error) {
	b := append(appendOpen(nil, "friends", nsFriends, "http://www.openarchives.org/OAI/2.0/friends.xsd"), '>')
	for _, u := range baseURLs {
		if err := checkURL("the base URL", u); err != nil {
			return nil, err
		}
		b = appendText(b, "baseURL", u)
	}
	return append(b, "</friends>"...), nil
}

// Branding says how a collection wants to be shown. Only URL is required.
type Branding struct {
	URL           string // of the icon
	Link          string // where a click on it leads
	Title         string
	Width, Height int // in pixels; zero or less if unknown
}

// DescribeBranding makes a branding description with an icon.
func DescribeBranding(c Branding) ([]byte, error) {
	if err := checkURL("the icon's URL", c.URL); err != nil {
		return nil, err
	}
	b := append(appendOpen(nil, "branding", nsBranding, "http://www.openarchives.org/OAI/2.0/branding.xsd"), "><collectionIcon>"...)
	b = appendText(b, "url", c.URL)
	if c.Link != "" {
		if err := checkURL("the icon's link", c.Link); err != nil {
			return nil, err
		}
		b = appendText(b, "link", c.Link)
	}
	if c.Title != "" {
		b = appendText(b, "title", c.Title)
	}
	if c.Width > 0 {
		b = appendText(b, "width", strconv.Itoa(c.Width))
	}
	if c.Height > 0 {
		b = appendText(b, "height", strconv.Itoa(c.Height))
	}
	return append(b, "</collectionIcon></branding>"...), nil
}

// rightsReference appends the inside of a rights element that refers to a statement.
func rightsReference(dst []byte, ref string) []byte {
	dst = append(dst, `<rightsReference ref="`...)
	return append(xmlscan.AppendExact(dst, ref), `"/>`...)
}

// DescribeRights makes a rightsManifest of the URLs of rights statements. They hold for the metadata of a repository
// or a set, not for what the metadata describes.
func DescribeRights(refs []string) ([]byte, error) {
	if len(refs) == 0 {
		return nil, errors.New("a rights manifest needs at least one statement")
	}
	b := appendOpen(nil, "rightsManifest", nsRights, "http://www.openarchives.org/OAI/2.0/rightsManifest.xsd")
	b = append(b, ` appliesTo="http://www.openarchives.org/OAI/2.0/entity#metadata">`...)
	for _, ref := range refs {
		if err := checkURL("the rights statement", ref); err != nil {
			return nil, err
		}
		b = append(rightsReference(append(b, "<rights>"...), ref), "</rights>"...)
	}
	return append(b, "</rightsManifest>"...), nil
}

// AppendRights appends a rights element for a record's about container. ref is the URL of the statement that holds
// for the record's metadata, as [CheckRights] accepts it.
func AppendRights(dst []byte, ref string) []byte {
	dst = append(appendOpen(dst, "rights", nsRights, "http://www.openarchives.org/OAI/2.0/rights.xsd"), '>')
	return append(rightsReference(dst, ref), "</rights>"...)
}

// CheckRights says what is wrong with the URL of a rights statement. It is meant for checking a configuration.
func CheckRights(ref string) error { return checkURL("the rights statement", ref) }
