package ops

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A call is something that needs a person.
type call struct {
	Urgent     bool
	What, Text string
	Path, Link string // where it is dealt with
	since      time.Time
}

// maxCalls bounds what the overview lists.
const maxCalls = 100

// everyOverview is after how many seconds the overview is asked for again.
const everyOverview = 10

// overview shows what needs a person, and then how everything stands.
func (s *ops) overview(r *http.Request) (*finding, error) {
	info, err := s.Commands.Info(r.Context())
	if err != nil {
		return nil, err
	}
	sources, err := s.Commands.Brief(r.Context())
	if err != nil {
		return nil, err
	}
	now := time.Now()
	data := struct {
		*control.Info
		Calls, More               []call
		States                    []stateCount
		Running                   []standing
		Sources                   int
		Live, Deleted, Quarantine int64
		FreeBytes                 int64
		Published                 bool
	}{Info: &info, FreeBytes: int64(min(info.Free, math.MaxInt64)), Calls: gatewayCalls(&info), Sources: len(sources)}
	byState := map[string]int{}
	for _, st := range standings(sources, now) {
		byState[st.State]++
		data.Live += st.Status.Live
		data.Deleted += st.Status.Deleted
		data.Quarantine += st.Status.Quarantined
		if st.State == store.StateRunning && len(data.Running) < maxCalls {
			data.Running = append(data.Running, st)
		}
		data.Calls = append(data.Calls, st.calls()...)
	}
	slices.SortStableFunc(data.Calls, func(a, b call) int {
		return cmp.Or(-cmp.Compare(bit(a.Urgent), bit(b.Urgent)), a.since.Compare(b.since))
	})
	if len(data.Calls) > maxCalls {
		data.Calls, data.More = data.Calls[:maxCalls], data.Calls[maxCalls:]
	}
	for _, state := range store.States {
		if n := byState[state]; n > 0 {
			data.States = append(data.States, stateCount{state, n})
		}
	}
	data.Published = info.Events != nil && (info.Events.Place == pipeline.Cursor{} || info.Events.Place == info.Head.Cursor)
	return &finding{template: "overview", here: "/", every: everyOverview, title: "Overview", data: data}, nil
}

// A stateCount is how many sources are in a state.
type stateCount struct {
	State string
	N     int
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// gatewayCalls are what the gateway itself needs a person for.
func gatewayCalls(info *control.Info) (out []call) {
	if info.Trouble != "" {
		out = append(out, call{Urgent: true, What: "The clock can't be trusted, and commits wait", Text: info.Trouble})
	}
	if info.Store != "" {
		out = append(out, call{Urgent: true, What: "The log or its disk", Text: info.Store})
	}
	if info.Certificates != "" {
		out = append(out, call{Urgent: true, What: "A certificate", Text: info.Certificates})
	}
	if r := info.Refused; r != nil {
		out = append(out, call{What: "The configuration in the files is refused, and the gateway goes on with the one before", Text: strings.ReplaceAll(r.Why, "\n", "; "), Path: "/actions", Link: "Reload", since: r.At})
	}
	if info.Namespace == "" {
		out = append(out, call{What: "Nothing is harvested yet", Text: "Set gateway.namespace in the configuration to a domain of yours. It is part of every identifier, for ever."})
	}
	for i := range info.Webhooks {
		if w := &info.Webhooks[i]; w.Trouble() {
			text := "It takes nothing: " + w.Why + "."
			switch {
			case !w.Ended.IsZero():
				text = "It has answered 410, and is sent nothing any more."
			case w.Dead > 0:
				text = wording.Count(int64(w.Dead), "change was", "changes were") + " refused, and not tried any more: " + w.Why + "."
			}
			out = append(out, call{What: "The receiver of the webhook " + w.Name, Text: text + " sheaf webhooks letters " + w.Name + " says more."})
		}
	}
	e := info.Events
	if e == nil {
		return out
	}
	if e.Trouble != "" {
		out = append(out, call{Urgent: true, What: "Events wait in the log", Text: e.Trouble, Path: "/consumers", Link: "Events"})
	}
	if e.Strays > 0 {
		out = append(out, call{What: "Somebody else publishes on the gateway's subjects", Text: fmt.Sprintf("%d messages were passed over.", e.Strays), Path: "/consumers", Link: "Events"})
	}
	for i := range e.Consumers {
		switch c := &e.Consumers[i]; {
		case c.Missed:
			out = append(out, call{Urgent: true, What: "The consumer " + c.Name + " has missed events", Text: "It must start again: from a dump, or from the beginning.", Path: "/consumers", Link: "Events"})
		case c.Behind():
			out = append(out, call{Urgent: true, What: "The consumer " + c.Name + " is about to miss events", Text: "It has acknowledged so little that the stream will drop what it has not read.", Path: "/consumers", Link: "Events"})
		}
	}
	return out
}
