package observe

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type memos map[string]string

func (m memos) Memo(_ context.Context, name string) (string, error) { return m[name], nil }
func (m memos) SetMemo(_ context.Context, name, text string) error  { m[name] = text; return nil }

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
	since := f.sources["a"].Since - 100
	f.sources["a"] = failure{since, "challenged"}
	ended("a", pipeline.Cancelled, nil)
	ended("a", pipeline.Failed, errors.New("a text of the remote"))
	ended("b", pipeline.Incomplete, nil)
	want("b:incomplete a:other ")
	if f.sources["a"].Since != since {
		t.Error("the second failure is taken for the first")
	}
	f = open("a", "b")
	want("b:incomplete a:other ")
	if f.sources["a"].Since != since {
		t.Error("a restart forgets since when the source fails")
	}
	ended("a", pipeline.Complete, nil)
	want("b:incomplete ")
	f = open("a")
	want("")
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
