package store

import "time"

// An Anchor is a moment at which the wall clock was believed. It is kept from one run of the gateway to the
// next, so that one that was stopped for days, on a machine that went on running without a time service,
// need not ask whether the clock is right.
type Anchor struct {
	Boot    string
	Elapsed time.Duration // since then
	Wall    time.Time
}

// Anchors keep the newest anchor. One that can't be kept, or is damaged later, is no harm: then a person is
// asked.
type Anchors interface {
	KeepAnchor(a Anchor)
	ReadAnchor() Anchor // the zero anchor if there is none
}

// agrees says whether the clocks have gone on together since the anchor, in the same run of the machine.
func (a Anchor) agrees(boot string, now func() (time.Time, time.Duration)) bool {
	wall, elapsed := now()
	return a.Boot != "" && a.Boot == boot && wall.Sub(a.Wall)-(elapsed-a.Elapsed) <= maxStep
}
