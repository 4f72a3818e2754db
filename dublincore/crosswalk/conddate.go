package crosswalk

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// dateTest compiles a comparison with a date. A date covers a length of time, so only a date that lies wholly before,
// after or within it passes: "1940s" is before 1950, "1945/1955" is neither before nor after.
func dateTest(op string, arg word) (func(string) bool, error) {
	limit, err := date.Parse(arg.text, date.AnyOrder)
	if err != nil {
		return nil, fmt.Errorf("%q is not understood as a date; after %q comes one such as 1950, 1950-04-30, 1914/1918, or in quotes \"April 1950\"", arg.text, op)
	}
	if limit.OpenStart() || limit.OpenEnd() {
		return nil, fmt.Errorf("%q has an end that is not known; compare with a date that has both", arg.text)
	}
	start, end := limit.Start(), limit.End()
	holds := map[string]func(date.Date) bool{
		"before": func(d date.Date) bool { return d.End().Before(start) },
		"after":  func(d date.Date) bool { return d.Start().After(end) },
		"during": func(d date.Date) bool { return !d.Start().Before(start) && !d.End().After(end) },
	}[op]
	return func(s string) bool {
		d, err := date.Parse(s, date.AnyOrder)
		return err == nil && holds(d)
	}, nil
}
