package events

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

func TestForeignStreams(t *testing.T) {
	s := startServer(t, t.TempDir())
	ours := connect(t, s.URL(), nil)
	last := publish(t, ours, tail(t, ours), changes(1, 3))

	theirs := connect(t, s.URL(), func(o *Options) { o.Namespace = "test.example.org" })
	if _, err := theirs.Tail(t.Context()); !errors.Is(err, pipeline.ErrForeign) {
		t.Errorf("Tail of another gateway: %v", err)
	}
	if _, err := theirs.Publish(t.Context(), last, changes(4, 5)); !errors.Is(err, pipeline.ErrForeign) {
		t.Errorf("Publish of another gateway: %v", err)
	}
	if got := tail(t, ours); got != last {
		t.Errorf("the stream ends with %v, want %v", got, last)
	}
	apart := connect(t, s.URL(), func(o *Options) { o.Namespace, o.Prefix = "test.example.org", "TEST" })
	publish(t, apart, tail(t, apart), changes(1, 3))
	if got := messages(t, s, "TEST_RECORDS"); len(got) != 3 || got[0].Subject[:len("test.v1.records.")] != "test.v1.records." {
		t.Errorf("under a prefix of its own it has %d messages, the first on %s", len(got), got[0].Subject)
	}

	_, err := jet(t, s).CreateStream(t.Context(), jetstream.StreamConfig{Name: "HAND_RECORDS", Subjects: []string{"hand.v1.records.>"}})
	if err != nil {
		t.Fatal(err)
	}
	hand := connect(t, s.URL(), func(o *Options) { o.Prefix = "HAND" })
	if _, err := hand.Tail(t.Context()); !errors.Is(err, pipeline.ErrForeign) {
		t.Errorf("Tail of a stream that nobody marked: %v", err)
	}
}

// A gateway without a namespace publishes nothing; when it is given one, the stream is its own.
func TestEmptyStreamWithoutNamespaceIsTakenOver(t *testing.T) {
	s := startServer(t, t.TempDir())
	nameless := connect(t, s.URL(), func(o *Options) { o.Namespace = "" })
	tail(t, nameless)
	named := connect(t, s.URL(), nil)
	publish(t, named, tail(t, named), changes(1, 3))
	if _, err := nameless.Tail(t.Context()); !errors.Is(err, pipeline.ErrForeign) {
		t.Errorf("and then the nameless one reads it: %v", err)
	}
}

func TestStreamConfiguration(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	es := changes(1, 3)
	for i := range es {
		es[i].Epoch = 6
	}
	last := publish(t, c, tail(t, c), es)

	js := jet(t, s)
	st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	byHand := st.CachedInfo().Config
	byHand.Metadata["owner"] = "the library"
	byHand.Compression = jetstream.NoCompression
	byHand.MaxConsumers = -1
	if _, err := js.UpdateStream(t.Context(), byHand); err != nil {
		t.Fatal(err)
	}

	c = connect(t, s.URL(), func(o *Options) { o.MaxAge, o.MaxBytes = 48*time.Hour, 64<<20 })
	if got := tail(t, c); got != last {
		t.Errorf("after a change of configuration the stream ends with %v, want %v", got, last)
	}
	info, err := st.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := info.Config
	want := byHand
	want.MaxAge, want.MaxBytes = 48*time.Hour, 64<<20
	for _, m := range []map[string]string{got.Metadata, want.Metadata} {
		for k := range m {
			if k[:1] == "_" { // the server's own
				delete(m, k)
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the configuration (-want +got):\n%s", d)
	}
	if got.Metadata[metaEpoch] != "6" || got.Metadata[metaNamespace] != namespace {
		t.Errorf("the metadata are %v", got.Metadata)
	}
	if got.Storage != jetstream.FileStorage || got.Retention != jetstream.LimitsPolicy || got.Discard != jetstream.DiscardOld || got.AllowDirect {
		t.Errorf("the stream is %+v", got)
	}

	tooMuch := connect(t, s.URL(), func(o *Options) { o.Prefix, o.MaxBytes = "LARGE", 1<<40 })
	if _, err := tooMuch.Tail(t.Context()); err == nil {
		t.Error("a stream larger than the broker has room for was made")
	}
}

// The bound of a stream is worked out when it is made, and only then: a gateway that starts on a fuller
// disk neither throws stored events away nor refuses new ones.
func TestBoundStaysWhateverTheDisk(t *testing.T) {
	dir := smallDisk(t, "size=96m")
	start := func(bytes int64) (*Server, *Client) {
		s := embedded(t, dir, nil)
		return s, connect(t, "", func(o *Options) { o.URLs, o.Server, o.MaxBytes = nil, s, bytes })
	}
	bounds := func(s *Server) (b [2]int64) {
		for i, name := range []string{"SHEAF_RECORDS", "SHEAF_OPS"} {
			st, err := jet(t, s).Stream(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			b[i] = st.CachedInfo().Config.MaxBytes
		}
		return b
	}
	s, c := start(0)
	publish(t, c, tail(t, c), large(1, 800)) // 26 MB
	notify(t, c)
	first := bounds(s)
	if first[0] < 40<<20 || first[0] > 48<<20 || first[1] < leastBytes || first[1] > first[0]/opsShare {
		t.Errorf("on a disk of 96 MB the streams may take %v", first)
	}
	shut(t, s)
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 55<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s, c = start(0)
	publish(t, c, tail(t, c), large(801, 900))
	notify(t, c)
	if got := bounds(s); got != first {
		t.Errorf("on a disk that is nearly full the streams may take %v, and before %v", got, first)
	}
	if n := len(stored(t, s)); n != 900 {
		t.Errorf("the stream has %d messages of 900", n)
	}
	shut(t, s)
	s, c = start(32 << 20)
	tail(t, c)
	notify(t, c)
	if got := bounds(s); got != [2]int64{32 << 20, 2 << 20} {
		t.Errorf("the configuration says 32 MB, and the streams may take %v", got)
	}
}
