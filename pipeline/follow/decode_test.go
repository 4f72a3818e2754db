package follow

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
)

// TestEachLine: lines come in their order, each once, whatever the chunks; what ends them is told apart from what a line
// was refused for.
func TestEachLine(t *testing.T) {
	over := errors.New("over")
	for _, total := range []int{0, 1, chunkLines - 1, chunkLines, 5*chunkLines + 3} {
		for _, refuse := range []int{-1, 0, chunkLines, total - 1} {
			asked, buf := 0, []byte{}
			next := func() ([]byte, error) {
				if asked == total {
					return nil, over
				}
				asked++
				buf = fmt.Appendf(buf[:0], `{"identifier":"%d"}`+"\n", asked-1) // the same memory each time
				return buf, nil
			}
			bad, got := errors.New("refused"), 0
			end, err := new(run).eachLine(next, func(d *decoded) error {
				if d.err != nil || d.change.Identifier != strconv.Itoa(got) {
					t.Fatalf("line %d is %q: %v", got, d.change.Identifier, d.err)
				}
				if got == refuse {
					return bad
				}
				got++
				return nil
			})
			switch {
			case refuse >= 0 && refuse < total:
				if !errors.Is(err, bad) || got != refuse {
					t.Errorf("%d lines, refused at %d: %v after %d", total, refuse, err, got)
				}
			case err != nil || !errors.Is(end, over) || got != total:
				t.Errorf("%d lines: %d, %v, %v", total, got, end, err)
			}
		}
	}
}
