package quality

import "slices"

// A Part is the report on some of the records: those that one version of the rules has made.
type Part struct {
	Name   string
	Report *Report
}

// A comparison is a table of figures with a column for each part.
type comparison struct {
	Names  []string // of the parts
	Groups []comparedGroup
}

type comparedGroup struct {
	Title string
	Rows  []comparedRow
}

type comparedRow struct {
	Label string
	Cells []string
}

// compare sets the figures of parts side by side: those of which there is something in one of them at
// least.
func compare(parts []Part) comparison {
	var c comparison
	for _, p := range parts {
		c.Names = append(c.Names, p.Name)
	}
	// Reports have the same rows in the same order.
	row := func(label string, figure func(r *Report) (n, of int64)) comparedRow {
		r := comparedRow{Label: label}
		for _, p := range parts {
			r.Cells = append(r.Cells, percent(figure(p.Report)))
		}
		return r
	}
	group := func(title string, rows []comparedRow) {
		if len(rows) > 0 {
			c.Groups = append(c.Groups, comparedGroup{title, rows})
		}
	}
	any := func(count func(r *Report) int64) bool {
		return slices.ContainsFunc(parts, func(p Part) bool { return count(p.Report) > 0 })
	}
	if len(parts) == 0 {
		return c
	}
	model := parts[0].Report
	var rows []comparedRow
	for i, e := range model.Elements {
		if any(func(r *Report) int64 { return r.Elements[i].Records }) {
			rows = append(rows, row(e.Term.String(), func(r *Report) (n, of int64) { return r.Elements[i].Records, r.Records }))
		}
	}
	group("Records with the element", rows)
	rows = nil
	for i, s := range model.Standards {
		if any(func(r *Report) int64 { return r.Standards[i].Records }) {
			rows = append(rows, row(s.Kind, func(r *Report) (n, of int64) { return r.Standards[i].Good, r.Standards[i].Records }))
		}
	}
	group("Of those with a value, in standard form", rows)
	rows = nil
	for i, p := range model.Problems {
		if any(func(r *Report) int64 { return r.Problems[i].Records }) {
			rows = append(rows, row(p.Label+" ("+p.Code+")", func(r *Report) (n, of int64) { return r.Problems[i].Records, r.Records }))
		}
	}
	group("Records with a problem", rows)
	rows = nil
	for i, a := range model.Aggregators {
		rows = append(rows, row(a.Name, func(r *Report) (n, of int64) { return r.Aggregators[i].Accepted, r.Records }))
	}
	group("Records that meet all that is required by", rows)
	return c
}
