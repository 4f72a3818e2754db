package ops

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// quarantinePage is how many items a page lists.
const quarantinePage = 50

// quarantine lists the items that could not be used.
func (s *ops) quarantine(r *http.Request) (*finding, error) {
	source := r.FormValue("source")
	after, err := numeral(r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	items, err := s.Commands.Quarantine(r.Context(), source, after, quarantinePage)
	if err != nil {
		return nil, err
	}
	next := int64(0)
	if len(items) == quarantinePage {
		next = items[len(items)-1].ID
	}
	waiting := slices.DeleteFunc(slices.Clone(items), func(q store.Quarantined) bool { return !q.Dismissed.IsZero() })
	sources, err := s.Commands.Brief(r.Context())
	if err != nil {
		return nil, err
	}
	var names []amount
	for i := range sources {
		if n := sources[i].Status.Quarantined + sources[i].Status.Dismissed; n > 0 {
			names = append(names, amount{sources[i].Name, n})
		}
	}
	return &finding{template: "quarantine", here: "/quarantine", title: "Quarantine", data: struct {
		Source      string
		Items       []store.Quarantined
		Waiting     int
		After, Next int64
		Sources     []amount
	}{source, items, len(waiting), after, next, names}}, nil
}

// numeral reads a number of a request that may be missing.
func numeral(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errNoPage
	}
	return n, nil
}

// item finds the item in quarantine that a request names.
func (s *ops) item(r *http.Request) (*store.Quarantined, error) {
	n, err := numeral(r.PathValue("item"))
	if err != nil || n == 0 {
		return nil, errNoPage
	}
	found, err := s.Commands.Quarantine(r.Context(), "", n-1, 1)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].ID != n {
		return nil, &web.Problem{Status: http.StatusNotFound, Title: "The item has left quarantine",
			Text: "A later harvest could use it, or it was removed."}
	}
	return &found[0], nil
}

// quarantined shows one item, with what its source sent.
func (s *ops) quarantined(r *http.Request) (*finding, error) {
	q, err := s.item(r)
	if err != nil {
		return nil, err
	}
	text, cut := shownBytes(q.Original)
	return &finding{template: "quarantined", here: "/quarantine", title: "Item " + strconv.FormatInt(q.ID, 10) + " in quarantine", data: struct {
		*store.Quarantined
		Text   string
		Cut    bool
		Length int64
	}{q, text, cut, int64(len(q.Original))}}, nil
}

// bytes gives what the source sent of an item, as a file that no browser shows.
func (s *ops) bytes(w http.ResponseWriter, r *http.Request) {
	q, err := s.item(r)
	if err != nil {
		http.Error(w, "There is no such item in quarantine.", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="item-`+strconv.FormatInt(q.ID, 10)+`"`)
	h.Set("Cache-Control", "no-store")
	w.Write(q.Original)
}

// waiting lists what waits for a person, and what was decided last.
func (s *ops) waiting(r *http.Request) (*finding, error) {
	p, err := s.Commands.Pending(r.Context())
	if err != nil {
		return nil, err
	}
	return &finding{template: "pending", here: "/pending", title: "Waiting for a decision", data: &p}, nil
}

// held shows what waits with one run: just what happens if it is approved.
func (s *ops) held(r *http.Request) (*finding, error) {
	run, err := numeral(r.PathValue("run"))
	if err != nil {
		return nil, err
	}
	after, err := numeral(r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	p, err := s.Commands.Pending(r.Context())
	if err != nil {
		return nil, err
	}
	for i := range p.Waiting {
		w := &p.Waiting[i]
		if w.Run != run {
			continue
		}
		changes, err := s.Commands.PendingChanges(r.Context(), run, after)
		if err != nil {
			return nil, err
		}
		next := int64(0)
		if len(changes) > 0 {
			next = changes[len(changes)-1].Item
		}
		return &finding{template: "held", here: "/pending", title: "What waits of " + w.Source, data: map[string]any{
			"Waiting": w, "Text": heldText(&w.Held, w.Live), "Changes": changes, "Next": next, "Live": pipeline.Live,
		}}, nil
	}
	return nil, &web.Problem{Status: http.StatusNotFound, Title: "Nothing waits with this run",
		Text: "It was decided, or a later harvest has changed it. The list of what waits shows what there is now."}
}
