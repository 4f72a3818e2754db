package config

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A source is a source that is being checked: its node, with what it inherits, and what was read from that.
type source struct {
	key string // "sources.lyon"
	place
	node *node
	is   *Source
}

// field finds a key that is set, by the source or in what it inherits; nil if the key is not set.
func (s *source) field(key string) *field {
	if f := s.node.field(key); f != nil && f.value.shape != null {
		return f
	}
	return nil
}

// at returns the place at which a problem with a key is shown: that of its value, or of the source's name if the key has no
// value.
func (s *source) at(key string) place {
	at, n := s.place, s.node
	for _, k := range strings.Split(key, ".") {
		f := n.field(k)
		if f == nil || f.value.shape == null {
			break
		}
		at, n = f.value.place, f.value
	}
	return at
}

// checkSource finds keys of a source that contradict each other.
func (d *decoder) checkSource(s *source) {
	kind := d.kindNamed(s.is.Kind)
	sends := kind != nil && kind.Sends
	for _, t := range fieldsOf(sourceType) {
		if t.required && s.field(t.key) == nil && !(sends && t.key == "from") {
			d.problem(s.place, s.key, "needs %s:", t.key)
		}
	}
	if f := s.field("from"); f != nil && f.value.shape == list && len(f.value.items) == 0 {
		d.problem(f.value.place, s.key+".from", "is empty; say where the records are")
	}
	d.checkPlaces(s)
	d.checkKind(s)
	d.checkTimes(s)
	d.checkTerms(s.node, s.key, "context")
	d.checkHTTP(s)
	d.checkGuards(s)
}

// braces is what looks like a placeholder: a URL never has a brace.
var braces = regexp.MustCompile(`\{[^{}]*\}`)

// checkPlaces finds placeholders that nothing is put into, and, where that is asked, files that are not there.
func (d *decoder) checkPlaces(s *source) {
	f := s.field("from")
	kind := d.kindNamed(s.is.Kind)
	if f == nil || kind == nil {
		return
	}
	for i, from := range s.is.From {
		at := f.value.place
		if f.value.shape == list && i < len(f.value.items) {
			at = f.value.items[i].place
		}
		for _, mark := range braces.FindAllString(from, -1) {
			if others := d.kindsPutting(mark); IsURL(from) && !slices.Contains(kind.Placeholders, mark) || !IsURL(from) && len(others) > 0 {
				d.problem(at, s.key+".from", "has %s, and nothing is put in its place%s", mark, insteadOf(from, kind, others))
			}
		}
		if d.options.Files != nil && !IsURL(from) && !d.options.Files(from) {
			d.warning(at, s.key+".from", "no file is at %s", from)
		}
	}
}

// insteadOf says what to write instead of a placeholder, which other kinds may know.
func insteadOf(from string, kind *Kind, others []string) string {
	switch {
	case !IsURL(from):
		return "; files are named by a pattern, such as saved/*.txt"
	case len(kind.Placeholders) > 0:
		return "; did you mean " + strings.Join(kind.Placeholders, " or ") + "?"
	case len(others) > 0:
		return "; that is for kind " + strings.Join(others, " and ")
	}
	return "; give the address as it is asked for"
}

func (d *decoder) checkTimes(s *source) {
	at, window := s.is.At, s.is.Window
	if at == nil {
		return
	}
	if s.is.Every%day != 0 {
		d.problem(s.at("at"), s.key+".at", "needs every: in whole days, such as 1d or 7d, not %s", FormatDuration(s.is.Every))
	}
	if window != nil && !window.Has(*at) {
		d.problem(s.at("at"), s.key+".at", "%v is outside window: %v (%v); change one, or set window: null here", *at, *window, s.at("window"))
	}
}

// checkTerms makes sure that the keys below a key are terms that the program knows.
func (d *decoder) checkTerms(n *node, key, of string) {
	f := n.field(of)
	if f == nil || d.options.Terms == nil {
		return
	}
	for _, t := range f.value.fields {
		if slices.Contains(d.options.Terms, t.key) {
			d.checkDoubts(t, join(join(key, of), t.key))
			continue
		}
		guess := didYouMean(wording.Nearest(t.key, d.options.Terms))
		if guess == "" {
			guess = "; terms are those of DCMI, such as publisher, language, rights, spatial"
		}
		d.problem(t.place, join(join(key, of), t.key), "is not a term%s", guess)
	}
}

// checkDoubts warns of values of a term that may not be what their author means.
func (d *decoder) checkDoubts(term *field, key string) {
	values := []*node{term.value}
	if term.value.shape == list {
		values = term.value.items
	}
	for _, v := range values {
		if v.shape != scalar || d.options.Doubt == nil {
			continue
		}
		if doubt := d.options.Doubt(term.key, v.text); doubt != "" {
			d.warning(v.place, key, "%s", doubt)
		}
	}
}

func (d *decoder) checkHTTP(s *source) {
	f := s.field("http")
	if f == nil {
		return
	}
	h := s.is.HTTP
	if (h.User == "") != (h.Password.File == "") {
		d.problem(f.place, s.key+".http", "user: and password_file: go together; give both or none")
	}
	if h.User != "" && h.Token.File != "" {
		d.problem(f.place, s.key+".http", "has both a user and a token; a request can carry one of them")
	}
	headers := f.value.field("headers")
	if headers == nil {
		return
	}
	for _, header := range headers.value.fields {
		key := s.key + ".http.headers." + header.key
		switch {
		case !httpguts.ValidHeaderFieldName(header.key):
			d.problem(header.place, key, "is not the name of a header")
		case !httpguts.ValidHeaderFieldValue(h.Headers[header.key]):
			d.problem(header.place, key, "holds what a header can't: a line break or a control character")
		case slices.Contains(ourHeaders, strings.ToLower(header.key)):
			d.problem(header.place, key, "is set by the gateway; for passwords and tokens there are password_file: and token_file:")
		}
	}
}

// ourHeaders has the headers that carry secrets, or that the HTTP client sets itself.
var ourHeaders = []string{"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
