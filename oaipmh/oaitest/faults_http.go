package oaitest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// httpFaults are those of HTTP statuses: servers that are busy, walls against programs, redirects.
var httpFaults = []Fault{
	{"busy", "each list is put off once, with Retry-After in seconds, as the protocol provides", "", once(func(x *exchange) { x.busy(http.StatusServiceUnavailable, "7") })},
	{"busy-date", "each list is put off once, with Retry-After as a date", "retry-after", once(func(x *exchange) {
		x.busy(http.StatusServiceUnavailable, time.Now().Add(7*time.Second).UTC().Format(http.TimeFormat))
	})},
	{"busy-garbage", "each list is put off once, with Retry-After in words", "retry-after", once(func(x *exchange) { x.busy(http.StatusServiceUnavailable, "soon") })},
	{"busy-huge", "each list is put off for thirty years", "retry-after", onLists(func(x *exchange) { x.busy(http.StatusServiceUnavailable, "999999999") })},
	{"busy-silent", "each list is put off once, without Retry-After", "retry-after", once(func(x *exchange) { x.busy(http.StatusServiceUnavailable, "") })},
	{"busy-ever", "lists are put off for ever, by a few seconds each time", "answered", onLists(func(x *exchange) { x.busy(http.StatusServiceUnavailable, "7") })},
	{"too-many", "each list is answered once by 429 without Retry-After", "retry-after", once(func(x *exchange) { x.busy(http.StatusTooManyRequests, "") })},

	{"error-404", "errors of the protocol come with the HTTP status 404", "http-status", errorStatus(http.StatusNotFound)},
	{"error-500", "errors of the protocol come with the HTTP status 500", "http-status", errorStatus(http.StatusInternalServerError)},
	{"broken-once", "each list fails once with 500, and then does not", "http-status", once(func(x *exchange) { x.page(http.StatusInternalServerError, "text/plain", "Stack trace:") })},
	{"accepted", "lists are answered by 202 and nothing", "http-status", onLists(func(x *exchange) { x.page(http.StatusAccepted, "text/html", "") })},
	{"conflict", "each list is answered once by 409", "http-status", once(func(x *exchange) { x.page(http.StatusConflict, "text/plain", "locked") })},
	{"status-432", "lists are answered by the status 432, which nobody defined", "http-status", onLists(func(x *exchange) { x.page(432, "text/plain", "no") })},
	{"status-522", "lists are answered by 522, of a proxy whose server is gone", "http-status", onLists(func(x *exchange) { x.page(522, "text/html", "<html><title>522</title></html>") })},
	{"login", "lists ask for a password", "http-status", onLists(func(x *exchange) { x.page(http.StatusUnauthorized, "text/html", "<html>Log in</html>") })},
	{"landing", "a list is answered by the site's start page, which says nothing of itself", "content-type", onLists(func(x *exchange) {
		x.page(http.StatusOK, "text/html", "<!-- cms --><html><head><title>Welcome</title></head><body>Our library</body></html>")
	})},
	{"agent-refused", "who does not call itself a browser is refused", "http-status", func(_ *Hostile, x *exchange) {
		if !strings.Contains(x.r.UserAgent(), "Mozilla") {
			x.ask()
			x.page(http.StatusForbidden, "text/html", "<html>Forbidden</html>")
		}
	}},
	{"key-demanded", "who has no key=… in the base URL is refused", "http-status", func(_ *Hostile, x *exchange) {
		if !x.args.Has("key") {
			x.ask()
			x.page(http.StatusForbidden, "text/plain", "No key.")
		}
		x.args.Del("key")
	}},
	{"sets-broken", "ListSets fails", "http-status", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListSets" {
			x.ask()
			x.page(http.StatusInternalServerError, "text/plain", "timeout")
		}
	}},

	{"wall-403", "a bot wall (403) stands before further pages", "bot-wall", onNextPages(func(x *exchange) {
		x.header.Set("Cf-Mitigated", "challenge")
		x.page(http.StatusForbidden, "text/html", `<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>`)
	})},
	{"wall-200", "a bot wall (200) stands before further pages", "bot-wall", onNextPages(func(x *exchange) {
		x.page(http.StatusOK, "text/html", `<!doctype html><html><head><title>Making sure you&#39;re not a bot!</title></head><body><script id="anubis_challenge" type="application/json">{}</script></body></html>`)
	})},
	{"wall-202", "a bot wall (202) stands before further pages", "bot-wall", onNextPages(func(x *exchange) {
		x.header.Set("X-Amzn-Waf-Action", "challenge")
		x.page(http.StatusAccepted, "text/html", `<!DOCTYPE html><html><body><script src="https://x.awswaf.com/challenge.js"></script></body></html>`)
	})},

	{"redirect-host", "the base URL redirects to another host", "no-redirect", redirect(func(x *exchange) string { return "http://moved.example.net/moved?" + x.r.Form.Encode() })},
	{"redirect-bare", "the base URL redirects and loses the arguments", "no-redirect", redirect(func(x *exchange) string { return "http://moved.example.net/moved" })},
	{"redirect-loop", "lists redirect in a circle", "http-status", onLists(func(x *exchange) {
		x.page(http.StatusFound, "text/html", "")
		x.header.Set("Location", "/oai?"+x.r.Form.Encode())
	})},
}

// once is a fault of the first time that each list, or page of one, is asked for.
func once(play func(x *exchange)) func(*Hostile, *exchange) {
	return func(h *Hostile, x *exchange) {
		if x.isList() && h.use("once "+x.args.Encode()) == 1 {
			x.ask()
			play(x)
		}
	}
}

// onNextPages is a fault of all pages of a list but the first.
func onNextPages(play func(x *exchange)) func(*Hostile, *exchange) {
	return onLists(func(x *exchange) {
		if x.args.Has("resumptionToken") {
			play(x)
		}
	})
}

// page makes the answer one that is not OAI-PMH.
func (x *exchange) page(status int, kind, body string) {
	x.status, x.body = status, body
	x.header.Set("Content-Type", kind)
}

// busy makes the answer a request to come later.
func (x *exchange) busy(status int, after string) {
	x.page(status, "text/plain", "Come later.")
	if after != "" {
		x.header.Set("Retry-After", after)
	}
}

func errorStatus(status int) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		if x.ask(); strings.Contains(x.body, "<error") {
			x.status = status
		}
	}
}

func redirect(to func(*exchange) string) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		if x.ask(); !strings.HasSuffix(x.r.URL.Path, "/moved") {
			x.page(http.StatusMovedPermanently, "text/html", fmt.Sprintf(`<html><a href="%s">moved</a></html>`, "elsewhere"))
			x.header.Set("Location", to(x))
		}
	}
}
