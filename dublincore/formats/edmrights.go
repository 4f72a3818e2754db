package formats

import (
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// edmRights is the first URI of rights in the record that Europeana accepts for edm:rights; empty if there is none.
func edmRights(rec *dublincore.Record) string {
	return rightsURI(rec, isEDMRights, dublincore.License, dublincore.Rights, dublincore.AccessRights)
}

// isEDMRights reports whether uri, in canonical form, is in the list of the EDM schema: six of the
// twelve rights statements, the six licences with the ports that each version has, and the two public
// domain tools.
func isEDMRights(uri string) bool {
	if statement, ok := strings.CutPrefix(uri, "http://rightsstatements.org/vocab/"); ok {
		switch statement {
		case "NoC-NC/1.0/", "NoC-OKLR/1.0/", "InC/1.0/", "InC-EDU/1.0/", "InC-OW-EU/1.0/", "CNE/1.0/":
			return true
		}
		return false
	}
	path, ok := strings.CutPrefix(uri, "http://creativecommons.org/")
	if !ok {
		return false
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if parts[0] == "publicdomain" {
		return true
	}
	if len(parts) < 3 {
		return false
	}
	name, version := parts[1], parts[2]
	switch name {
	case "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd":
	case "by-nd-nc":
		if version != "1.0" {
			return false
		}
	default:
		return false
	}
	if len(parts) == 3 {
		return version != "2.1" // which exists as ports only
	}
	return slices.Contains(strings.Fields(licencePorts[version]), parts[3])
}

// licencePorts are the jurisdictions that the versions of the licences were ported to.
var licencePorts = map[string]string{
	"1.0": "fi il nl",
	"2.0": "au at be br ca cl hr uk fr de it jp nl pl kr es tw",
	"2.1": "au es jp",
	"2.5": "ar au br bg ca cn co hr dk hu in il it mk my mt mx nl pe pl pt scotland si za es se ch tw",
	"3.0": "au at br cl cn cr hr cz ec eg ee fr de gr gt hk igo ie it lu nl nz no ph pl pt pr ro rs sg za es ch tw th ug us ve vn",
}
