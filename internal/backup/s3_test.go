package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/sheaf-gateway/sheaf/internal/backup/s3test"
)

// storage is one with a bucket for copies.
type storage struct{ *s3test.Storage }

func serveS3(t *testing.T) storage { return storage{s3test.Serve(t)} }

// options are those of a bucket on the other end of the way.
func (s storage) options() BucketOptions {
	return BucketOptions{Host: s.Address, Name: s3test.Bucket, Prefix: "sheaf/", AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey, Roots: s.Roots}
}

// bucket keeps copies that hold the same bytes each, in several parts.
func (s storage) bucket(t *testing.T, content []byte) *Bucket {
	t.Helper()
	b, err := OpenBucket(s.options())
	if err != nil {
		t.Fatal(err)
	}
	b.Stage = filepath.Join(t.TempDir(), "stage.db")
	b.part = 5 << 20 // the least that S3 takes
	b.Copy = func(_ context.Context, file string) error { return os.WriteFile(file, content, 0o600) }
	b.Room = func(string) error { return nil }
	return b
}

// names are those of all objects in the bucket, without the way.
func (s storage) names(t *testing.T) string {
	t.Helper()
	var out []string
	for o := range s.Client.ListObjectsIter(t.Context(), s3test.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		out = append(out, o.Key)
	}
	return strings.Join(out, " ")
}

// broken counts the uploads that were begun and not ended.
func (s storage) broken(t *testing.T) (n int) {
	t.Helper()
	for u := range s.Client.ListIncompleteUploads(t.Context(), s3test.Bucket, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		n++
	}
	return n
}

// copies are the names of the copies, as a gateway sees them.
func copies(t *testing.T, p Place) string {
	t.Helper()
	all, err := p.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range all {
		out = append(out, c.Name)
	}
	return strings.Join(out, " ")
}

// noise is something that compresses badly, and ends within a part.
func noise(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(out)
	return out
}

const first, second, third = "sheaf-20261127T031500Z.db", "sheaf-20261128T031500Z.db", "sheaf-20261129T031500Z.db"

func TestBucket(t *testing.T) {
	s, content := serveS3(t), noise(12<<20+7)
	b := s.bucket(t, content)
	for _, key := range []string{"sheaf/sheaf-monday.db", "sheaf-20200101T000000Z.db", "sheaf/readme"} {
		if _, err := s.Client.PutObject(t.Context(), s3test.Bucket, key, strings.NewReader("mine"), 4, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	var parts atomic.Int32
	count := func(r *http.Request) {
		if r.URL.Query().Get("partNumber") != "" {
			parts.Add(1)
		}
	}
	s.Request.Store(&count)
	day := time.Date(2026, 11, 27, 3, 15, 0, 0, time.UTC)
	k := &Keeper{Place: b, Every: 24 * time.Hour, Keep: 2, Done: func(context.Context) {}, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return day }}
	for range 3 {
		if wait, err := k.runOnce(t.Context()); err != nil || wait != 24*time.Hour {
			t.Fatal(wait, err)
		}
		day = day.Add(24 * time.Hour)
	}
	if got := copies(t, b); got != second+" "+third || parts.Load() != 9 {
		t.Errorf("there are %s, sent in %d parts", got, parts.Load())
	}
	if got, want := s.names(t), "sheaf-20200101T000000Z.db sheaf/readme sheaf/"+second+" sheaf/"+second+".sha256 sheaf/"+third+" sheaf/"+third+".sha256 sheaf/sheaf-monday.db"; got != want {
		t.Errorf("the bucket has %s, want %s", got, want)
	}
	if sum, err := os.ReadFile(filepath.Join(s.Folder, "sheaf", third+".sha256")); err != nil || string(sum) != fmt.Sprintf("%x  %s\n", sha256.Sum256(content), third) {
		t.Errorf("the sum is %s, %v", sum, err)
	}
	if b.Where(third) != "s3://copies/sheaf/"+third {
		t.Error(b.Where(third))
	}
	in, err := b.Open(t.Context(), third)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(in)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("it reads %d bytes, %v", len(got), err)
	}
	if _, err := os.Stat(b.Stage); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was sent is still there: %v", err)
	}

	// What lies there may go bad.
	if err := os.WriteFile(filepath.Join(s.Folder, "sheaf", third), append(noise(12<<20), "damage."...), 0o600); err != nil {
		t.Fatal(err)
	}
	if in, err = b.Open(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(io.Discard, in); err == nil || !strings.Contains(err.Error(), "other bytes than were sent") {
		t.Errorf("a damaged copy reads %v", err)
	}
}

