package sqlite

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestReadLarge: records that are large are read in bounded parts, and none is left out.
func TestReadLarge(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	f := newFeed(t, s, "a")
	const n = 10
	for i := range n {
		c := change("a", i, 0)
		c.DC = fmt.Appendf(nil, `{"title":[{"value":"%s"}]}`, bytes.Repeat([]byte("long "), 1<<20))
		if err := f.commit(s, c); err != nil {
			t.Fatal(err)
		}
	}
	seen, after := 0, int64(0)
	for {
		page, head, err := s.Read(t.Context(), after, 512)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			if after != head.Seq {
				t.Errorf("the end is at %d, not %d", after, head.Seq)
			}
			break
		}
		size := 0
		for _, r := range page {
			size += len(r.DC)
		}
		if size > maxRead+(6<<20) {
			t.Errorf("%d bytes at once", size)
		}
		seen, after = seen+len(page), page[len(page)-1].Seq
	}
	if seen != n {
		t.Errorf("%d records read, want %d", seen, n)
	}
	// A limit of one record gives it, however large it is.
	if page, _, err := s.Read(t.Context(), 0, 1); err != nil || len(page) != 1 || page[0].Deleted != pipeline.Live {
		t.Errorf("%d records, %v", len(page), err)
	}
}
