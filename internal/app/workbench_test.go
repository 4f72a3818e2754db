package app_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// On the workbench a person sees why each value is there, edits the rules, sees what that would change, and takes the file
// along. Nothing is stored by any of it.
func TestWorkbench(t *testing.T) {
	g, dir, token := actions(t)
	v := visit(t, g.Addresses().Ops)
	status, body := v.see("/workbench/box")
	says(t, "the source's own rules", status, body, http.StatusOK, "SECRET")
	says(t, "why", status, body, http.StatusOK, "line 2: <code>title from title</code>, from <code>title</code>")
	says(t, "the rules", status, body, http.StatusOK, "format csv\ntitle from title\n</textarea>")
	status, body = v.see("/workbench")
	says(t, "the list", status, body, http.StatusOK, `href="/workbench/box"`)
	if status, _ := v.see("/workbench/none"); status != http.StatusNotFound {
		t.Errorf("a source that is none: %d", status)
	}
	const draft = "format csv\ntitle from title | upper\nsubject is \"A <draft>\"\n"
	form := url.Values{"mapping": {draft}, "do": {"show"}, "id": {"oai:test.example.org:box/2"}}
	status, body = v.send("/workbench/box", form)
	says(t, "a stranger's draft", status, body, http.StatusUnauthorized, "Sign in first")
	v.signIn("ada", token)

	status, body = v.send("/workbench/box", form)
	says(t, "a draft", status, body, http.StatusOK, "A &lt;draft&gt;")
	form.Set("mapping", "format csv\ntitel from title\n")
	status, body = v.send("/workbench/box", form)
	says(t, "a draft with a fault", status, body, http.StatusOK, "box.map:2:1")
	says(t, "which is still there", status, body, http.StatusOK, "titel from title\n</textarea>")
	form.Set("mapping", draft)
	for do, want := range map[string]string{"sample": "3 records (a sample): 3 would change", "all": "3 records: 3 would change"} {
		form.Set("do", do)
		status, body = v.send("/workbench/box", form)
		says(t, do, status, body, http.StatusOK, want)
		says(t, do, status, body, http.StatusOK, "<div class=\"value\">A &lt;draft&gt;</div>")
	}
	var counted *pipeline.RemapReport
	if err := g.Remap(t.Context(), control.RemapOrder{Source: "box", Draft: draft, Limit: 1}, func(l *control.RemapLine) error {
		if counted = l.Report; l.Error != "" {
			t.Error(l.Error)
		}
		return nil
	}); err != nil || counted == nil || counted.Records() == 0 || counted.Records() == 3 {
		t.Errorf("a sample of one: %+v, %v", counted, err)
	}
	var refused string
	if err := g.Remap(t.Context(), control.RemapOrder{Source: "box", Draft: draft, Apply: true}, func(l *control.RemapLine) error { return nil }); err != nil {
		refused = err.Error()
	}
	if !strings.Contains(refused, "is not applied") {
		t.Errorf("a draft is applied: %q", refused)
	}
	form.Set("do", "file")
	if status, body = v.send("/workbench/box", form); status != http.StatusOK || body != draft {
		t.Errorf("the file: %d %q", status, body)
	}
	form.Set("mapping", strings.Repeat("#", 300<<10))
	status, body = v.send("/workbench/box", form)
	says(t, "too large", status, body, http.StatusRequestEntityTooLarge, "256 KiB")

	if rec, err := g.Record(t.Context(), "oai:test.example.org:box/2"); err != nil || strings.Contains(string(rec.DC), "draft") || rec.Version != 1 {
		t.Errorf("the record has changed: %s, %v", rec.DC, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "box.map")); err != nil || string(b) != "format csv\ntitle from title\n" {
		t.Errorf("the file has changed: %q, %v", b, err)
	}
	g.harvest(t, "box", true)
	if rec, err := g.Record(t.Context(), "oai:test.example.org:box/2"); err != nil || strings.Contains(string(rec.DC), "draft") {
		t.Errorf("harvests go by the draft: %s, %v", rec.DC, err)
	}
}