// Whatever ends a copy in the middle, it is no copy, the others stay, and the next one clears it away.
func TestBucketBrokenOff(t *testing.T) {
	s := serveS3(t)
	for name, at := range map[string]func(*http.Request) bool{
		"before the first part": func(r *http.Request) bool { return r.URL.Query().Has("uploads") && r.Method == http.MethodPost },
		"in the second part":    func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" },
		"at the end":            func(r *http.Request) bool { return r.URL.Query().Has("uploadId") && r.Method == http.MethodPost },
		"reading back": func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, second)
		},
		"before the sum": func(r *http.Request) bool {
			return r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, ".sha256")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.bucket(t, noise(12<<20))
			if err := b.Write(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			ctx, kill := context.WithCancel(t.Context())
			killing := func(r *http.Request) {
				if at(r) {
					kill()
					panic(http.ErrAbortHandler) // else what the killed one had sent may arrive all the same
				}
			}
			s.Request.Store(&killing)
			if err := b.Write(ctx, second); err == nil {
				t.Fatal("it was not broken off")
			}
			s.Request.Store(nil)
			if got := copies(t, b); got != first {
				t.Errorf("there are %s", got)
			}
			if err := b.Write(t.Context(), third); err != nil {
				t.Fatal(err)
			}
			want := "sheaf/" + first + " sheaf/" + first + ".sha256 sheaf/" + third + " sheaf/" + third + ".sha256"
			if got, left := s.names(t), s.broken(t); got != want || left != 0 {
				t.Errorf("the bucket has %s, and %d uploads without an end", got, left)
			}
			for _, name := range []string{first, third} {
				if err := b.Remove(t.Context(), name); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A storage that gives back something else has no copy.
func TestBucketReadBack(t *testing.T) {
	s := serveS3(t)
	b := s.bucket(t, []byte("a log"))
	lie := func(r *http.Response) {
		if r.Request.Method == http.MethodGet && strings.HasSuffix(r.Request.URL.Path, first) {
			r.Body = io.NopCloser(strings.NewReader("b log"))
		}
	}
	s.Response.Store(&lie)
	if err := b.Write(t.Context(), first); err == nil || !strings.Contains(err.Error(), "other bytes than were sent") {
		t.Errorf("a lie: %v", err)
	}
	s.Response.Store(nil)
	if got := copies(t, b); got != "" {
		t.Errorf("there are %s", got)
	}
}

func TestBucketMisconfigured(t *testing.T) {
	s := serveS3(t)
	for _, test := range []struct {
		name  string
		wrong func(*BucketOptions)
		says  string
	}{
		{"no such bucket", func(o *BucketOptions) { o.Name = "nothing" }, "make the bucket nothing"},
		{"another key", func(o *BucketOptions) { o.SecretKey = "guessed" }, "look at the keys of backup.s3"},
		{"an authority that is not known", func(o *BucketOptions) { o.Roots = nil }, "certificate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := s.options()
			test.wrong(&o)
			b, err := OpenBucket(o)
			if err != nil {
				t.Fatal(err)
			}
			b.Stage = filepath.Join(t.TempDir(), "stage.db")
			if _, err := b.List(t.Context()); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v; want %s", err, test.says)
			}
			if err := b.Write(t.Context(), first); err == nil || strings.Contains(err.Error(), s3test.SecretKey) {
				t.Errorf("writing: %v", err)
			}
		})
	}
}
