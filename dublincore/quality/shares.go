package quality

// Shares are the figures of a report as shares (0 to 1) of its records, by name. They are what is compared over
// time and between sources.
type Shares struct {
	Records  int64              `json:"records"`
	Elements map[string]float64 `json:"elements"` // records that have the element
	Standard map[string]float64 `json:"standard"` // of the records with a value of the kind, those with one in standard form
	Problems map[string]float64 `json:"problems"` // records that show the problem
	Accepted map[string]float64 `json:"accepted"` // records that meet all that the aggregator requires
	Tiers    map[string]float64 `json:"tiers"`    // records in each of Europeana's tiers
}

// Shares gives the figures of the report as shares.
func (r *Report) Shares() Shares {
	s := Shares{Records: r.Records, Elements: r.Ratios(), Standard: map[string]float64{},
		Problems: map[string]float64{}, Accepted: map[string]float64{}, Tiers: map[string]float64{}}
	for _, k := range r.Standards {
		if k.Records > 0 {
			s.Standard[k.Kind] = share(k.Good, k.Records)
		}
	}
	for _, p := range r.Problems {
		s.Problems[p.Code] = share(p.Records, r.Records)
	}
	for _, a := range r.Aggregators {
		s.Accepted[a.Name] = share(a.Accepted, r.Records)
	}
	for _, t := range r.Tiers {
		if t.Code == "overall" {
			for i, n := range t.Tiers {
				s.Tiers[string("0ABC"[i])] = share(n, r.Records)
			}
		}
	}
	return s
}
