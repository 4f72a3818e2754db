package harvest

import (
	"bytes"
	"strings"
)

// wallMarks are what the pages of bot walls contain, in lower case.
var wallMarks = []struct{ mark, wall string }{
	{"/cdn-cgi/challenge-platform/", "Cloudflare"},
	{"challenges.cloudflare.com", "Cloudflare"},
	{"<title>just a moment...", "Cloudflare"},
	{"<title>attention required! | cloudflare", "Cloudflare"},
	{"/.within.website/x/", "Anubis"},
	{"making sure you're not a bot", "Anubis"},
	{"making sure you&#39;re not a bot", "Anubis"},
	{"_incapsula_resource", "Imperva"},
	{"captcha-delivery.com", "DataDome"},
	{"awswafintegration", "AWS WAF"},
	{"awswaf.com/", "AWS WAF"},
	{"sucuri_cloudproxy", "Sucuri"},
	{"ddos-guard", "DDoS-Guard"},
	{"px-captcha", "HUMAN"},
	{"/.well-known/.git.gammaspectra.live/", "go-away"},
	{"checking your browser before accessing", "a browser check"},
	{"<title>client challenge", "a browser check"},
	{"<title>verifying your browser", "a browser check"},
}

// challenge names the bot wall that made the answer; empty if none did.
func challenge(resp *Response) string {
	if resp.Header.Get("Cf-Mitigated") == "challenge" {
		return "Cloudflare"
	}
	if a := strings.ToLower(resp.Header.Get("X-Amzn-Waf-Action")); a == "challenge" || a == "captcha" {
		return "AWS WAF"
	}
	if !LooksLikeHTML(resp.Body) {
		return ""
	}
	head := bytes.ToLower(resp.Body[:min(len(resp.Body), 64<<10)])
	for _, m := range wallMarks {
		if bytes.Contains(head, []byte(m.mark)) && (resp.Status != 200 || len(resp.Body) < 64<<10) {
			return m.wall
		}
	}
	return ""
}

// LooksLikeHTML says whether a body is a web page rather than data, whatever its Content-Type says.
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
