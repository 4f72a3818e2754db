// Package robots reads what a site asks of programs in its robots.txt, as RFC 9309 says: which pages they may fetch, how
// long they should rest between two requests, and where the site's sitemaps are.
package robots

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxSize bounds what is read of a robots.txt, in bytes. RFC 9309, 2.5, demands at least as much.
const maxSize = 500 << 10

// maxDelay bounds the rest that a site can ask for: a slip of the pen should not stop a harvest for days.
const maxDelay = time.Hour

// A File is what a robots.txt says. The zero File forbids nothing.
type File struct {
	// Sitemaps are the URLs of the site's sitemaps, as the file has them.
	Sitemaps []string

	groups []group
}

// A group has the rules for some programs.
type group struct {
	agents []string // product tokens in lower case, or "*"
	rules  []rule
	delay  time.Duration
}

// Parse reads a robots.txt. What it does not understand counts for nothing, as RFC 9309 demands. Of a file of more than
// 500 KiB the lines after that are not read.
func Parse(body []byte) *File {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) > maxSize { // half a line could forbid more than the whole line does
		body = body[:bytes.LastIndexAny(body[:maxSize+1], "\r\n")+1]
	}
	p := parser{file: &File{}}
	for line := range strings.FieldsFuncSeq(string(body), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		if name, value, found := strings.Cut(line, ":"); found {
			p.line(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value))
		}
	}
	return p.file
}

// A parser reads the lines of a file one after the other.
type parser struct {
	file    *File
	opening bool // the last group has no rule yet, so a further program belongs to it
}

func (p *parser) line(name, value string) {
	switch name {
	case "user-agent":
		p.agent(value)
		return
	case "sitemap":
		if value != "" {
			p.file.Sitemaps = append(p.file.Sitemaps, value)
		}
		return
	}
	if len(p.file.groups) == 0 {
		return // a rule for nobody
	}
	g := &p.file.groups[len(p.file.groups)-1]
	switch name {
	case "allow", "disallow":
		p.opening = false
		if value != "" {
			g.rules = append(g.rules, newRule(value, name == "allow"))
		}
	case "crawl-delay": // no part of the RFC, so it must not end the list of programs (2.2.4)
		g.delay = max(g.delay, delayOf(value))
	}
}

func (p *parser) agent(value string) {
	if !p.opening {
		p.file.groups, p.opening = append(p.file.groups, group{}), true
	}
	g := &p.file.groups[len(p.file.groups)-1]
	if value != "*" {
		value = product(value)
	}
	if value != "" {
		g.agents = append(g.agents, value)
	}
}

// product is the product token that a User-Agent begins with, in lower case: "sheaf" of "Sheaf/1.0 (+mailto:…)".
func product(agent string) string {
	end := strings.IndexFunc(agent, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_')
	})
	if end >= 0 {
		agent = agent[:end]
	}
	return strings.ToLower(agent)
}

// delayOf reads a number of seconds; 0 if there is none.
func delayOf(value string) time.Duration {
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(seconds) || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, maxDelay.Seconds()) * float64(time.Second))
}
