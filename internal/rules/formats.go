package rules

import (
	"bytes"
	"fmt"
	"io"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// formatsOf says which formats can be made of the record, by the newest writers of the table, for the
// gateway of this number. The versions and the gateway are noted of the records alone that they make a
// difference to.
func formatsOf(rec *dublincore.Record, table *formats.Table, gateway int) (out pipeline.Formats) {
	for _, f := range table.All() {
		switch {
		case f.Prefix == "oai_dc" || !f.Has(rec):
			continue
		case f.Demanding():
			out = out.With(f.Prefix, f.Version)
		default:
			out = out.WithAll(f.Prefix, f.Version)
		}
		if f.NamesGateway(rec) {
			out = out.For(gateway)
		}
	}
	return out
}

// writtenAlike reports whether two records that have the same formats are written alike in all of them, except oai_dc. They
// may differ although their fingerprints don't, because some writers look at values as their source wrote them. If such a
// writer makes something else of a record the record must move, because otherwise those who harvest that format never hear
// of the change.
func (r *Rules) writtenAlike(fs pipeline.Formats, a, b *dublincore.Record) bool {
	for _, f := range r.table().All() {
		if f.Prefix == "oai_dc" || f.Demanding() && !fs.Has(f.Prefix) {
			continue
		}
		writer, known := r.table().At(f.Prefix, fs.Version(f.Prefix))
		if !known || !bytes.Equal(writer.Append(nil, a, anyItem), writer.Append(nil, b, anyItem)) {
			return false
		}
	}
	return true
}

// anyItem is only for comparing. Identifier and gateway are the same on both sides.
var anyItem = formats.Item{Identifier: "oai:a:b"}

// writeVersions writes the versions of the newest writers in a table, as far as they are not the first.
func writeVersions(w io.Writer, table *formats.Table) {
	for _, f := range table.All() {
		if f.Version > 1 {
			fmt.Fprintf(w, "format %s %d\n", f.Prefix, f.Version)
		}
	}
}
