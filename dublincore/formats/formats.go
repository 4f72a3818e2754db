// Package formats makes the metadata formats that aggregators ask for from a Dublin Core record:
// oai_dc, oai_qdc, MODS 3.7, Europeana's EDM and OpenAIRE's guidelines for literature repositories
// (version 4).
//
// A record has a format only if it has what that format demands; Missing says in a reader's words
// what it lacks. Whether it has one depends on the record alone, not on the gateway that serves it,
// so that the answer can be kept with the record. What is made is one self-contained element: it
// declares its namespaces and a schemaLocation, and holds nothing that XML 1.0 forbids, whatever is in
// the record.
package formats

import "github.com/sheaf-gateway/sheaf/dublincore"

// A Format is a metadata format that can be made from a record (OAI-PMH 2.0, section 3.4).
type Format struct {
	Prefix    string // metadataPrefix: "mods"
	Schema    string // URL of the XML schema
	Namespace string // of the root element
	// Version is that of the writer, not of the format. It changes whenever the same record would be
	// written otherwise than before, so that one can count what a new release would change.
	Version string

	demands []demand
	write   func(dst []byte, rec *dublincore.Record, item Item) []byte
}

// A demand is something that a format requires of a record.
type demand struct {
	words string // what, for a reader, after "it lacks"
	met   func(*dublincore.Record) bool
}

// An Item is what a record doesn't know of itself.
type Item struct {
	// Identifier is the OAI identifier: a URI, not empty.
	Identifier string
	// Page is the gateway's page about the record, an http or https URL; it may be empty. It is given
	// where a record has no landing page of its own and the format does not ask for the holder's.
	Page string
	// Provider is the name of whoever serves the record, for formats that want it where the record
	// names none. It may be empty.
	Provider string
}

// The versions of the writers. A golden test guards them.
const (
	versionOAIDC    = "1"
	versionOAIQDC   = "1"
	versionMODS     = "1"
	versionEDM      = "1"
	versionOpenAIRE = "1"
)

// all are the formats, in the order in which they are offered.
var all = [...]Format{
	{Prefix: "oai_dc", Schema: dublincore.SchemaOAIDC, Namespace: dublincore.NamespaceOAIDC, Version: versionOAIDC,
		write: func(dst []byte, rec *dublincore.Record, _ Item) []byte { return rec.AppendOAIDC(dst) }},
	{Prefix: "oai_qdc", Schema: dublincore.SchemaOAIQDC, Namespace: dublincore.NamespaceOAIQDC, Version: versionOAIQDC,
		write: func(dst []byte, rec *dublincore.Record, _ Item) []byte { return rec.AppendOAIQDC(dst) }},
	{Prefix: "mods", Schema: schemaMODS, Namespace: namespaceMODS, Version: versionMODS, demands: demandsMODS, write: appendMODS},
	{Prefix: "edm", Schema: schemaEDM, Namespace: namespaceRDF, Version: versionEDM, demands: demandsEDM, write: appendEDM},
	{Prefix: "oai_openaire", Schema: schemaOpenAIRE, Namespace: namespaceOpenAIRE, Version: versionOpenAIRE,
		demands: demandsOpenAIRE, write: appendOpenAIRE},
}

// All are the formats, always in the same order: oai_dc, oai_qdc, mods, edm, oai_openaire.
func All() []Format { return append([]Format(nil), all[:]...) }

// Named finds a format by its prefix.
func Named(prefix string) (*Format, bool) {
	for i := range all {
		if all[i].Prefix == prefix {
			f := all[i]
			return &f, true
		}
	}
	return nil, false
}

// Has reports whether the record has what the format demands. Every record has oai_dc and oai_qdc.
func (f *Format) Has(rec *dublincore.Record) bool {
	for i := range f.demands {
		if !f.demands[i].met(rec) {
			return false
		}
	}
	return true
}

// Missing says what the record lacks for the format, each as a phrase that follows "it lacks": "a
// title". It is empty if, and only if, the record has the format.
func (f *Format) Missing(rec *dublincore.Record) []string {
	var missing []string
	for i := range f.demands {
		if !f.demands[i].met(rec) {
			missing = append(missing, f.demands[i].words)
		}
	}
	return missing
}

// Append appends the record in the format, as one element. It is for records that have the format: of
// another one it makes what it can, well-formed, but not what the format demands.
func (f *Format) Append(dst []byte, rec *dublincore.Record, item Item) []byte {
	return f.write(dst, rec, item)
}
