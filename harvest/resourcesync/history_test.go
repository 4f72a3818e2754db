package resourcesync_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
)

// A history is a server whose resources come, change and go, and which writes lists of that.
type history struct {
	*site
	day     int
	titles  map[string]string
	changes []string // entries
	size    int      // of a part of a list
}

func (h *history) now() string {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(h.day) * time.Hour).Format(time.RFC3339)
}

func (h *history) change(t *rapid.T) {
	path := fmt.Sprintf("/r%d", rapid.IntRange(0, 9).Draw(t, "resource"))
	h.day += rapid.IntRange(0, 1).Draw(t, "hours")
	_, had := h.titles[path]
	what := "created"
	if had {
		what = rapid.SampledFrom([]string{"updated", "deleted"}).Draw(t, "change")
	}
	if what == "deleted" {
		delete(h.titles, path)
		delete(h.pages, path)
		h.changes = append(h.changes, changed(path, what, h.now()))
	} else {
		h.titles[path] = fmt.Sprintf("T%d", len(h.changes))
		h.pages[path] = dc(h.titles[path])
		h.changes = append(h.changes, at(path, fmt.Sprintf(`change="%s" datetime="%s" %s`, what, h.now(), sumOf(h.pages[path]))))
	}
	h.write("changelist", `from="2026-01-01T00:00:00Z"`, h.changes)
}

// list writes the list of resources as of now.
func (h *history) list() {
	var entries []string
	for _, path := range slices.Sorted(maps.Keys(h.titles)) {
		entries = append(entries, at(path, sumOf(h.pages[path])))
	}
	h.write("resourcelist", `at="`+h.now()+`"`, entries)
}

// write writes a list in parts.
func (h *history) write(name, md string, entries []string) {
	var parts []string
	for i := 0; i == 0 || i*h.size < len(entries); i++ {
		path := fmt.Sprintf("/%s-%d.xml", name, i)
		h.pages[path] = urlset(`capability="`+name+`" `+md, entries[min(i*h.size, len(entries)):min((i+1)*h.size, len(entries))]...)
		parts = append(parts, at(path, md))
	}
	h.pages["/"+name+".xml"] = index(`capability="`+name+`" `+md, parts...)
}

// TestHistories: whatever happens to the resources, to the server and to the harvests, in the end the records are those of
// the server. Nothing is missed, and nothing stays that was deleted.
func TestHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{site: newSite(t, capabilities(map[string]string{}, "resourcelist", "changelist")), titles: map[string]string{}, size: rapid.IntRange(1, 12).Draw(rt, "part")}
		h.list()
		h.write("changelist", `from="2026-01-01T00:00:00Z"`, nil)
		log, here := map[string]string{}, harvest.Cursor("")
		src := h.source(t, resourcesync.Config{})
		harvested := func() (done bool, short string) {
			if rapid.Bool().Draw(rt, "killed") {
				src = h.source(t, resourcesync.Config{})
			}
			page, err := src.Page(t.Context(), here)
			if err != nil {
				var remote *harvest.Error
				if !errors.As(err, &remote) {
					rt.Fatal(err)
				}
				here = src.Detour(here, err)
				return false, ""
			}
			for i := range page.Items {
				item := &page.Items[i]
				switch path := strings.TrimPrefix(item.Key, h.url); {
				case item.Deleted:
					delete(log, path)
				case item.Rejected == nil:
					log[path] = strings.TrimPrefix(h.shown(item), path+" ")
				}
			}
			here = page.Next
			return page.Done, page.Short
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			switch rapid.IntRange(0, 10).Draw(rt, "what") {
			case 0, 1, 2, 3:
				h.change(rt)
			case 4:
				h.list()
			case 5:
				path := rapid.SampledFrom([]string{"/r1", "/r5", "/r9", "/changelist-0.xml", "/resourcelist-0.xml", "/changelist.xml"}).Draw(rt, "fails")
				h.fail[path] = rapid.SampledFrom([]func(http.ResponseWriter){status(404), status(500), func(w http.ResponseWriter) { fmt.Fprint(w, "<urlset") }}).Draw(rt, "how")
			case 6:
				clear(h.fail)
			case 7:
				here = src.Restart(here)
			default:
				harvested()
			}
		}
		clear(h.fail)
		passes := 0
		for n := 0; passes < 3; n++ {
			if done, _ := harvested(); done {
				passes++
			}
			if n > 500 {
				rt.Fatal("it does not come to an end")
			}
		}
		if diff := cmp.Diff(h.titles, log); diff != "" {
			rt.Errorf("the records are not those of the server (-server +records)\n%s", diff)
		}
	})
}
