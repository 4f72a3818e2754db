package crosswalk

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// dateTest compiles a comparison with a date. A date is a stretch of time, so only what lies wholly
// before, after or within it passes: "1940s" is before 1950, "1945/1955" is neither before nor after.
func dateTest(op string, arg word) (func(string) bool, error) {
	limit, ok := dublincore.ParseDate(arg.text, dublincore.AnyOrder)
	if !ok {
		return nil, fmt.Errorf("%q is not understood as a date; after %q comes one such as 1950, 1950-04-30, 1914/1918, or in quotes \"April 1950\"", arg.text, op)
	}
	if limit.OpenStart() || limit.OpenEnd() {
		return nil, fmt.Errorf("%q has an end that is not known; compare with a date that has both", arg.text)
	}
	start, end := limit.Start(), limit.End()
	holds := map[string]func(dublincore.Interval) bool{
		"before": func(d dublincore.Interval) bool { return d.End().Before(start) },
		"after":  func(d dublincore.Interval) bool { return d.Start().After(end) },
		"during": func(d dublincore.Interval) bool { return !d.Start().Before(start) && !d.End().After(end) },
	}[op]
	return func(s string) bool {
		d, ok := dublincore.ParseDate(s, dublincore.AnyOrder)
		return ok && holds(d)
	}, nil
}
