package syndication

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The changes as activities (Activity Streams 2.0), for those who follow entities by the Entity Metadata Management API 1.0,
// or resources by IIIF Change Discovery 1.0: an ordered collection whose pages go from the oldest change to the newest. A
// record is in it once, with its last change.
const (
	activityPath     = "/activity"
	activityPagePath = "/activity/page"

	pageActivities = 200
	pageBytes      = 4 << 20
)

// activityContext is what both profiles ask for.
var activityContext = []string{"https://www.w3.org/ns/activitystreams", "https://emm-spec.org/1.0/context.json"}

type (
	collection struct {
		Context []string `json:"@context"`
		ID      string   `json:"id"`
		Type    string   `json:"type"`
		Summary string   `json:"summary"`
		First   *named   `json:"first"`
		Last    *named   `json:"last"`
	}
	activityPage struct {
		Context []string   `json:"@context"`
		ID      string     `json:"id"`
		Type    string     `json:"type"`
		PartOf  *named     `json:"partOf"`
		Prev    *named     `json:"prev,omitempty"`
		Next    *named     `json:"next,omitempty"`
		Items   []activity `json:"orderedItems"`
	}
	named struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	activity struct {
		Type      string         `json:"type"`
		Published string         `json:"published"`
		EndTime   string         `json:"endTime"`
		Object    activityObject `json:"object"`
	}
	activityObject struct {
		ID        string    `json:"id"`   // the page of the record
		Type      string    `json:"type"` // Document, as far as we know
		Canonical string    `json:"canonical"`
		Updated   string    `json:"updated"`
		SeeAlso   []seeAlso `json:"seeAlso,omitempty"`
	}
	seeAlso struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Format string `json:"format"`
	}
)

// address is that of the collection, or with a place that of the page which begins behind it, or ends before it.
func (d *Door) address(q selection, way string, at pipeline.Cursor) string {
	v := q.values()
	path := activityPath
	if way != "" {
		v.Set(way, at.String())
		path = activityPagePath
	}
	if len(v) == 0 {
		return d.URL + path
	}
	return d.URL + path + "?" + v.Encode()
}

func (d *Door) page(q selection, way string, at pipeline.Cursor) *named {
	return &named{d.address(q, way, at), "OrderedCollectionPage"}
}

// activities answers with the collection: where its pages begin, and where they end.
func (d *Door) activities(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	q, err := parseSelection(r.URL.Query())
	if err != nil {
		return err
	}
	head, had, err := d.unchanged(ctx, w, r)
	if err != nil || had {
		return err
	}
	return writeJSON(w, r, &collection{
		Context: activityContext, ID: d.address(q, "", head.Cursor), Type: "OrderedCollection", Summary: d.summary(q),
		First: d.page(q, "after", pipeline.Cursor{Epoch: head.Epoch}), Last: d.page(q, "before", pipeline.Cursor{Epoch: head.Epoch, Seq: head.Seq + 1}),
	})
}

// activityPage answers with a page, which begins behind a place or ends before one.
func (d *Door) activityPage(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	q, err := parseSelection(r.URL.Query())
	if err != nil {
		return err
	}
	way := "after"
	if r.URL.Query().Has("before") {
		way = "before"
	}
	at, err := pipeline.ParseCursor(r.URL.Query().Get(way))
	if err != nil {
		return &refusal{http.StatusBadRequest, "A page has after or before, with a place in the log; " + activityPath + " names the first and the last page."}
	}
	head, had, err := d.unchanged(ctx, w, r)
	switch {
	case err != nil || had:
		return err
	case at.Epoch != head.Epoch:
		return &refusal{http.StatusGone, "This page is one of a history of the log that has ended. Begin again at " + activityPath + "."}
	}
	down := way == "before"
	found, err := d.Log.Changes(ctx, pipeline.Wanted{After: at.Seq, Down: down, Source: q.source, Set: q.set, Limit: pageActivities, Bytes: pageBytes})
	if err != nil {
		return err
	}
	records := found.Records
	first, last := at.Seq+1, at.Seq // of an empty page behind a place
	if down {
		slices.Reverse(records)
		first, last = at.Seq, at.Seq-1
	}
	if n := len(records); n > 0 {
		first, last = records[0].Seq, records[n-1].Seq
	}
	p := &activityPage{
		Context: activityContext, ID: d.address(q, way, at), Type: "OrderedCollectionPage",
		PartOf: &named{d.address(q, "", at), "OrderedCollection"}, Items: make([]activity, 0, len(records)),
	}
	if more, err := d.has(ctx, q, first, true); err != nil {
		return err
	} else if more {
		p.Prev = d.page(q, "before", pipeline.Cursor{Epoch: at.Epoch, Seq: first})
	}
	if more, err := d.has(ctx, q, last, false); err != nil {
		return err
	} else if more {
		p.Next = d.page(q, "after", pipeline.Cursor{Epoch: at.Epoch, Seq: last})
	}
	for i := range records {
		if a, ok := d.activity(&records[i]); ok {
			p.Items = append(p.Items, a)
		}
	}
	d.Limits.Served(r, len(records))
	return writeJSON(w, r, p)
}

// has says whether there is a change before a place, or behind it.
func (d *Door) has(ctx context.Context, q selection, seq int64, before bool) (bool, error) {
	found, err := d.Log.Changes(ctx, pipeline.Wanted{After: seq, Down: before, Source: q.source, Set: q.set, Limit: 1, Bytes: 1})
	return len(found.Records) > 0, err
}

// activity says what happened to a record last.
func (d *Door) activity(rec *pipeline.Record) (activity, bool) {
	page := pipeline.RecordURL(d.URL, rec.Identifier)
	at := rec.Datestamp.UTC().Format(time.RFC3339)
	a := activity{Published: at, EndTime: at, Object: activityObject{ID: page, Type: "Document", Canonical: rec.Identifier, Updated: at}}
	switch {
	case rec.Deleted != pipeline.Live:
		a.Type = "Delete"
		return a, page != ""
	case rec.Version == 1:
		a.Type = "Create"
	default:
		a.Type = "Update"
	}
	a.Object.SeeAlso = []seeAlso{{d.URL + "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=" + url.QueryEscape(rec.Identifier), "Dataset", "application/xml"}}
	return a, page != ""
}

func writeJSON(w http.ResponseWriter, r *http.Request, v any) error {
	w.Header().Set("Content-Type", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`)
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return err
	}
	send(w, r, b.Bytes())
	return nil
}
