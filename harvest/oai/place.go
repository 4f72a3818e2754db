package oai

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Granularities of datestamps.
const (
	day    = "day"
	second = "second"
)

// A place is what a cursor holds. The zero place begins a full pass.
type place struct {
	// What was found out about the repository, for this pass and the following ones.
	Format      *harvest.Format `json:"format,omitempty"`
	Granularity string          `json:"granularity,omitempty"`
	Domain      string          `json:"domain,omitempty"` // "-" if there is none
	Wanted      string          `json:"wanted,omitempty"` // hash of the formats and sets that the pass was made for
	PrefixToo   bool            `json:"prefix_too,omitempty"`

	// The pass.
	Since   string `json:"since,omitempty"`   // incremental: the responseDate that the pass goes back to
	Begun   string `json:"begun,omitempty"`   // the responseDate of the first answer of the pass
	Set     int    `json:"set,omitempty"`     // of Config.Sets, the one being listed
	NoFrom  bool   `json:"no_from,omitempty"` // the repository refuses from, so that this pass is full
	Doubted bool   `json:"doubted,omitempty"` // something in it keeps the pass from proving absence
	Short   string `json:"short,omitempty"`   // why it is known to lack records
	Some    bool   `json:"some,omitempty"`    // it has given a record

	Counted  bool     `json:"counted,omitempty"`  // a person said that the repository's counts are wrong
	Surplus  int      `json:"surplus,omitempty"`  // by so much they are known to be too large
	Domains  []string `json:"domains,omitempty"`  // of its identifiers (identity.go)
	NoDates  bool     `json:"no_dates,omitempty"` // it fails when it is asked by date, until the next full pass is asked for
	Failures int      `json:"failures,omitempty"` // runs in a row that failed at this place
	Search   *search  `json:"search,omitempty"`   // for what the list lacks, by its headers
	Windows  *windows `json:"windows,omitempty"`  // likewise, by windows of time
	Earliest string   `json:"earliest,omitempty"` // datestamp of the repository, as it says

	// The list.
	Token    string   `json:"token,omitempty"`
	Seen     int      `json:"seen,omitempty"`   // records of the list
	Pages    int      `json:"pages,omitempty"`  // pages of the list
	Total    int      `json:"total,omitempty"`  // completeListSize; 0 if not said
	Lost     int      `json:"lost,omitempty"`   // records that its cursors count and that did not come
	Counts   bool     `json:"counts,omitempty"` // its first cursor was 0, as the protocol has it
	Tokens   []string `json:"tokens,omitempty"` // hashes of the last tokens
	Restarts int      `json:"restarts,omitempty"`
	Restart  string   `json:"restart,omitempty"` // when the last was
}

// Tokens longer than this can't be put into a cursor, where a byte may take six.
const maxToken = 8 << 10

// How many tokens are remembered to find a list that runs in a circle.
const rememberedTokens = 32

func parsePlace(c harvest.Cursor) (place, error) {
	var p place
	if c == "" {
		return p, nil
	}
	err := json.Unmarshal([]byte(c), &p)
	return p, err
}

func (p *place) cursor() harvest.Cursor {
	b, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("oai: a place that can't be written: %v", err)) // strings and numbers only
	}
	return harvest.Cursor(b)
}

// full says that the pass lists everything.
func (p *place) full() bool { return p.Since == "" || p.NoFrom }

// newList forgets what belongs to the list before.
func (p *place) newList() {
	p.Token, p.Seen, p.Pages, p.Total, p.Lost, p.Counts, p.Tokens = "", 0, 0, 0, 0, false, nil
}

// after is where the pass after this one begins. A pass that lacks records is asked for again from where it
// began. After a full pass without any record it is full again: what was missing may come back with the
// datestamps that it always had.
func (p *place) after() *place {
	next := &place{Format: p.Format, Granularity: p.Granularity, Domain: p.Domain, Wanted: p.Wanted,
		PrefixToo: p.PrefixToo, Since: p.Begun, Counted: p.Counted, Surplus: p.Surplus, Domains: p.Domains,
		NoDates: p.NoDates, NoFrom: p.NoDates, Earliest: p.Earliest}
	if p.Short != "" || !p.Some && p.full() {
		next.Since = p.Since
	}
	return next
}

// again is where a pass begins over from nothing. The domains stay, because keys depend on them, and so does
// what is known about the repository's counts.
func (p *place) again() place {
	return place{Domain: p.Domain, Domains: p.Domains, Counted: p.Counted, Surplus: p.Surplus}
}

// remember notes a token that was received, and says whether the list has given it before.
func (p *place) remember(token string) (seen bool) {
	h := hash(token)
	for _, t := range p.Tokens {
		if t == h {
			return true
		}
	}
	p.Tokens = append(p.Tokens, h)
	if n := len(p.Tokens) - rememberedTokens; n > 0 {
		p.Tokens = append([]string(nil), p.Tokens[n:]...)
	}
	return false
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// Restart is the cursor of a new full pass: of what was found out about the repository only the domain
// stays, because keys depend on it (see [harvest.Restarter]).
func (s *Source) Restart(at harvest.Cursor) harvest.Cursor {
	p, err := parsePlace(at)
	if err != nil || p.Domain == "" {
		return ""
	}
	fresh := p.again()
	return fresh.cursor()
}
