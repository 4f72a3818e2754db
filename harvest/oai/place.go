package oai

import (
	"cmp"
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

// A place is what a cursor holds, as JSON. The zero place begins a full pass.
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
	Doubted bool   `json:"doubted,omitempty"` // something was odd, so that the pass can't prove that records are gone
	Short   string `json:"short,omitempty"`   // why the pass is known to lack records
	Stage   string `json:"stage,omitempty"`   // of a reconciliation; empty if the pass is none
	Some    bool   `json:"some,omitempty"`    // the pass has given a record

	Counted  bool     `json:"counted,omitempty"`   // a person said that the repository's counts are wrong
	Vouched  bool     `json:"vouched,omitempty"`   // a second opinion has confirmed a list that announced no size
	Unheard  bool     `json:"unheard,omitempty"`   // in this pass it was asked for in vain
	Surplus  int      `json:"surplus,omitempty"`   // by how much the counts are known to be too large
	Unfound  int      `json:"unfound,omitempty"`   // by how much a list ended short, which windows of time did not find
	Domains  []string `json:"domains,omitempty"`   // of its identifiers (identity.go)
	NoDates  bool     `json:"no_dates,omitempty"`  // the repository fails when it is asked by date; a new full pass forgets that
	Breaks   bool     `json:"breaks,omitempty"`    // its list breaks off, and the headers have led around it; a new full pass forgets that
	Failures int      `json:"failures,omitempty"`  // runs in a row that failed at this place
	Search   *search  `json:"search,omitempty"`    // what the list lacks is looked for among its headers
	Windows  *windows `json:"windows,omitempty"`   // what the list lacks is looked for in windows of time
	Newest   string   `json:"newest,omitempty"`    // the latest datestamp that came (since.go)
	NewestIn int      `json:"newest_in,omitempty"` // of Config.Sets, the one that it came in
	Tried    bool     `json:"tried,omitempty"`     // since the last full pass: whether it is listed by its date
	Late     bool     `json:"late,omitempty"`      // the repository reads from too late
	Earliest string   `json:"earliest,omitempty"`  // the repository's earliestDatestamp

	// The list.
	Token    string    `json:"token,omitempty"`
	Seen     int       `json:"seen,omitempty"`    // records of the list
	Pages    int       `json:"pages,omitempty"`   // pages of the list
	Total    int       `json:"total,omitempty"`   // completeListSize; 0 if not said
	Lost     int       `json:"lost,omitempty"`    // records that the cursors of the list count and that did not come
	Counts   bool      `json:"counts,omitempty"`  // its first cursor was 0, as the protocol has it
	Page     string    `json:"page,omitempty"`    // a hash of the identifiers of its last page
	Repeats  int       `json:"repeats,omitempty"` // how often that page came again
	Tokens   []string  `json:"tokens,omitempty"`  // hashes of the last tokens
	Ends     [2]string `json:"ends,omitzero"`     // hashes of its first and its last identifier
	Restarts int       `json:"restarts,omitempty"`
	Restart  string    `json:"restart,omitempty"` // when the last restart was
}

// maxToken bounds a token, because it must fit into a cursor, where one byte may take six.
const maxToken = 8 << 10

// rememberedTokens is how many tokens are remembered, so that a list that runs in a circle is noticed.
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

// full reports whether the pass lists everything.
func (p *place) full() bool { return p.Since == "" || p.NoFrom || p.Stage == allHeaders }

// newList forgets what belonged to the previous list.
func (p *place) newList() {
	p.Token, p.Seen, p.Pages, p.Total, p.Lost, p.Counts, p.Tokens = "", 0, 0, 0, 0, false, nil
	p.Ends, p.Page, p.Repeats = [2]string{}, "", 0
}

// noteEnds notes the first identifier of the list, and the last one so far.
func (p *place) noteEnds(items []harvest.Item) {
	for i := range items {
		if id := items[i].Identifier; id != "" {
			p.Ends[1] = hash(id)
			p.Ends[0] = cmp.Or(p.Ends[0], p.Ends[1])
		}
	}
}

// after returns the place where the next pass begins. After a pass that lacks records that is where this pass began, so
// that the same is asked for again. A full pass without any record is followed by another full pass, because the
// records may come back with the datestamps that they always had.
func (p *place) after() *place {
	next := &place{Format: p.Format, Granularity: p.Granularity, Domain: p.Domain, Wanted: p.Wanted,
		PrefixToo: p.PrefixToo, Since: p.Begun, Counted: p.Counted, Surplus: p.Surplus, Unfound: p.Unfound, Domains: p.Domains,
		NoDates: p.NoDates, NoFrom: p.NoDates, Breaks: p.Breaks, Earliest: p.Earliest,
		Newest: p.Newest, NewestIn: p.NewestIn, Tried: p.Tried && !p.full(), Late: p.Late,
		Vouched: p.Vouched || p.full() && p.Short == "" && !p.Unheard}
	if p.Short != "" || !p.Some && p.full() {
		next.Since = p.Since
	}
	return next
}

// again returns the place of a pass that begins with nothing. The domains stay, because keys depend on them, and so
// does what is known about the repository's counts.
func (p *place) again() place {
	return place{Domain: p.Domain, Domains: p.Domains, Counted: p.Counted, Surplus: p.Surplus, Unfound: p.Unfound, Vouched: p.Vouched}
}

// remember notes a token that was received, and reports whether the list has given it before.
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

// Restart implements [harvest.Restarter]. Nothing that was found out about the repository stays, except its domain,
// because keys depend on it.
func (s *Source) Restart(at harvest.Cursor) harvest.Cursor {
	p, err := parsePlace(at)
	if err != nil || p.Domain == "" {
		return ""
	}
	fresh := p.again()
	return fresh.cursor()
}
