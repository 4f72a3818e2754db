package observe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type memos map[string]string

func (m memos) Memo(_ context.Context, name string) (string, error) { return m[name], nil }
func (m memos) SetMemo(_ context.Context, name, text string) error {
	if m[name] = text; text == "" {
		delete(m, name)
	}
	return nil
}

func (m memos) Memos(_ context.Context, prefix string) (map[string]string, error) {
	out := map[string]string{}
	for name, text := range m {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			out[rest] = text
		}
	}
	return out, nil
}

// A source fails since the first of its failures in a row, with the kind of the last; across restarts, until a run
// goes well or it leaves the configuration. Words of the source never become labels.
func TestFailing(t *testing.T) {
	kept := memos{}
	open := func(sources ...string) *Failing {
		f, err := NewFailing(t.Context(), sources, kept, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := open("a", "b")
	ended := func(source, result string, err error) {
		f.RunEnded(&pipeline.Run{Source: source}, &pipeline.Report{Result: result, Err: err})
	}
	want := func(labels string) {
		t.Helper()
		if got := errorsShown(t, f); got != labels {
			t.Errorf("%q is shown, want %q", got, labels)
		}
	}
	want("")
	ended("a", pipeline.Failed, &harvest.Error{Kind: harvest.Challenged, Detail: "<html>"})
	want("a:challenged ")
	since := sinceShown(t, f, "a") - 100
	kept["source_failing/a"] = fmt.Sprintf(`{"since":%d,"kind":"challenged"}`, since)
	ended("a", pipeline.Cancelled, nil)
	ended("a", pipeline.Failed, errors.New("a text of the remote"))
	ended("b", pipeline.Incomplete, nil)
	want("b:incomplete a:other ")
	if sinceShown(t, f, "a") != since {
		t.Error("the second failure is taken for the first")
	}
	f = open("a", "b")
	want("b:incomplete a:other ")
	if sinceShown(t, f, "a") != since {
		t.Error("a restart forgets since when the source fails")
	}
	ended("a", pipeline.Complete, nil)
	want("b:incomplete ")
	f = open("a")
	want("")
	if len(kept) > 0 {
		t.Errorf("of sources that are well, or not configured any more, it is noted %v", kept)
	}
}

// Two gateways on one log harvest different sources: neither forgets what the other has noted, and both show all.
func TestFailingElsewhere(t *testing.T) {
	kept := memos{"sources_failing": `{"c":{"since":7,"kind":"other"}}`} // of an earlier program
	open := func() *Failing {
		f, err := NewFailing(t.Context(), []string{"a", "b", "c"}, kept, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one, other := open(), open()
	one.RunEnded(&pipeline.Run{Source: "a"}, &pipeline.Report{Result: pipeline.Failed})
	other.RunEnded(&pipeline.Run{Source: "b"}, &pipeline.Report{Result: pipeline.Incomplete})
	for _, f := range []*Failing{one, other} {
		if got := errorsShown(t, f); got != "b:incomplete a:other c:other " || sinceShown(t, f, "c") != 7 {
			t.Errorf("%q is shown", got)
		}
	}
	other.RunEnded(&pipeline.Run{Source: "a"}, &pipeline.Report{Result: pipeline.Complete}) // it was taken over
	if got := errorsShown(t, one); got != "b:incomplete c:other " {
		t.Errorf("%q is shown after the other gateway has harvested the source", got)
	}
}

// sinceShown is since when a source fails.
func sinceShown(t *testing.T, f *Failing, source string) int64 {
	t.Helper()
	was, err := f.failure(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	return was.Since
}

// errorsShown are the sources that fail with their kinds of error.
func errorsShown(t *testing.T, f *Failing) string {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(f)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "sheaf_source_last_error" {
				b.WriteString(m.GetLabel()[1].GetValue() + ":" + m.GetLabel()[0].GetValue() + " ")
			}
		}
	}
	return b.String()
}
