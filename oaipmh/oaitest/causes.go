package oaitest

import (
	"slices"
	"strings"
)

// An effect says that what one check finds follows from what another one found, if both findings are related so.
type effect struct {
	checks  string // the checks that follow, by their names
	from    string // the check that they follow from
	related func(f, cause *finding) bool
}

// effects are in the order in which causes are looked for. No check follows, over others, from itself.
var effects = []effect{
	{"post trailing-slash well-formed compression-declared compression-served", "compression", sameAnswer},
	{"well-formed", "escaping", sameAnswer},
	{"verbs identify formats", "no-redirect", sameAnswer},
	{"no-redirect", "http-status", sameVerb},

	// A header that lacks something, or is not in order.
	{"identifiers-agree", "header", anywhere},
	{"get-agrees", "header", sameSubject},
	{"get-agrees", "datestamp-form", anywhere},
	{"get-agrees get-listed get-deleted identifiers-agree", "identifier-uri", sameOrNone},
	{"earliest-bound safe-window", "get-agrees", sameAnswer},
	{"item-formats", "oai-dc", anywhere},
	{"sets-listed", "sets", anywhere},

	// A list with a record too many, or too few, has wrong counts from there on.
	{"get-agrees", "duplicates", sameSubject},
	{"cursor order list-size", "duplicates", sameList},
	{"order", "safe-window", sameList},
	{"cursor identifiers-agree", "empty-page", anywhere},
	{"final-token identifiers-agree", "list-short", anywhere},
	{"cursor", "identifiers-agree", anywhere},

	// Tokens that lead to no further page.
	{"token-exclusive token-again bad-token", "token-continues", anywhere},
	{"request-bare request-attributes", "token-continues", sameAnswer},

	// A verb that does not work, asked in several ways.
	{"get-deleted missing-argument sample-identifier", "get-listed", sameArgument("verb", "identifier")},
	{"missing-argument unknown-identifier", "get-listed", sameVerb},
	{"bad-verb", "repeated-argument", sameSubject},
	{"bad-verb unknown-argument repeated-argument missing-argument bad-date mixed-granularity from-after-until bad-token token-exclusive unknown-format " +
		"unknown-identifier unknown-set no-records escaping token-continues list-answered", "structure", otherwiseAnswered},
	{"unknown-set", "set-list", anywhere},

	// A date that is not looked at.
	{"bad-date mixed-granularity from-after-until no-records early-from", "window-from", sameArgument("from")},
	{"bad-date mixed-granularity from-after-until late-until", "window-until", sameArgument("until")},
	{"bad-date mixed-granularity from-after-until", "no-records", sameArgument("from")},
}

// answers are the checks of what is answered to a request. An answer to something else than was asked for names another
// request too.
var answers = strings.Fields("verbs structure token-progress token-continues token-again token-exclusive duplicates empty-page sets " +
	"get-listed get-agrees get-deleted item-formats unknown-format set-list set-deleted set-children from-inclusive until-inclusive until-day window-from " +
	"window-until day-granularity early-from late-until bad-verb unknown-argument repeated-argument missing-argument bad-date " +
	"mixed-granularity from-after-until bad-token unknown-identifier unknown-set no-records list-answered sample-identifier")

// cause gives the check that explains a finding; empty if none does.
func (s *suite) cause(f *finding) string {
	for _, e := range effects {
		if e.on(f.check) && s.found(e.from, func(c *finding) bool { return e.related(f, c) }) {
			return e.from
		}
	}
	if u := f.at.unread; u != "" && u != f.check && !follows(u, f.check) {
		return u
	}
	if f.check == "request-attributes" || f.check == "request-bare" {
		return s.otherRequest(f)
	}
	if !ofEveryAnswer(f.check) && s.found("verbs", func(c *finding) bool { return sameAnswer(f, c) }) {
		return "verbs"
	}
	return ""
}

// ofEveryAnswer reports whether a check, such as that of the Content-Type, is one of all answers, whatever was asked; or of
// the verbs themselves.
func ofEveryAnswer(check string) bool {
	for _, c := range checks {
		switch c.name {
		case check:
			return true
		case "verbs":
			return false
		}
	}
	return false
}

// on reports whether an effect is one on a check.
func (e *effect) on(check string) bool { return slices.Contains(strings.Fields(e.checks), check) }

// follows reports whether what a check finds may follow from what another finds.
func follows(check, from string) bool {
	return slices.ContainsFunc(effects, func(e effect) bool { return e.from == from && e.on(check) })
}

// otherRequest gives the check that explains why an answer names another request: the answer is to another request, by
// which an argument was lost or changed. Answers to the same verb that have the same fault then follow from it too.
func (s *suite) otherRequest(f *finding) string {
	for _, check := range answers {
		if s.found(check, func(c *finding) bool {
			return sameAnswer(f, c) || parts[f.subject] && c.at.asked(f.subject) ||
				sameVerb(f, c) && s.found(f.check, func(g *finding) bool { return sameAnswer(g, c) && g.subject == f.subject })
		}) {
			return check
		}
	}
	return ""
}

// parts are the arguments that make a list, or an answer, another one.
var parts = map[string]bool{"from": true, "until": true, "set": true, "resumptionToken": true}

// found reports whether a check found something of a kind.
func (s *suite) found(check string, kind func(*finding) bool) bool {
	return slices.ContainsFunc(s.findings, func(f *finding) bool { return f.check == check && kind(f) })
}

func anywhere(_, _ *finding) bool { return true }

func sameAnswer(f, cause *finding) bool { return f.at.number == cause.at.number }

// otherwiseAnswered relates findings in an answer that may say something else than what was found, because of how it is built. Its
// responseDate tells nothing of that.
func otherwiseAnswered(f, cause *finding) bool {
	return sameAnswer(f, cause) && cause.found != noResponseDate
}

func sameList(f, cause *finding) bool { return f.at.list != 0 && f.at.list == cause.at.list }

func sameSubject(f, cause *finding) bool { return f.subject == cause.subject }

// sameOrNone relates findings about one thing, and findings about no certain one.
func sameOrNone(f, cause *finding) bool { return f.subject == "" || f.subject == cause.subject }

func sameVerb(f, cause *finding) bool { return f.at.args.Get("verb") == cause.at.args.Get("verb") }

// sameArgument relates findings in answers to requests that both have some arguments.
func sameArgument(names ...string) func(f, cause *finding) bool {
	return func(f, cause *finding) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return !f.at.asked(n) || !cause.at.asked(n) })
	}
}
