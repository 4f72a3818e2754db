package store

import (
	"slices"
)

// moveInLists finds out what a move does to the lists that the record is in, was in, or comes into.
func (p *Plan) moveInLists(m *Move) {
	now := p.lists.memberOf(m.New.Sets, m.New.Native)
	switch {
	case m.Old.Item == 0:
		m.Enter = now
		for _, k := range now {
			p.delta(k).Members++
		}
	case m.New.Sets == m.Old.Sets && m.New.Native == m.Old.Native:
		m.Stay = now
	default:
		p.compare(m, p.lists.memberOf(m.Old.Sets, m.Old.Native), now)
	}
	p.moveInMade(m)
}

// compare tells the lists that a record is in before and after.
func (p *Plan) compare(m *Move, before, now []int64) {
	for _, k := range before {
		if slices.Contains(now, k) {
			m.Stay = append(m.Stay, k)
			continue
		}
		m.Leave = append(m.Leave, k)
		p.depart(m, k)
	}
	for _, k := range now {
		if !slices.Contains(before, k) {
			m.Enter = append(m.Enter, k)
			p.enter(m, k)
		}
	}
}

// moveInMade does so for the formats that are made of the record, which have no memberships.
func (p *Plan) moveInMade(m *Move) {
	if m.Old.Formats == m.New.Formats {
		return
	}
	m.Old.Formats.Each(func(prefix string) {
		if !m.New.Formats.Has(prefix) {
			p.depart(m, p.lists.key(MadeList, prefix, ""))
		}
	})
	m.New.Formats.Each(func(prefix string) {
		if !m.Old.Formats.Has(prefix) {
			p.enter(m, p.lists.key(MadeList, prefix, ""))
		}
	})
}

func (p *Plan) enter(m *Move, list int64) {
	p.delta(list).Members++
	if m.Old.Item != 0 {
		m.Return = append(m.Return, list)
	}
}

func (p *Plan) depart(m *Move, list int64) {
	d := p.delta(list)
	d.Members--
	d.Departures++
	m.Depart = append(m.Depart, list)
}
