package harvest

import (
	"bytes"
	"strings"
)

// wallMarks are texts that the pages of bot walls contain, in lower case.
var wallMarks = []struct {
	mark, wall string
	// sure marks stand on no other page. The others are scripts that walls also put into the pages that they let
	// through, and widgets that stand in forms. They count only if the page has hardly anything else.
	sure bool
}{
	{"/orchestrate/chl_page/", "Cloudflare", true},
	{"_cf_chl_opt", "Cloudflare", true},
	{"<title>just a moment...", "Cloudflare", true},
	{"<title>attention required! | cloudflare", "Cloudflare", true},
	{"/cdn-cgi/challenge-platform/", "Cloudflare", false},
	{"challenges.cloudflare.com", "Cloudflare", false},
	{"<title>making sure you're not a bot", "Anubis", true},
	{"<title>making sure you&#39;re not a bot", "Anubis", true},
	{"id=\"anubis_challenge\"", "Anubis", true},
	{"/.within.website/x/", "Anubis", false},
	{"_incapsula_resource", "Imperva", false},
	{"captcha-delivery.com", "DataDome", false},
	{"awswafintegration", "AWS WAF", false},
	{"awswaf.com/", "AWS WAF", false},
	{"sucuri_cloudproxy", "Sucuri", false},
	{"<title>ddos-guard", "DDoS-Guard", true},
	{"px-captcha", "HUMAN", false},
	{"/.well-known/.git.gammaspectra.live/", "go-away", false},
	{"checking your browser before accessing", "a browser check", false},
	{"<title>client challenge", "a browser check", true},
	{"<title>verifying your browser", "a browser check", true},
}

// wallPage is a size in bytes: a smaller page with a wall's script is the wall itself.
const wallPage = 8 << 10

// Wall names the bot wall that sent the answer; empty if no bot wall did.
func (r *Response) Wall() string {
	if r.Header.Get("Cf-Mitigated") == "challenge" {
		return "Cloudflare"
	}
	if a := strings.ToLower(r.Header.Get("X-Amzn-Waf-Action")); a == "challenge" || a == "captcha" {
		return "AWS WAF"
	}
	if !LooksLikeHTML(r.Body) {
		return ""
	}
	head := bytes.ToLower(r.Body[:min(len(r.Body), 64<<10)])
	for _, m := range wallMarks {
		if bytes.Contains(head, []byte(m.mark)) && (m.sure || r.Status != 200 || len(r.Body) < wallPage) {
			return m.wall
		}
	}
	return ""
}

// LooksLikeHTML reports whether a body is a web page rather than data, whatever its Content-Type says.
func LooksLikeHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1024)])
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for {
		head = bytes.TrimSpace(head)
		switch {
		case bytes.HasPrefix(head, []byte("<!doctype html")), bytes.HasPrefix(head, []byte("<html")),
			bytes.HasPrefix(head, []byte("<head")), bytes.HasPrefix(head, []byte("<body")):
			return true
		case bytes.HasPrefix(head, []byte("<?")):
			_, rest, ok := bytes.Cut(head, []byte("?>"))
			if !ok {
				return false
			}
			head = rest
		case bytes.HasPrefix(head, []byte("<!--")):
			_, rest, ok := bytes.Cut(head, []byte("-->"))
			if !ok {
				return false
			}
			head = rest
		default:
			return false
		}
	}
}
