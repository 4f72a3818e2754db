package follow

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Place is how far a copy has come. The zero Place is the beginning. A consumer keeps its text (String, or as
// JSON), in the same transaction as the records.
type Place struct {
	pipeline.Position
	// Pass is the reading of the whole log that the records came with: a number that grows with each. It is 0 of a
	// place that only names a cursor.
	Pass int64
	// Filling says that the pass has not met everything yet.
	Filling bool
	// Asked is what of the log is followed. With other filters everything must be read again.
	Asked string
}

// String is such as 1786000000000.1200@1790000000123, or 1786000000000.1200.4711@1790000000123 before the head, with ~ behind it as long as the pass goes on, and ? and the filters
// if there are any. The zero Place is the empty text.
func (p Place) String() string {
	if p == (Place{}) {
		return ""
	}
	s := p.Position.String()
	if p.Pass != 0 {
		s += "@" + strconv.FormatInt(p.Pass, 10)
	}
	if p.Filling {
		s += "~"
	}
	if p.Asked != "" {
		s += "?" + p.Asked
	}
	return s
}

// ParsePlace reads what [Place.String] wrote, or a place as the gateway prints it.
func ParsePlace(s string) (p Place, err error) {
	if s == "" {
		return Place{}, nil
	}
	rest, asked, _ := strings.Cut(s, "?")
	rest, p.Filling = strings.CutSuffix(rest, "~")
	at, pass, passed := strings.Cut(rest, "@")
	if passed {
		p.Pass, err = strconv.ParseInt(pass, 10, 64)
	}
	p.Asked = asked
	if at != (pipeline.Position{}).String() && err == nil { // a pass that has met nothing yet has no epoch
		p.Position, err = pipeline.ParsePosition(at)
	}
	if err != nil || p.String() != s {
		return Place{}, fmt.Errorf("%.100q is no place of a follower; one looks like 1786000000000.1200@1790000000123", s)
	}
	return p, nil
}

// MarshalText is String.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is ParsePlace.
func (p *Place) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePlace(string(b))
	return err
}
