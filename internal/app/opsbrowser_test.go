package app_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/web/axetest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Every page for operators can be read by everybody, in the light and in the dark, on a narrow screen too: signed in and
// not, with everything on them that can be.
func TestOpsPagesInABrowser(t *testing.T) {
	ctx := axetest.Browser(t)
	g, token := troubled(t)
	base := strings.TrimSuffix(g.Addresses().Ops, "/")
	v := visit(t, base)
	v.signIn("ada", token)
	v.act("pause", "/sources/away", url.Values{"source": {"away"}, "reason": {"it is away"}})
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:box/249", Reason: "rights", Who: "ada"}); err != nil {
		t.Fatal(err)
	}
	items, err := g.Quarantine(t.Context(), "", 0, 1)
	if err != nil || len(items) == 0 {
		t.Fatal(items, err)
	}
	pending, err := g.Pending(t.Context())
	if err != nil || len(pending.Waiting) != 1 {
		t.Fatal(pending, err)
	}
	if _, err := g.Quality(t.Context(), "box"); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/", "/sources", "/sources/box", "/sources/away", fmt.Sprintf("/sources/box/runs/%d", pending.Waiting[0].Run), "/pending", fmt.Sprintf("/pending/%d", pending.Waiting[0].Run),
		"/quarantine", fmt.Sprintf("/quarantine/%d", items[0].ID), "/harvesters", "/consumers", "/quality", "/quality/box", "/configuration",
		"/workbench", "/workbench/box", "/records?id=oai:test.example.org:box/248", "/actions", "/audit", "/nothing", "/sign-in"}
	// One page in all looks while nobody has signed in, the rest with all forms.
	axetest.Do(t, ctx, chromedp.Navigate(base+"/sign-in"))
	axetest.All(t, ctx, "sign in")
	axetest.Do(t, ctx, chromedp.Navigate(base+"/"))
	axetest.Check(t, ctx, "a stranger's overview")
	signInWithKeys(t, ctx, base, token)
	for _, path := range paths {
		axetest.Do(t, ctx, chromedp.Navigate(base+path))
		axetest.All(t, ctx, path)
	}
}

// An operator pauses a source by keyboard alone, and sees what came of it; the page shows what changes by itself, and stops
// when it is told to.
func TestOpsByKeyboard(t *testing.T) {
	ctx := axetest.Browser(t)
	g, token := troubled(t)
	base := strings.TrimSuffix(g.Addresses().Ops, "/")
	signInWithKeys(t, ctx, base, token)
	axetest.Do(t, ctx, chromedp.Navigate(base+"/sources/box"))
	axetest.Do(t, ctx, chromedp.KeyEvent(kb.Tab))
	if focused := axetest.Do(t, ctx, chromedp.Evaluate[string](`document.activeElement.textContent`)); !strings.Contains(focused, "Skip to content") {
		t.Errorf("the first stop of the keyboard is %q", focused)
	}
	axetest.Do(t, ctx, chromedp.KeyEvent(kb.Enter))
	for i := 0; axetest.Do(t, ctx, chromedp.Evaluate[string](`document.activeElement.name || ""`)) != "reason"; i++ {
		if i == 20 {
			t.Fatal("the keyboard does not reach the reason for a pause")
		}
		axetest.Do(t, ctx, chromedp.KeyEvent(kb.Tab))
	}
	axetest.Do(t, ctx, chromedp.KeyEvent("they move house"))
	axetest.Leads(t, ctx, chromedp.KeyEvent(kb.Enter))
	if said := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS(`[role=status]`))); !strings.Contains(said, "they move house") {
		t.Errorf("the page says %q", said)
	}
	sources, err := g.Sources(t.Context())
	if err != nil || sources[2].Name != "box" || sources[2].Status.Stop.Who != "token" {
		t.Errorf("%+v, %v", sources, err)
	}
	// What another one does shows by itself.
	// Its ticks are noted, so that one can be had at once.
	axetest.Before(t, ctx, `const every = window.setInterval; window.ticks = []; window.setInterval = (f, ms) => { ticks.push(f); return every(f, ms); }`)
	axetest.Do(t, ctx, chromedp.Navigate(base+"/actions"))
	other := visit(t, base)
	other.signIn("bob", token)
	other.act("resume", "/sources/box", url.Values{"source": {"box"}})
	axetest.Until(t, ctx, `document.querySelector("main").textContent.includes("Resume box")`)
	axetest.Do(t, ctx, chromedp.Click(chromedp.CSS("button.refreshing")))
	other.act("pause", "/sources/box", url.Values{"source": {"box"}, "reason": {"unseen"}})
	ticked := axetest.Do(t, ctx, chromedp.Evaluate[int](`Promise.all(ticks.map((tick) => tick())).then((all) => all.length)`, chromedp.EvalAwaitPromise))
	if ticked != 1 {
		t.Fatalf("the page has %d ticks", ticked)
	}
	if strings.Contains(axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("main"))), "unseen") {
		t.Error("the page goes on refreshing")
	}
	axetest.Do(t, ctx, chromedp.Click(chromedp.CSS("button.refreshing")))
	axetest.Until(t, ctx, `document.querySelector("main").textContent.includes("unseen")`)
}

// troubled is a gateway with everything that its pages can show: a source that is away, one that wants to delete most of its
// records, and an item that can't be used.
func troubled(t *testing.T) (g *running, token string) {
	t.Helper()
	dir := t.TempDir()
	rows := func(n int) string {
		text := "id,title\n"
		for i := range n {
			text += fmt.Sprintf("%d,Title %d\n", i, i)
		}
		return text
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("box.csv", rows(400))
	put("bin.csv", "id,title\n,nobody <b>knows</b>\n")
	put("box.map", "format csv\ntitle from title\n")
	cfg := configure(t, dir, embedded+"sources:\n  box: {title: The box, kind: files, from: box.csv, key: id, mapping: box.map, every: 1h, complete: true, absent: {delete_after: 1}}\n"+
		"  bin: {kind: files, from: bin.csv, key: id, mapping: box.map}\n  away: {title: A file that is away, kind: files, from: away.csv, key: id, mapping: box.map, every: 1h}\n")
	g = start(t, cfg, app.Options{})
	g.harvest(t, "box", false)
	put("box.csv", rows(280))
	g.harvest(t, "box", true)
	g.harvest(t, "bin", true)
	if _, err := harvest(t.Context(), g.Client, "away", false); err == nil {
		t.Fatal("a file that is away was harvested")
	}
	b, err := os.ReadFile(filepath.Join(cfg.Data, "ops.token"))
	if err != nil {
		t.Fatal(err)
	}
	return g, strings.TrimSpace(string(b))
}

// signInWithKeys signs in by keyboard.
func signInWithKeys(t *testing.T, ctx context.Context, base, token string) {
	t.Helper()
	axetest.Do(t, ctx, chromedp.Navigate(base+"/sign-in"))
	axetest.Do(t, ctx, chromedp.Focus(chromedp.CSS("#password")))
	axetest.Do(t, ctx, chromedp.KeyEvent(token))
	axetest.Leads(t, ctx, chromedp.KeyEvent(kb.Enter))
	if axetest.Do(t, ctx, chromedp.Evaluate[bool](`document.querySelector(".visitor button") === null`)) {
		t.Fatal("nobody is signed in")
	}
}
