// Package axetest opens pages in a headless Chromium for tests, and has axe-core look for what keeps people out of them:
// contrast, names, roles, the order of headings, focus. Light and dark, wide and narrow.
//
// axe-core comes from npm (npm ci in this folder). Where it or Chromium is missing the test is skipped, and in continuous
// integration it fails.
package axetest

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browserTime bounds a test in a browser, and startTime the browser's start; both are for a busy machine.
const (
	browserTime = 20 * time.Minute
	startTime   = 3 * time.Minute
)

// Browser starts a headless Chromium that reaches nothing but this machine. It ends with the test.
func Browser(t testing.TB) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		missing(t, "chromium is not on this machine")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(startTime),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browserTime)
	t.Cleanup(cancel)
	return ctx
}

func missing(t testing.TB, text string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// Do runs one step in the browser.
func Do[T any](t testing.TB, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Leads runs a step that leads to another page, and waits for that.
func Leads(t testing.TB, ctx context.Context, step chromedp.Action[chromedp.Void]) {
	t.Helper()
	if _, err := chromedp.RunResponse(ctx, step); err != nil {
		t.Fatal(err)
	}
}

// Before has each page that is opened from now on run a script before its own.
func Before(t testing.TB, ctx context.Context, script string) {
	t.Helper()
	Do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// Until waits for an expression of JavaScript to become true, through changes of the page.
func Until(t testing.TB, ctx context.Context, expression string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		switch {
		case err == nil && is:
			return
		case ctx.Err() != nil || time.Now().After(deadline):
			t.Fatalf("waited in vain for %s: %v", expression, err)
		}
	}
}

// Picture takes a screenshot for a person to look at, into the folder named by SHEAF_TEST_PICTURES.
func Picture(t testing.TB, ctx context.Context, name string) {
	t.Helper()
	if dir := os.Getenv("SHEAF_TEST_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), Do(t, ctx, chromedp.FullScreenshot(100)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// script is axe-core.
func script(t testing.TB) string {
	t.Helper()
	_, here, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(here) { // built with -trimpath
		here = fromModule(t)
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(here), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		missing(t, "axe-core is not there: npm ci in internal/web/axetest installs it")
	}
	return string(b)
}

// fromModule finds this file below the root of the module that the test runs in.
func fromModule(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "internal", "web", "axetest", "axetest.go")
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Fatal("the test does not run in the module of Sheaf")
	return ""
}

// A violation is a rule of axe-core that a page breaks.
type violation struct {
	ID     string
	Impact string
	Help   string
	Nodes  []struct {
		HTML, FailureSummary string
	}
}

// rules are those of axe-core that a page must keep: WCAG 2.2 AA, and good practice.
const rules = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]}`

// Check has axe-core look at the page that the browser shows, and fails the test for each rule that it breaks.
func Check(t testing.TB, ctx context.Context, what string) {
	t.Helper()
	if !Do(t, ctx, chromedp.Evaluate[bool](`typeof axe !== "undefined"`)) {
		Do(t, ctx, chromedp.Evaluate[bool](script(t)+"\n;true"))
	}
	Do(t, ctx, chromedp.Evaluate[bool](`window.axeFound = undefined; axe.run(document, `+rules+`).then(r => { window.axeFound = JSON.stringify(r.violations.map(v => ({
		id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => ({html: n.html, failureSummary: n.failureSummary}))}))) }, e => { window.axeFound = "axe-core: " + e }); true`))
	text := ""
	for deadline := time.Now().Add(2 * time.Minute); text == "" && time.Now().Before(deadline); {
		text = Do(t, ctx, chromedp.Evaluate[string](`window.axeFound || ""`))
	}
	var found []violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatalf("%s: axe-core says %q: %v", what, text, err)
	}
	for _, v := range found {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s (%s): %s\n%s\n%s", what, v.ID, v.Impact, v.Help, strings.TrimSpace(n.HTML), n.FailureSummary)
		}
	}
}

// A Look is how a page is looked at.
type Look struct {
	Name          string
	Width, Height int64
	Dark          bool
}

// Looks are those in which every page must be good.
var Looks = []Look{{"wide", 1200, 900, false}, {"narrow", 360, 700, false}, {"dark", 1200, 900, true}}

// fileName makes the name of a file of what is looked at.
func fileName(what string) string {
	return "page" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, what)
}

// All checks the page that the browser shows in all looks: axe-core finds nothing, and the page does not scroll sideways.
func All(t testing.TB, ctx context.Context, what string) {
	t.Helper()
	for _, l := range Looks {
		scheme := "light"
		if l.Dark {
			scheme = "dark"
		}
		Do(t, ctx, chromedp.EmulateViewport(l.Width, l.Height))
		Emulate(t, ctx, scheme)
		Check(t, ctx, what+", "+l.Name)
		if Do(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)) {
			t.Errorf("%s, %s: the page scrolls sideways", what, l.Name)
		}
		Picture(t, ctx, fileName(what)+"-"+l.Name+".png")
	}
}

// Emulate makes the browser prefer a color scheme, light or dark, and no motion.
func Emulate(t testing.TB, ctx context.Context, scheme string) {
	t.Helper()
	Do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}))
}
