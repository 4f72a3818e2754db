package rules

import (
	"bytes"
	"sync"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// fingerprint returns a hash of what is served of a record: the Dublin Core, the canonical original, sets, formats, rights,
// and where the record came from. Neither the time of harvest nor the source's datestamp counts, because a datestamp moves
// only when what is served changes (promise 4). canonical is nil if the source does not say what of the original counts.
func fingerprint(m *pipeline.Mapped, from *pipeline.Origin, record *dublincore.Record, original, canonical []byte) pipeline.Hash {
	f := fingerprinters.Get().(*fingerprinter)
	defer f.release()
	if canonical == nil {
		canonical = f.canonical(original)
	}
	values := record.Fingerprint()
	f.Bytes(values[:])
	f.Text(from.Format.Prefix)
	f.Text(from.Format.Namespace)
	f.Text(from.Format.Schema)
	f.List(m.Sets)
	if n, ok := m.Formats.Number(); ok {
		f.Number(uint64(n)) // as ever, so that no record moves
	} else {
		f.Text(m.Formats.String())
	}
	f.Text(m.Rights)
	f.Text(from.BaseURL)
	f.Bytes(from.Provenance)
	f.Bytes(canonical)
	return f.Sum()
}

// A fingerprinter has the buffers for making a fingerprint.
type fingerprinter struct {
	pipeline.Hasher
	canonicalizer *xmlscan.Canonicalizer
	form          []byte
}

var fingerprinters = sync.Pool{New: func() any {
	return &fingerprinter{canonicalizer: xmlscan.NewCanonicalizer(xmlscan.Limits{})}
}}

// maxScratch bounds the buffers that are kept for the next record, in bytes.
const maxScratch = 256 << 10

func (f *fingerprinter) release() {
	if f.Size() <= maxScratch && cap(f.form) <= maxScratch {
		fingerprinters.Put(f)
	}
}

// canonical returns the same bytes for originals that differ only in white space between elements, in prefixes, or in the
// order of attributes. They are valid until the next call.
func (f *fingerprinter) canonical(original []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimLeft(original, " \t\r\n\ufeff"), []byte("<")) {
		return original
	}
	b, err := f.canonicalizer.Append(f.form[:0], original)
	f.form = b
	if err != nil {
		return original // it is not XML, or not well-formed, so it is compared as it is
	}
	return b
}
