package webhook

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// shared are the tables of a log in PostgreSQL.
func shared(t *testing.T) store.Tables {
	t.Helper()
	log, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: pgtest.NewDatabase(t).DSN(), Namespace: "gw.example", Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log.Tables()
}

// TestTakenOver: of two gateways that share the tables the second goes on where the first was, with its letters; the first one, if
// it still runs, writes nothing down any more; and commands may be given at either.
func TestTakenOver(t *testing.T) {
	w, v, tables := newWorld(t), newReceiver(t, t.Cleanup), shared(t)
	w.commit("a", live("a", 1, "one"), live("a", 2, "two"))
	sub := v.sub("hook")
	sub.Retries = 0
	first, second := openAt(t, file(t), tables, w.log, sub), openAt(t, file(t), tables, w.log, sub)
	first.rest(t, time.Minute)
	v.does(status(500))
	w.commit("a", live("a", 3, "three"))
	first.rest(t, time.Minute)
	if s := stands(t, second); s.Dead != 1 || s.Behind != 0 || s.Failing.IsZero() || !slices.Equal(letters(t, second), letters(t, first)) {
		t.Errorf("at the other gateway it stands so: %+v", s)
	}

	v.does(nil)
	w.commit("a", live("a", 4, "four"))
	before := len(v.ids())
	second.rest(t, time.Minute)
	if got := v.ids()[before:]; !slices.Equal(got, []string{id("a", 4) + " upserted"}) {
		t.Errorf("the second sends %v", got)
	}
	w.commit("a", live("a", 5, "five"))
	if _, err := first.all[0].round(t.Context()); !errors.Is(err, errTaken) {
		t.Errorf("the first goes on: %v", err)
	}
	if n, err := first.Replay(t.Context(), "hook", nil); n != 1 || err != nil {
		t.Errorf("%d letters are tried again: %v", n, err)
	}
	second.rest(t, time.Minute)
	got := v.ids()[before+1:]
	slices.Sort(got)
	if want := []string{id("a", 3) + " upserted", id("a", 5) + " upserted"}; !slices.Equal(got, want) {
		t.Errorf("then it sends %v", got)
	}
	if s := stands(t, first); s.Waiting+s.Dead+int(s.Behind) != 0 || !s.Failing.IsZero() {
		t.Errorf("at last it stands so: %+v", s)
	}
}

// TestCommandElsewhere: a gateway that sleeps for want of changes sees what was told another one to try again.
func TestCommandElsewhere(t *testing.T) {
	w, v, tables := newWorld(t), newReceiver(t, t.Cleanup), shared(t)
	sub := v.sub("hook")
	sub.Retries = 0
	at, other := openAt(t, file(t), tables, w.log, sub), openAt(t, file(t), tables, w.log, sub)
	at.rest(t, time.Minute)
	v.does(status(500))
	w.commit("a", live("a", 1, "one"))
	at.rest(t, time.Minute)
	v.does(nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- at.Run(ctx) }()
	if n, err := other.Replay(ctx, "hook", nil); n != 1 || err != nil {
		t.Errorf("%d letters are tried again: %v", n, err)
	}
	for until := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if s := stands(t, other); s.Waiting+s.Dead == 0 {
			break
		}
		if time.Now().After(until) {
			t.Error("it was not tried again")
			break
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestBroughtAlong: what a gateway kept in a file goes on in the tables; of a second gateway's file, the letters that the first
// one's has not.
func TestBroughtAlong(t *testing.T) {
	w, v, tables := newWorld(t), newReceiver(t, t.Cleanup), shared(t)
	sub := v.sub("hook")
	sub.Retries = 0
	w.commit("a", live("a", 1, "one"))
	alone := func(answer func(http.ResponseWriter, *http.Request, *got) bool) string {
		at := file(t)
		h := open(t, at, w.log, sub)
		defer func() { w.ok(h.Close()) }()
		v.does(answer)
		h.rest(t, time.Minute)
		return at
	}
	older := alone(func(rw http.ResponseWriter, _ *http.Request, g *got) bool {
		if g.Data.Identifier != "" {
			rw.WriteHeader(500)
		}
		return g.Data.Identifier != ""
	})
	w.commit("a", live("a", 2, "two"))
	newer := alone(nil)
	w.commit("a", live("a", 3, "three"))
	before := len(v.ids())
	var h *Hooks
	for i, at := range []string{newer, older} {
		h = openAt(t, at, tables, w.log, sub)
		if s := stands(t, h); s.Dead != i || s.Place.Seq != 2 || s.Delivered.IsZero() {
			t.Errorf("with %d files brought along it stands so: %+v", i+1, s)
		}
		if _, err := os.Stat(at + ".moved"); err != nil {
			t.Error(err)
		}
	}
	if _, err := h.Replay(t.Context(), "hook", nil); err != nil {
		t.Error(err)
	}
	h.rest(t, time.Minute)
	got := v.ids()[before:]
	slices.Sort(got)
	if want := []string{id("a", 1) + " upserted", id("a", 3) + " upserted"}; !slices.Equal(got, want) {
		t.Errorf("it goes on with %v", got)
	}
}

// TestFileOfBefore: a file that a program of before has made goes on, and that program with it.
func TestFileOfBefore(t *testing.T) {
	at := file(t)
	f, err := openFile(at)
	if err != nil {
		t.Fatal(err)
	}
	const before = "INSERT OR REPLACE INTO hook (name, epoch, seq, pass, ended, failing, why, delivered) VALUES ('hook', 1, 7, 0, 0, 0, '', 0)"
	do := func(query string) {
		t.Helper()
		if err := f.Write(t.Context(), func(q store.Queries) error { _, err := q.Exec(query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	do("ALTER TABLE hook DROP COLUMN turn")
	do(before)
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	if f, err = openFile(at); err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if turn, err := (state{f}).begin(t.Context(), "hook"); turn != 1 || err != nil {
		t.Errorf("turn %d: %v", turn, err)
	}
	do(before)
	if st, known, err := (state{f}).standing(t.Context(), "hook"); !known || st.place.Seq != 7 || err != nil {
		t.Errorf("%+v, %v: %v", st, known, err)
	}
}
