package search

import (
	"strings"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// maxCandidates bounds how many words of the index are compared with one that finds nothing.
const maxCandidates = 20_000

// meant is the text with each word that the index does not have replaced by the nearest one that it has; empty if that
// changes nothing.
func (p *plan) meant(conn *sqlite.Conn, text string) (string, error) {
	changed := false
	for _, word := range p.words {
		folded := date.Fold(word)
		if utf8.RuneCountInString(folded) < 4 || strings.ContainsAny(folded, "\" *") {
			continue
		}
		known := false
		if err := rows(conn, "SELECT 1 FROM term WHERE term = ?", []any{folded}, func(*sqlite.Stmt) { known = true }); err != nil {
			return "", err
		}
		if known {
			continue
		}
		_, size := utf8.DecodeRuneInString(folded)
		var candidates []string
		if err := rows(conn, "SELECT term FROM term WHERE term >= ?1 AND term < ?1 || char(1114111) LIMIT ?2", []any{folded[:size], maxCandidates}, func(r *sqlite.Stmt) {
			candidates = append(candidates, r.ColumnText(0))
		}); err != nil {
			return "", err
		}
		if near := wording.Nearest(folded, candidates); near != "" && near != folded {
			text, changed = strings.Replace(text, word, near, 1), true
		}
	}
	if !changed {
		return "", nil
	}
	return text, nil
}
