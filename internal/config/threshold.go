package config

import (
	"errors"
	"strconv"
	"strings"
)

// A Threshold is a share of the records of a source, or a number of them, above which a person is asked.
type Threshold struct {
	Percent float64 // 0 to 100
	Count   int64
	Never   bool // nobody is asked, however many
}

// ParseThreshold reads 2%, 0.5%, 100 or never.
func ParseThreshold(s string) (Threshold, error) {
	if s == "never" {
		return Threshold{Never: true}, nil
	}
	if share, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || !(p >= 0 && p <= 100) {
			return Threshold{}, errThreshold
		}
		return Threshold{Percent: p}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return Threshold{}, errThreshold
	}
	return Threshold{Count: n}, nil
}

var errThreshold = errors.New("is neither a share such as 2%, nor a number of records, nor never")

// checkGuards finds guards that can't keep what they say.
func (d *decoder) checkGuards(s *source) {
	f := s.field("absent")
	if f == nil || s.is.Absent == nil || f.value.shape != mapping {
		return
	}
	if f.value.field("delete_after") == nil {
		d.problem(f.value.place, join(s.key, "absent"), "needs delete_after:, the number of complete harvests that a record must be missing from")
	}
}
