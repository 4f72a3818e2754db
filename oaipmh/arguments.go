package oaipmh

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Verbs of the protocol (section 4).
const (
	verbIdentify        = "Identify"
	verbFormats         = "ListMetadataFormats"
	verbSets            = "ListSets"
	verbGet             = "GetRecord"
	verbListIdentifiers = "ListIdentifiers"
	verbListRecords     = "ListRecords"
)

// Error codes of the protocol (section 3.6).
const (
	codeBadVerb      = "badVerb"
	codeBadArgument  = "badArgument"
	codeBadToken     = "badResumptionToken"
	codeNoFormat     = "cannotDisseminateFormat"
	codeNoIdentifier = "idDoesNotExist"
	codeNoRecords    = "noRecordsMatch"
	codeNoFormats    = "noMetadataFormats"
	codeNoSets       = "noSetHierarchy"
)

// A protocolError is one <error> of an answer.
type protocolError struct{ code, message string }

// arguments are the arguments of a request, as they were sent. An argument that is missing is empty.
type arguments struct {
	verb, identifier, prefix, from, until, set, token string

	flawed argumentSet // were given and can't be used; an error says why
}

// byName returns the place of a named argument; nil if the protocol has no argument of that name.
func (a *arguments) byName(name string) *string {
	switch name {
	case "verb":
		return &a.verb
	case "identifier":
		return &a.identifier
	case "metadataPrefix":
		return &a.prefix
	case "from":
		return &a.from
	case "until":
		return &a.until
	case "set":
		return &a.set
	case "resumptionToken":
		return &a.token
	}
	return nil
}

// maxArguments bounds the number of arguments that are looked at: the protocol has seven.
const maxArguments = 32

// parseArguments reads a query string or a form, and reports what is wrong with it whatever the verb. If lenient,
// empty arguments count as missing, because browsers send the empty fields of a form too.
func parseArguments(raw string, lenient bool) (a arguments, errs []protocolError) {
	bad := func(format string, values ...any) {
		errs = append(errs, protocolError{codeBadArgument, fmt.Sprintf(format, values...)})
	}
	seen := make(map[string]bool, 4)
	for n := 0; raw != ""; n++ {
		if n == maxArguments {
			bad("There are too many arguments.")
			break
		}
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, err := unescapePair(pair)
		if err != nil {
			bad("The argument %s is not properly escaped: %v.", quote(pair), err)
			continue
		}
		place := a.byName(name)
		switch {
		case place == nil:
			bad("There is no argument %s.", quote(name))
		case seen[name] && name == "verb":
			errs = append(errs, protocolError{codeBadVerb, "The verb is given more than once."})
		case seen[name]:
			bad("The argument %s is given more than once.", name)
		case value == "" && name != "verb" && !lenient:
			bad("The argument %s is empty.", name)
			a.flawed |= argumentNamed(name)
		case !xmlscan.IsClean(value) && name == "verb":
			errs = append(errs, protocolError{codeBadVerb, "The verb has characters that can't stand in XML."})
		case !xmlscan.IsClean(value):
			bad("The argument %s has characters that can't stand in XML.", name)
			a.flawed |= argumentNamed(name)
		default:
			*place = value
		}
		seen[name] = true
	}
	return a, errs
}

func unescapePair(pair string) (name, value string, err error) {
	name, value, _ = strings.Cut(pair, "=")
	if name, err = url.QueryUnescape(name); err != nil {
		return "", "", err
	}
	value, err = url.QueryUnescape(value)
	return name, value, err
}

// quote shortens what a client sent and puts it into quotation marks, so that a message can repeat it.
func quote(s string) string {
	const most = 64
	return fmt.Sprintf("%q", wording.Shorten(s, most))
}
