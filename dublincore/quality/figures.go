package quality

import (
	"cmp"
	"slices"
	"strconv"
)

// percent is n of all, for people: "100 %" and "0 %" are said only where they are exact.
func percent(n, of int64) string {
	switch {
	case of == 0:
		return "–"
	case n == 0:
		return "0 %"
	case n == of:
		return "100 %"
	case n*1000 < of:
		return "< 0.1 %"
	case (of-n)*1000 < of:
		return "> 99.9 %"
	}
	return strconv.FormatFloat(100*share(n, of), 'f', 1, 64) + " %"
}

// mean is how many values there are for each record that has one.
func mean(values, records int64) string {
	if records == 0 {
		return "–"
	}
	return strconv.FormatFloat(float64(values)/float64(records), 'f', 1, 64)
}

// grouped is n with a comma after each three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// first is what to look at before all else: the problems and broken requirements that most records show.
// What several aggregators require in the same words is said once.
func (r *Report) first(most int) []Finding {
	var found []Finding
	for _, p := range r.Problems {
		if p.Records > 0 {
			found = append(found, p)
		}
	}
	who := make(map[string]string) // a requirement, and who has it
	for _, a := range r.Aggregators {
		for _, rule := range a.Rules {
			if rule.Level != Required || rule.Records == 0 {
				continue
			}
			if who[rule.Label] != "" {
				who[rule.Label] += ", " + a.Name
				continue
			}
			who[rule.Label] = a.Name
			rule.Code = a.Name + "-" + rule.Code
			found = append(found, rule)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(b.Records, a.Records) })
	found = found[:min(len(found), most)]
	for i := range found {
		if names := who[found[i].Label]; names != "" {
			found[i].Label += ", required by " + names + ", is missing"
		}
	}
	return found
}
