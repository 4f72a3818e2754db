package oai

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

const (
	// A repository whose identifiers have more domains than this is an aggregator, in which new domains are normal.
	maxDomains = 8
	// An incremental list may begin with some records of a new domain, without being a repository that has moved.
	fewRecords = 10
)

// renamed returns an error if the identifiers of a page have another domain than all before, because a repository
// that has moved would give every record a second time. Otherwise it remembers the domains of the page.
func (w *walk) renamed(records []oaipmh.Record) *harvest.Error {
	seen := domainsOf(records)
	was := w.p.Domains
	if len(was) == 0 && w.p.Domain != "" && w.p.Domain != "-" && w.p.Format != nil && !w.p.full() {
		was = []string{w.p.Domain} // of a cursor that remembers no more than that
	}
	first := w.p.full() && !w.p.Some
	known := len(seen) == 0 || len(was) == 0 || len(was) > maxDomains || slices.ContainsFunc(seen, func(d string) bool { return slices.Contains(was, d) }) ||
		slices.Contains(seen, w.s.cfg.Domain)
	if !known && (first || len(records) >= fewRecords) {
		return w.s.problem(harvest.Renamed, fmt.Sprintf("the identifiers were oai:%s:… and are oai:%s:… now. %s", was[0], seen[0], w.wayOn(seen[0])), nil)
	}
	for _, d := range seen {
		if len(w.p.Domains) <= maxDomains && !slices.Contains(w.p.Domains, d) {
			w.p.Domains = append(w.p.Domains, d)
		}
	}
	return nil
}

// wayOn says what a person can do about a new domain. The new domain can only take the place of the old one if the old
// one is not part of the keys.
func (w *walk) wayOn(domain string) string {
	const accept = "To take them as new records beside the old ones, harvest with --accept"
	if w.p.Domain == "-" {
		return accept
	}
	return "To keep the records as they are, set domain: " + domain + " for the source. " + accept
}

// domainsOf returns the different domains in the identifiers of the form oai:<domain>:<local>.
func domainsOf(records []oaipmh.Record) (domains []string) {
	for i := range records {
		rest, ok := strings.CutPrefix(records[i].Identifier, "oai:")
		d, _, found := strings.Cut(rest, ":")
		if ok && found && len(d) < 200 && len(domains) <= maxDomains && !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	return domains
}
