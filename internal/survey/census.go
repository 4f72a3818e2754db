package survey

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxRulesApart is for how many versions of the rules the records of a source are measured separately: the version in
// force, and the first others that are met. It bounds the memory, and the number of series in the metrics.
const maxRulesApart = 3

// otherRules stands for all other versions, whose records are measured together.
const otherRules = "other"

// A census measures the records of a source, separately for each version of the rules that made them.
type census struct {
	today   time.Time
	present string // the version in force; empty if the source is not configured
	slots   [maxRulesApart + 1]string
	meters  [][maxRulesApart + 1]*quality.Meter // of each worker; nil if there was nothing to measure
}

// newCensus makes a census that measures with as many goroutines as there are workers.
func newCensus(today time.Time, present string, workers int) *census {
	c := &census{today: today, present: present, meters: make([][maxRulesApart + 1]*quality.Meter, workers)}
	c.slots[0], c.slots[maxRulesApart] = present, otherRules
	return c
}

// slot returns the place of a version.
func (c *census) slot(rules string) int {
	rules = cmp.Or(rules, otherRules)
	for i, had := range c.slots {
		if had == "" {
			c.slots[i] = rules
		}
		if c.slots[i] == rules {
			return i
		}
	}
	return maxRulesApart
}

// add measures records. A record that can't be read ends it with an error.
func (c *census) add(records []pipeline.StoredRecord) error {
	slots := make([]int, len(records))
	for i := range records {
		slots[i] = c.slot(records[i].Rules)
	}
	errs := make([]error, len(c.meters))
	var wg sync.WaitGroup
	for w := range c.meters {
		wg.Go(func() {
			for i := w; i < len(records) && errs[w] == nil; i += len(c.meters) {
				m := &c.meters[w][slots[i]]
				if *m == nil {
					*m = quality.NewMeter(c.today, formats.Demands)
				}
				errs[w] = measure(*m, &records[i])
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func measure(m *quality.Meter, k *pipeline.StoredRecord) error {
	var dc dublincore.Record
	if err := dc.UnmarshalJSON(k.DC); err != nil {
		return fmt.Errorf("read %s: %w", k.Identifier, err)
	}
	var err error
	if dc.Notes, err = dublincore.UnmarshalNotes(k.Notes); err != nil {
		return fmt.Errorf("read the notes of %s: %w", k.Identifier, err)
	}
	m.Add(k.Identifier, &dc)
	return nil
}

// reports returns what was found: for all records, and for those of each version. The version in force comes first, then
// the others by their number of records. The census can't go on afterwards.
func (c *census) reports() (*quality.Report, []quality.RulesMade) {
	all, made := quality.NewMeter(c.today, formats.Demands), []quality.RulesMade{}
	for i, version := range c.slots {
		var whole *quality.Meter
		for w := range c.meters {
			switch m := c.meters[w][i]; {
			case m == nil:
			case whole == nil:
				whole = m
			default:
				whole.Merge(m)
			}
		}
		if whole == nil {
			continue
		}
		r := whole.Report()
		made = append(made, quality.RulesMade{Version: version, Present: version == c.present, Records: r.Records, Report: r})
		all.Merge(whole)
	}
	slices.SortStableFunc(made, func(a, b quality.RulesMade) int {
		if a.Present != b.Present {
			return map[bool]int{true: -1, false: 1}[a.Present]
		}
		return cmp.Compare(b.Records, a.Records)
	})
	return all.Report(), made
}
