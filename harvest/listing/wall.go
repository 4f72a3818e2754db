package listing

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// The pages that a site gives instead of its listing.
const (
	wallChallenge = "challenge"
	wallLogin     = "login"
)

// wallOf says which of the two an HTML page without rows is: a bot wall or a login page; empty if it is neither. We
// report a wall and never evade it.
func wallOf(doc *goquery.Document) string {
	title := strings.ToLower(oneLine(doc.Find("title").First().Text()))
	for _, w := range []string{"just a moment", "attention required", "making sure you're not a bot", "checking your browser",
		"ddos-guard", "are you a robot", "are you human", "security check", "access denied", "pardon our interruption",
		"verify you are human", "human verification", "bot verification"} {
		if strings.Contains(title, w) {
			return wallChallenge
		}
	}
	if doc.Find(`script[src*="/cdn-cgi/challenge-platform/"], script[src*="/.within.website/"], #challenge-form, #cf-challenge-running, `+
		`.g-recaptcha, .h-captcha, .cf-turnstile, iframe[src*="captcha"], #sec-if-cpt-container`).Length() > 0 {
		return wallChallenge
	}
	if doc.Find(`input[type="password"]`).Length() > 0 {
		return wallLogin
	}
	return ""
}
