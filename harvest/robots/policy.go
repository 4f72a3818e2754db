package robots

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Policy is what a site asks of one program. The zero Policy allows everything.
type Policy struct {
	// Delay is the rest that the site asks for between two requests, an hour at most; 0 if it asks for none.
	Delay time.Duration

	rules []rule
}

// For returns what the file asks of the program that sends this User-Agent. All groups that name the program count
// together; those for everybody ("*") count only if no group names it.
func (f *File) For(userAgent string) Policy {
	if p, named := f.of(product(userAgent)); named {
		return p
	}
	p, _ := f.of("*")
	return p
}

func (f *File) of(agent string) (p Policy, named bool) {
	for _, g := range f.groups {
		if slices.Contains(g.agents, agent) {
			named = true
			p.rules = append(p.rules, g.rules...)
			p.Delay = max(p.Delay, g.delay)
		}
	}
	return p, named
}

// Allows reports whether the program may fetch a URL of the site. The longest pattern that matches decides; of two of
// the same length, the one that allows.
func (p Policy) Allows(u *url.URL) bool {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if path == "/robots.txt" {
		return true // RFC 9309, 2.2.2
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	path = normal(path)
	allowed, longest := true, -1
	for _, r := range p.rules {
		if n := len(r.pattern); (n > longest || n == longest && r.allow) && r.matches(path) {
			allowed, longest = r.allow, n
		}
	}
	return allowed
}

// A rule allows or forbids the paths that match its pattern.
type rule struct {
	pattern string // in normal form; its length is its weight
	allow   bool
}

func newRule(pattern string, allow bool) rule { return rule{normal(pattern), allow} }

// matches reports whether a path begins as the pattern says: * is any text, and $ at the end is the end of the path.
func (r rule) matches(path string) bool {
	pattern, whole := strings.CutSuffix(r.pattern, "$")
	first, rest, more := strings.Cut(pattern, "*")
	if path, matched := strings.CutPrefix(path, first); !matched {
		return false
	} else if !more {
		return !whole || path == ""
	} else {
		return matchesRest(path, rest, whole)
	}
}

// matchesRest matches what stands behind the first * of a pattern. Each part takes the first place that it can have,
// which leaves the most to the parts after it; only the last part of a pattern with $ must stand at the end.
func matchesRest(path, pattern string, whole bool) bool {
	for {
		part, rest, more := strings.Cut(pattern, "*")
		if !more && whole {
			return strings.HasSuffix(path, part)
		}
		_, after, found := strings.Cut(path, part)
		if !found || !more {
			return found
		}
		path, pattern = after, rest
	}
}

const upperHex = "0123456789ABCDEF"

// normal writes a path or a pattern so that equal ones are the same bytes (RFC 9309, 2.2.2): bytes that are not ASCII
// become %XX, what needs no escape has none, and escapes have capital letters.
func normal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' && i+2 < len(s) {
			if high, low := digit(s[i+1]), digit(s[i+2]); high >= 0 && low >= 0 {
				c, escaped = byte(high<<4|low), true
				i += 2
			}
		}
		if c <= ' ' || c >= 0x7f || escaped && !unreserved(c) {
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func digit(c byte) int { return strings.IndexByte(upperHex, upper(c)) }

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}

// unreserved reports whether a character means the same with and without its escape (RFC 3986, 2.3).
func unreserved(c byte) bool {
	return 'A' <= upper(c) && upper(c) <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
