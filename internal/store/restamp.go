package store

// Restamp plans the move of a record that carries a stamp of an earlier epoch: it gets a new place and the
// head's datestamp, and stays what it is. The clock is not asked: the head of a new epoch is above
// everything that was handed out, and a clock that can't be trusted must not keep a restored log shut.
func (p *Plan) Restamp(old *State) *Move {
	return p.finish(p.start(old, *old))
}

// RestampDeparture gives a departure of an earlier epoch its new place; its datestamp is the head's.
func (p *Plan) RestampDeparture() (seq int64) { return p.next() }
