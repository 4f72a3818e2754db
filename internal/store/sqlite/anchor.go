package sqlite

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// An anchor is a moment at which the wall clock was believed. It is kept in the data folder, so that a
// gateway that was stopped for days, on a machine that went on running without a time service, need not
// ask whether the clock is right.
type anchor struct {
	Boot    string
	Elapsed time.Duration // since then
	Wall    time.Time
}

const anchorName = "clock.json"

// keepAnchor writes the anchor down. One that can't be written, or is damaged later, is no harm: then a
// person is asked.
func keepAnchor(dir string, a anchor) {
	b, err := json.Marshal(a)
	if err == nil && a.Boot != "" {
		_ = os.WriteFile(filepath.Join(dir, anchorName), b, privateFile)
	}
}

func readAnchor(dir string) (a anchor) {
	if b, err := os.ReadFile(filepath.Join(dir, anchorName)); err != nil || json.Unmarshal(b, &a) != nil {
		return anchor{}
	}
	return a
}

// agrees says whether the clocks have gone on together since the anchor, in the same run of the machine.
func (a anchor) agrees(boot string, now func() (time.Time, time.Duration)) bool {
	wall, elapsed := now()
	return a.Boot != "" && a.Boot == boot && wall.Sub(a.Wall)-(elapsed-a.Elapsed) <= maxStep
}
