package follow

import (
	"encoding/json"
	"time"
)

// A Change is the latest state of a record, at the place of its last change in the log.
//
// The strings of Links, Sets, Formats, Record, Title, Date and OAIDC may be parts of the one line that was read: a consumer
// that keeps one of them alone for long keeps a copy of it ([strings.Clone]), or it keeps the whole line in memory.
type Change struct {
	Identifier string    `json:"identifier"` // the OAI identifier
	Source     string    `json:"source"`     // the name of its source in the gateway
	Epoch      int64     `json:"epoch,string"`
	Seq        int64     `json:"seq,string"`
	Prev       int64     `json:"prev,string"`
	Version    int64     `json:"version"`          // counts the changes of the record, for people
	Operation  Operation `json:"operation"`        // upserted, or deleted
	Reason     string    `json:"reason,omitempty"` // why it is deleted: source-deleted, absent, takedown, withdrawn, source-retired, or left-set
	Datestamp  time.Time `json:"datestamp"`        // the OAI-PMH datestamp
	Hash       string    `json:"hash"`             // the fingerprint of what is served; equal means equal content
	Links      Links     `json:"links"`
	Sets       []string  `json:"sets,omitzero"`    // OAI-PMH sets, as setSpecs
	Formats    []string  `json:"formats,omitzero"` // the formats that the record is kept in
	Record     Record    `json:"record,omitempty"` // nil if deleted
	Title      string    `json:"title,omitempty"`  // of a deleted record the last title; never after a takedown or withdrawal
	Date       string    `json:"date,omitempty"`   // of a deleted record the last date, as Title

	// OAIDC is the oai_dc element as OAI-PMH serves it, if With.OAIDC asks for it.
	OAIDC string `json:"oai_dc,omitempty"`
	// Original is what the source sent, if With.Original asks for it. Origin is where it came from, if With.Original or
	// With.Origin does.
	Original *Original `json:"original,omitempty"`
	Origin   *Origin   `json:"origin,omitempty"`
	// Seen, if not 0, is the seq of the head that this change, and those behind it, were read under.
	Seen int64 `json:"seen,string,omitempty"`
	// Line is the JSON object that the gateway wrote, without Seen and with members that this package does not know, if
	// With.Line asks for it.
	Line json.RawMessage `json:"-"`
}

// An Operation says what happened to a record.
type Operation string

// The operations. A record that was created and one that was updated can't be told apart, because states that were
// overwritten before they were read are passed over.
const (
	Upserted Operation = "upserted"
	Deleted  Operation = "deleted"
)

// Deleted says whether the record is gone. What a follower holds of it must go too, for whatever reason.
func (c *Change) Deleted() bool { return c.Operation == Deleted }

// A Record has, for each DCMI term, its values in the source's order.
type Record map[string][]Value

// First returns the first value of a term; empty if there is none.
func (r Record) First(term string) string {
	if v := r[term]; len(v) > 0 {
		return v[0].Value
	}
	return ""
}

// A Value is one value of a term.
type Value struct {
	Value    string `json:"value"`
	Lang     string `json:"lang,omitempty"`     // BCP 47
	Scheme   string `json:"scheme,omitempty"`   // the encoding scheme, such as W3CDTF
	Original string `json:"original,omitempty"` // what the source wrote, where it was normalised
	From     string `json:"from,omitempty"`     // context or curated, if it was not extracted from the original
}

// Links lead to a record.
type Links struct {
	OAI  string `json:"oai"`  // over OAI-PMH, as oai_dc
	Page string `json:"page"` // its page
}

// An Original is what a source sent of a record.
type Original struct {
	Format    string `json:"format"`
	Namespace string `json:"namespace,omitempty"`
	Data      []byte `json:"data"`
}

// An Origin says where a record came from, as the provenance of OAI-PMH does.
type Origin struct {
	BaseURL     string   `json:"baseURL,omitempty"`
	Identifier  string   `json:"identifier"`
	Datestamp   string   `json:"datestamp,omitempty"`
	Format      string   `json:"format,omitempty"` // the name of the format that it came in
	Namespace   string   `json:"namespace,omitempty"`
	HarvestDate string   `json:"harvestDate,omitempty"`
	Altered     bool     `json:"altered,omitempty"`
	Chain       []Origin `json:"chain,omitempty"` // where that source has it from, the latest first
}

// A Head is the end of the log, as it was when the last changes were read.
type Head struct {
	Epoch     int64     `json:"epoch,string"`
	Seq       int64     `json:"seq,string"`
	Datestamp time.Time `json:"datestamp"`
	// Digest is that of all live records (see pipeline.Digest), in hexadecimal; empty while the gateway works it out.
	Digest string `json:"digest"`
	// Records is how many live records there are.
	Records int64 `json:"records"`
}
