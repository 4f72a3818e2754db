package pipeline

import (
	"maps"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// An Account is what is kept of a run beside its counts, for those who look at it later.
type Account struct {
	By   string `json:"by,omitempty"` // who asked for it: BySchedule, ByPerson or BySender
	Full bool   `json:"full,omitempty"`
	// Rejected counts the items that were rejected, by reason.
	Rejected map[string]int64 `json:"rejected,omitempty"`
	// Requests counts what was asked of the source's host, by how it was answered: ok, or a kind of [harvest.Error]. Bytes
	// is how much came.
	Requests map[string]int64 `json:"requests,omitempty"`
	Bytes    int64            `json:"bytes,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	Advice   string           `json:"advice,omitempty"` // what to do about its error
}

// Who asks for a run.
const (
	BySchedule = "schedule"
	ByPerson   = "person"
	BySender   = "sender" // of a source that sends by itself
)

const (
	maxKeptWarnings = 20
	maxKeptWarning  = 500 // bytes of each
)

// account is what is kept of the run.
func (r *Report) account() Account {
	a := Account{
		By: r.by, Full: r.Full, Rejected: maps.Clone(r.Rejected), Requests: maps.Clone(r.Requests), Bytes: r.Bytes, Advice: Advice(r.Err),
	}
	for _, w := range r.Warnings[:min(len(r.Warnings), maxKeptWarnings)] {
		a.Warnings = append(a.Warnings, wording.Shorten(w, maxKeptWarning))
	}
	return a
}
