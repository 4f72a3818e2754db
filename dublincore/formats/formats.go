// Package formats makes the metadata formats that aggregators ask for from a Dublin Core record:
// oai_dc, oai_qdc, MODS 3.7, Europeana's EDM and OpenAIRE's guidelines for literature repositories
// (version 4).
//
// [Named] finds a format by its metadataPrefix, and [Format.Append] writes a record in it. A record has a format only
// if it has what that format demands: [Format.Has] reports that, and [Format.Missing] says in plain words what is
// lacking. The answer depends on the record alone, not on the gateway that serves it, so it can be kept with the
// record. What is written is one element that can stand alone: it declares its namespaces and a schemaLocation, and
// has nothing that XML 1.0 forbids, whatever is in the record.
package formats

import "github.com/sheaf-gateway/sheaf/dublincore"

// A Format is a metadata format that can be made from a record (OAI-PMH 2.0, section 3.4).
type Format struct {
	Prefix    string // metadataPrefix: "mods"
	Schema    string // URL of the XML schema
	Namespace string // of the root element
	// Version is the version of the writer, not of the format. It counts from 1, and grows whenever the same record
	// would be written otherwise than before, or something else is demanded of it. The writers of earlier versions
	// stay in the [Table], so that a record which was offered by one of them does not change without a new datestamp.
	Version int

	demands []Demand
	write   Writer
	gateway func(*dublincore.Record) bool
}

// A Writer appends a record to dst in a format, as one element.
type Writer func(dst []byte, rec *dublincore.Record, item Item) []byte

// A Demand is something that a format requires of a record.
type Demand = dublincore.Demand

// An Item is what a writer needs and the record does not have.
type Item struct {
	// Identifier is the OAI identifier: a URI, not empty.
	Identifier string
	// Page is the gateway's page about the record, an http or https URL; it may be empty. MODS has it if the record has
	// no landing page, and tells it from the holder's own. Other formats have only what the record says.
	Page string
	// Provider is the name of the service that offers the record, for formats that want one if the record names none.
	// It may be empty.
	Provider string
}

// builtin are the formats of this release, in the order in which they are offered. When a writer changes, the writer
// before it stays, in front of it. A golden test makes sure that no writer changes without a new version.
var builtin = &Table{[][]Format{
	{{Prefix: "oai_dc", Schema: dublincore.SchemaOAIDC, Namespace: dublincore.NamespaceOAIDC, Version: 1,
		write: func(dst []byte, rec *dublincore.Record, _ Item) []byte { return rec.AppendOAIDC(dst) }}},
	{{Prefix: "oai_qdc", Schema: dublincore.SchemaOAIQDC, Namespace: dublincore.NamespaceOAIQDC, Version: 1,
		write: func(dst []byte, rec *dublincore.Record, _ Item) []byte { return rec.AppendOAIQDC(dst) }}},
	{{Prefix: "mods", Schema: schemaMODS, Namespace: namespaceMODS, Version: 1, demands: demandsMODS, write: appendMODS,
		gateway: func(rec *dublincore.Record) bool {
			return !has(rec, dublincore.Provider) || webURL(rec, dublincore.Landing) == ""
		}}},
	{{Prefix: "edm", Schema: schemaEDM, Namespace: namespaceRDF, Version: 1, demands: demandsEDM, write: appendEDM,
		gateway: func(rec *dublincore.Record) bool { return !has(rec, dublincore.Provider) }}},
	{{Prefix: "oai_openaire", Schema: schemaOpenAIRE, Namespace: namespaceOpenAIRE, Version: 1, demands: demandsOpenAIRE, write: appendOpenAIRE}},
}}

// Builtin is the table of the formats of this release.
func Builtin() *Table { return builtin }

// All are the formats of this release, always in the same order: oai_dc, oai_qdc, mods, edm, oai_openaire.
func All() []Format { return builtin.All() }

// Named finds a format of this release by its prefix.
func Named(prefix string) (*Format, bool) { return builtin.Named(prefix) }

// Demands are what a format of this release requires of a record; nothing if there is no such format. They must not be
// changed.
func Demands(prefix string) []Demand {
	if f, ok := Named(prefix); ok {
		return f.demands
	}
	return nil
}

// Has reports whether the record has what the format demands. Every record has oai_dc and oai_qdc.
func (f *Format) Has(rec *dublincore.Record) bool {
	for i := range f.demands {
		if !f.demands[i].Met(rec) {
			return false
		}
	}
	return true
}

// Demanding reports whether the format demands anything, so that not every record may have it.
func (f *Format) Demanding() bool { return len(f.demands) > 0 }

// Missing says what the record lacks for the format, each thing as a phrase that follows "it lacks": "a title". It is
// empty if, and only if, the record has the format.
func (f *Format) Missing(rec *dublincore.Record) []string {
	var missing []string
	for i := range f.demands {
		if !f.demands[i].Met(rec) {
			missing = append(missing, f.demands[i].Words)
		}
	}
	return missing
}

// Append appends the record in the format, as one element. A record that does not have the format is written too, and
// well-formed, but not as the format demands.
func (f *Format) Append(dst []byte, rec *dublincore.Record, item Item) []byte {
	return f.write(dst, rec, item)
}

// NamesGateway reports whether Item.Page or Item.Provider would be written, because the record has no such value. Such
// a record changes when the gateway changes its address or its name.
func (f *Format) NamesGateway(rec *dublincore.Record) bool { return f.gateway != nil && f.gateway(rec) }

// Next is the next version of the format, for [Table.With]. It has another writer, and other demands, or the same if
// demands is nil.
func (f *Format) Next(demands []Demand, w Writer) Format {
	next := *f
	next.Version++
	next.write = w
	if demands != nil {
		next.demands = demands
	}
	return next
}
