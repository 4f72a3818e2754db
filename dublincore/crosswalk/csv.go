package crosswalk

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
)

// csvFamily reads a header line and one row. Its selectors are column names; its node is the row.
type csvFamily struct{}

type csvRow struct{ columns, values []string }

// A csvColumn selects the columns of a name, whatever its case: a table may have several for one thing.
type csvColumn string

func (csvFamily) selector(_ *compiler, text string, _ bool) (selector, error) {
	return csvColumn(text), nil
}

func (csvFamily) open(_ *run, original []byte) (node, error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(original, []byte("\ufeff"))))
	in.FieldsPerRecord = -1
	rows, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(rows) != 2 {
		return nil, fmt.Errorf("%w: a header line and one row are needed, not %d lines", ErrMalformed, len(rows))
	}
	if len(rows[1]) > len(rows[0]) {
		return nil, fmt.Errorf("%w: the row has %d columns, the header has %d", ErrMalformed, len(rows[1]), len(rows[0]))
	}
	for i, name := range rows[0] {
		rows[0][i] = strings.TrimSpace(name)
	}
	return &csvRow{columns: rows[0], values: rows[1]}, nil
}

func (csvFamily) label(node) string { return "" }

func (c csvColumn) find(_ *run, from node, dst []item) []item {
	row, ok := from.(*csvRow)
	if !ok {
		return dst
	}
	for i, name := range row.columns {
		if i < len(row.values) && strings.EqualFold(name, string(c)) && strings.TrimSpace(row.values[i]) != "" {
			dst = append(dst, item{text: row.values[i], node: row})
		}
	}
	return dst
}
