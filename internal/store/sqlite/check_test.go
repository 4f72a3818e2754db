package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestCheckFindsDamage: a log that was spoiled while it was closed opens, and the check finds it; a backup of
// before is whole. What is spoiled is not served as if it were text.
func TestCheckFindsDamage(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"invalid text": func(t *testing.T, dir string) {
			alter(t, dir, "UPDATE record SET oai_dc = CAST(replace(CAST(oai_dc AS TEXT), 'short', x'73ff6f7274') AS BLOB) WHERE seq = 7")
		},
		"other text": func(t *testing.T, dir string) {
			alter(t, dir, "UPDATE record SET oai_dc = x'3c64632f3e' WHERE seq = 7")
		},
		"a missing record":  func(t *testing.T, dir string) { alter(t, dir, "DELETE FROM record WHERE seq = 7") },
		"a missing content": func(t *testing.T, dir string) { alter(t, dir, "DELETE FROM content WHERE item = 7") },
		"another digest":    func(t *testing.T, dir string) { alter(t, dir, "UPDATE log_head SET digest = zeroblob(32)") },
		"pages of the file": func(t *testing.T, dir string) {
			path := filepath.Join(dir, "sheaf.db")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.LastIndex(b, []byte("a short description"))
			damage(t, path, at/8192*8192, 64)
		},
		"a byte of the file": func(t *testing.T, dir string) {
			path := filepath.Join(dir, "sheaf.db")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for at, text := 0, []byte("a/350: a short description"); ; at++ { // also where a page that was split left it
				next := bytes.Index(b[at:], text)
				if next < 0 {
					return
				}
				at += next
				damage(t, path, at, 1)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, &handClock{})
			newFeed(t, s, "a").fill(s, 700, 0)
			for _, thorough := range []bool{false, true} {
				if n, err := s.Check(t.Context(), thorough); n != 700 || err != nil {
					t.Fatalf("%d records, %v", n, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			spoil(t, dir)
			s = open(t, dir, &handClock{})
			for _, thorough := range []bool{false, true} {
				if _, err := s.Check(t.Context(), thorough); !errors.Is(err, store.ErrDamaged) {
					t.Errorf("thorough %v: %v", thorough, err)
				}
			}
			if err := s.Health(); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("health says %v", err)
			}
		})
	}
}

// TestInvalidTextIsNotServed: damage that a reader meets is an error of the page, and of the log's health.
func TestInvalidTextIsNotServed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, &handClock{})
	newFeed(t, s, "a").fill(s, 20, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	alter(t, dir, "UPDATE record SET oai_dc = CAST(replace(CAST(oai_dc AS TEXT), 'short', x'73ff6f7274') AS BLOB) WHERE seq = 7")
	s = open(t, dir, &handClock{})
	if _, err := (&endpoint.Repository{Log: s}).List(t.Context(), &oaipmh.Query{Prefix: "oai_dc"}, func(*oaipmh.Record) bool { return true }); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a list says %v", err)
	}
	if err := s.Health(); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("health says %v", err)
	}
}

// TestCheckBesideWriters: records that move while the log is read are no damage.
func TestCheckBesideWriters(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	f := newFeed(t, s, "a")
	f.fill(s, 1200, 0)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			c := change("a", i*37%1300, i)
			if i%5 == 0 {
				c.Deleted, c.DC, c.OAIDC, c.Original = pipeline.SourceDeleted, nil, nil, nil
			}
			if err := f.commit(s, c); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); {
		if _, err := s.Check(t.Context(), false); err != nil {
			t.Error(err)
			break
		}
	}
	close(stop)
	wg.Wait()
}
