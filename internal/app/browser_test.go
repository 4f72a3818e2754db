package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/web/axetest"
)

// A researcher opens the start page, goes on to the list by keyboard and by link, and to a record. The
// pages work without scripts, on a narrow screen too. What only the whole gateway knows is there: rules and formats.
func TestPagesInABrowser(t *testing.T) {
	ctx := axetest.Browser(t)
	cfg, remove, err := app.Demo(app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	cfg.Listen.Public, cfg.Listen.Ops, cfg.Events.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	g := start(t, cfg, app.Options{})
	g.harvest(t, "letters", false)
	g.harvest(t, "maps", false)
	base := g.Addresses().Public
	axetest.Do(t, ctx, chromedp.Navigate(base))
	axetest.Do(t, ctx, chromedp.KeyEvent(kb.Tab))
	if focused := axetest.Do(t, ctx, chromedp.Evaluate[string](`document.activeElement.textContent`)); !strings.Contains(focused, "Skip to content") {
		t.Errorf("the first stop of the keyboard is %q", focused)
	}
	axetest.Picture(t, ctx, "start.png")

	axetest.Do(t, ctx, chromedp.Navigate(base+"search"))
	list := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("main")))
	for _, want := range []string{"1 – 12 of 12", "Documents", "Letter from Ida Brandt", "Plano del nuevo muelle"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	axetest.Picture(t, ctx, "list.png")
	axetest.Do(t, ctx, chromedp.EmulateViewport(360, 700))
	if axetest.Do(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)) {
		t.Error("the list scrolls sideways on a narrow screen")
	}
	axetest.Picture(t, ctx, "list-narrow.png")
	axetest.Do(t, ctx, chromedp.EmulateViewport(1200, 900))

	axetest.Do(t, ctx, chromedp.Click(chromedp.CSS(`main a[href*="/records/"]`)))
	axetest.Do(t, ctx, chromedp.WaitReady(chromedp.CSS("main h1")))
	if title := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("main h1"))); title == "" || !strings.Contains(list, title) {
		t.Errorf("the record's page is headed %q, which is not in the list", title)
	}
	if scripts := axetest.Do(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("script:not([type='application/ld+json'])").length`)); scripts != 0 { // linked data is not run
		t.Errorf("the page has %d scripts", scripts)
	}
	axetest.Picture(t, ctx, "record.png")

	// From a result the reader goes on to the next one, to what became of its original, and to a format that can be read.
	results := `document.querySelectorAll("ol.list h3 a").length > 1`
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // the index follows the log
		axetest.Do(t, ctx, chromedp.Navigate(base+"search?q=harbour&sort=early"))
		if axetest.Do(t, ctx, chromedp.Evaluate[bool](results)) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the search finds nothing")
		}
	}
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS("ol.list li:first-child h3 a")))
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(".trail a[rel~=next]")))
	title := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("main h1")))
	if trail := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS(".trail"))); !strings.Contains(trail, "2 of ") {
		t.Errorf("the next result is told as %q", trail)
	}
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(`a[href*="as=mapping"]`)))
	if made := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("main"))); !strings.Contains(made, `"title": "`+title) || !strings.Contains(made, "listing.map:") {
		t.Errorf("what became of the original:\n%s", made)
	}
	axetest.Picture(t, ctx, "mapping.png")
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(".crumbs li:last-child a")))
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(`main a[href*="metadataPrefix=mods"]`)))
	if mods := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("body"))); !strings.Contains(mods, title) || !strings.Contains(mods, "mods") {
		t.Errorf("the format shows a browser:\n%s", mods)
	}

	axetest.Do(t, ctx, chromedp.Navigate(base+"oai"))
	if text := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("body"))); !strings.Contains(text, "ListRecords") {
		t.Errorf("the endpoint shows a browser:\n%s", text)
	}
	axetest.Picture(t, ctx, "oai.png")

	// From the sets of the endpoint the reader comes to the page of one, which says what is in it.
	axetest.Do(t, ctx, chromedp.Navigate(base+"oai?verb=ListSets"))
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(`a[href$="/sets/letters"]`)))
	if text := axetest.Do(t, ctx, chromedp.Text(chromedp.CSS("main"))); !strings.Contains(text, "Letter from Ida Brandt") || !strings.Contains(text, "Documents") {
		t.Errorf("the page of a set:\n%s", text)
	}
	axetest.Picture(t, ctx, "set.png")
}
