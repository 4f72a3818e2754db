package sqlite

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	osexec "os/exec"
	"strconv"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const childFolder = "SHEAF_STORE_TEST_FOLDER"

// pageNumber is what a source gives as its nth page: new records, and old ones that change.
func pageNumber(n int) []pipeline.Change {
	page := []pipeline.Change{change("a", n, 0), change("a", n/2, n), change("a", 7, n)}
	if n%5 == 4 {
		page = append(page, pipeline.Change{Identifier: change("a", n/3, 0).Identifier, Deleted: pipeline.SourceDeleted, Fingerprint: pipeline.Hash{9}})
	}
	return page
}

// writeUntilKilled is the process that is killed: it goes on from the last page that was committed,
// and says after each one that it is.
func writeUntilKilled(t *testing.T, dir string, pages int) {
	s := open(t, dir, store.SystemClock{})
	f := newFeed(t, s, "a")
	for n := f.page(); n < pages; n++ {
		if err := f.commit(s, pageNumber(n)...); err != nil {
			t.Fatal(err)
		}
		head, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("committed", n+1, head.Seq, head.Datestamp.Unix())
	}
}

func (f *feed) page() int {
	n, _ := strconv.Atoi(string(f.at))
	return n
}

// TestKilled kills a writing process many times, at moments that come as they come. Nothing that was
// acknowledged is ever lost, no page is there in part, and in the end the log is the one that a
// process makes that is left alone.
func TestKilled(t *testing.T) {
	const pages = 200
	if dir := os.Getenv(childFolder); dir != "" {
		writeUntilKilled(t, dir, pages)
		return
	}
	dir := t.TempDir()
	kills := 0
	for done := 0; done < pages; {
		acknowledged, seq, stamp, killed := child(t, dir, 5+17*kills%40)
		if killed {
			kills++
		}
		s := open(t, dir, store.SystemClock{})
		checkInvariants(t, s)
		head, err := s.Head(t.Context())
		if err != nil || head.Seq < seq || head.Datestamp.Unix() < stamp {
			t.Fatalf("head %+v, %v, after %d, %d was acknowledged", head, err, seq, stamp)
		}
		f := newFeed(t, s, "a")
		if f.page() < acknowledged || f.page() < done {
			t.Fatalf("the source is at page %d, after %d was acknowledged", f.page(), acknowledged)
		}
		if want := upTo(t, f.page()); !maps.Equal(versions(t, s), want) {
			t.Fatalf("after %d pages, the log is not what they make", f.page())
		}
		done = f.page()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if kills < 5 {
		t.Errorf("killed %d times", kills)
	}
}

// child runs the writing process until it has acknowledged so many pages, and kills it in what it
// does then.
func child(t *testing.T, dir string, after int) (page int, seq, stamp int64, killed bool) {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		var p int
		var q, d int64
		if got, _ := fmt.Sscanf(lines.Text(), "committed %d %d %d", &p, &q, &d); got != 3 {
			continue
		}
		page, seq, stamp = p, q, d
		if n++; n == after {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil && !killed {
		t.Fatalf("the writing process: %v", err)
	}
	return page, seq, stamp, killed
}

// versions are the records of a log with what they are, without their places.
func versions(t *testing.T, s *Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	for after := int64(0); ; {
		page, _, err := s.Read(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return out
		}
		for _, r := range page {
			out[r.Identifier] = fmt.Sprint(r.Version, r.Deleted, r.Fingerprint[:4], string(r.DC))
			after = r.Seq
		}
	}
}

// upTo is what so many pages make of an empty log.
func upTo(t *testing.T, pages int) map[string]string {
	t.Helper()
	type state struct {
		version int
		change  pipeline.Change
	}
	states := map[string]state{}
	for n := range pages {
		for _, c := range pageNumber(n) {
			old := states[c.Identifier]
			if old.version > 0 && old.change.Fingerprint == c.Fingerprint {
				continue
			}
			if c.Deleted != pipeline.Live {
				c.DC = old.change.DC
			}
			states[c.Identifier] = state{old.version + 1, c}
		}
	}
	out := map[string]string{}
	for id, s := range states {
		out[id] = fmt.Sprint(s.version, s.change.Deleted, s.change.Fingerprint[:4], string(s.change.DC))
	}
	return out
}
