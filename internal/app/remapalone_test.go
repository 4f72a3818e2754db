package app_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/control"
)

// Of the gateways on a log one at a time remaps a source. Another one says which, and goes on from where that was when it has
// stopped.
func TestRemapAtTwoGateways(t *testing.T) {
	src := newProvider(t, 50)
	const items = 60
	for n := range items {
		src.put(n, fmt.Sprintf("Title %d", n))
	}
	_, store := onPostgres(t)
	connect := func() (*control.Client, string) {
		t.Helper()
		dir := t.TempDir()
		write(t, dir, "ours.map", plainRules)
		text := "gateway: {name: Two, namespace: test.example.org, contact: test@example.org}\nevents: {kind: none}\n" + store +
			fmt.Sprintf("sources: {src: {kind: oai, from: '%s', mapping: ours.map}}\n", src.url)
		return commanded(t, dir, text), dir
	}
	one, first := connect()
	other, second := connect()
	if line, err := harvest(t.Context(), one, "src", true); err != nil || line.Counts.Added != items {
		t.Fatalf("%+v, %v", line, err)
	}
	write(t, first, "ours.map", loudRules)
	write(t, second, "ours.map", loudRules)

	stop := errors.New("enough")
	under, ended := make(chan struct{}), make(chan error)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		told := false
		ended <- one.Remap(ctx, control.RemapOrder{Source: "src", Apply: true, Rate: 0.01}, func(l *control.RemapLine) error {
			if l.Changed > 0 && !told {
				told = true
				close(under)
			}
			return nil
		})
	}()
	select {
	case <-under:
	case err := <-ended:
		t.Fatalf("the first remap has ended: %v", err)
	}
	// Where the first one is, the other hears with its next beat.
	waitFor(t, "the other gateway to say which one remaps the source", func() bool {
		err := other.Remap(t.Context(), control.RemapOrder{Source: "src", Apply: true}, func(*control.RemapLine) error { return nil })
		if err == nil {
			t.Fatal("two gateways remap a source at once")
		}
		return strings.Contains(err.Error(), first)
	})
	cancel(stop)
	<-ended
	var last control.RemapLine
	waitFor(t, "the first gateway to give the remap up", func() bool {
		return other.Remap(t.Context(), control.RemapOrder{Source: "src", Apply: true}, func(l *control.RemapLine) error { last = *l; return nil }) == nil
	})
	if r := last.Report; last.Error != "" || r == nil || !r.Resumed || r.Changed >= items || r.Changed == 0 {
		t.Fatalf("the remap goes on as %+v, %+v", last, r)
	}
	for id, rec := range records(t, other) {
		if rec.Version != 2 {
			t.Errorf("%s has version %d", id, rec.Version)
		}
	}
}
