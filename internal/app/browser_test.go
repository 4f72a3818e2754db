package app_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// browser starts a headless Chromium that reaches nothing but this machine.
func browser(t *testing.T) context.Context {
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
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// A researcher opens the start page, goes on to the list by keyboard and by link, and to a record. The
// pages work without scripts, on a narrow screen too.
func TestPagesInABrowser(t *testing.T) {
	ctx := browser(t)
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
	do(t, ctx, chromedp.Navigate(base))
	do(t, ctx, chromedp.KeyEvent(kb.Tab))
	if focused := do(t, ctx, chromedp.Evaluate[string](`document.activeElement.textContent`)); !strings.Contains(focused, "Skip to content") {
		t.Errorf("the first stop of the keyboard is %q", focused)
	}
	picture(t, ctx, "start.png")

	do(t, ctx, chromedp.Navigate(base+"search"))
	list := do(t, ctx, chromedp.Text(chromedp.CSS("main")))
	for _, want := range []string{"1 – 12 of 12", "Documents", "Letter from Ida Brandt", "Plano del nuevo muelle"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	picture(t, ctx, "list.png")
	do(t, ctx, chromedp.EmulateViewport(360, 700))
	if do(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)) {
		t.Error("the list scrolls sideways on a narrow screen")
	}
	picture(t, ctx, "list-narrow.png")
	do(t, ctx, chromedp.EmulateViewport(1200, 900))

	do(t, ctx, chromedp.Click(chromedp.CSS(`main a[href*="/records/"]`)))
	do(t, ctx, chromedp.WaitReady(chromedp.CSS("main h1")))
	if title := do(t, ctx, chromedp.Text(chromedp.CSS("main h1"))); title == "" || !strings.Contains(list, title) {
		t.Errorf("the record's page is headed %q, which is not in the list", title)
	}
	if scripts := do(t, ctx, chromedp.Evaluate[int](`document.scripts.length`)); scripts != 0 {
		t.Errorf("the page has %d scripts", scripts)
	}
	picture(t, ctx, "record.png")

	do(t, ctx, chromedp.Navigate(base+"oai"))
	if text := do(t, ctx, chromedp.Text(chromedp.CSS("body"))); !strings.Contains(text, "ListRecords") {
		t.Errorf("the endpoint shows a browser:\n%s", text)
	}
	picture(t, ctx, "oai.png")
}

// do runs one step.
func do[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// picture takes a screenshot for a person to look at, into the folder named by SHEAF_TEST_PICTURES.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if dir := os.Getenv("SHEAF_TEST_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), do(t, ctx, chromedp.FullScreenshot(100)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
