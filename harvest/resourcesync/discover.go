package resourcesync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// offered has the documents that a source offers: the URLs of lists, and of the indexes of lists.
type offered struct {
	at    string // the capability list, or what there is without one
	lists map[string]string
	root  map[string]*document // what was read on the way
	alone bool                 // there is no capability list, although the list names one
}

// maxHops bounds the way from a document to its capability list: a part, its index, the capability list.
const maxHops = 3

// discover finds the lists, from whichever document the source begins with.
func (s *Source) discover(ctx context.Context) (*offered, error) {
	o := &offered{at: s.config.start(), lists: map[string]string{}, root: map[string]*document{}}
	doc, err := s.ask(ctx, o.at)
	for hop := 0; ; hop++ {
		if err != nil {
			return nil, err
		}
		o.root[o.at] = doc
		up := above(doc)
		if doc.md.capability == aDescription {
			up, err = s.onlyList(o.at, doc)
		}
		switch {
		case err != nil:
			return nil, err
		case doc.md.capability == aCapabilityList:
			return o, o.read(doc)
		case up == "" || up == o.at || hop == maxHops:
			return o, o.single(doc)
		}
		next, err := s.ask(ctx, up)
		if isFinal(err) && doc.md.capability != aDescription { // the list can be read without the others
			o.alone = true
			return o, o.single(doc)
		}
		if err != nil {
			return nil, err
		}
		o.at, doc = up, next
	}
}

// above is the document that names this one: the index that a part belongs to, or the capability list.
func above(doc *document) string {
	for _, rel := range []string{"index", "up"} {
		if l := linked(doc.links, rel); l != nil && doc.md.capability != aCapabilityList {
			return l.href
		}
	}
	return ""
}

// onlyList is the capability list of a source description. Each of several is of other resources, with times of its own.
func (s *Source) onlyList(at string, doc *document) (string, error) {
	all := listed(doc, aCapabilityList)
	e := &harvest.Error{Kind: harvest.Config, URL: harvest.Shown(at)}
	switch {
	case doc.index:
		e.Kind, e.Detail = harvest.Protocol, "the description has several parts; give the URL of a capability list in from:"
	case len(all) == 0:
		e.Kind, e.Detail = harvest.Protocol, "the description names no capability list"
	case len(all) > 1:
		e.Detail = fmt.Sprintf("there are %d sets of resources; make a source of each that is wanted, with its capability list in from:, such as %s", len(all), harvest.Shown(all[0]))
	default:
		return all[0], nil
	}
	return "", e
}

// listed are the documents with a capability that another one names.
func listed(doc *document, capability string) (out []string) {
	for i := range doc.entries {
		if e := &doc.entries[i]; e.md.capability == capability && e.loc != "" && !slices.Contains(out, e.loc) {
			out = append(out, e.loc)
		}
	}
	return out
}

// usable are the capabilities that records come from.
var usable = []string{aResourceList, aResourceDump, aChangeList, aChangeDump}

// read reads a capability list.
func (o *offered) read(doc *document) error {
	e := &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(o.at)}
	for _, c := range usable {
		all := listed(doc, c)
		if len(all) > 1 { // which of them is right, nothing says
			e.Detail = "the capability list names more than one document of capability " + c
			return e
		}
		o.lists[c] = strings.Join(all, "")
	}
	if o.lists[aResourceList]+o.lists[aResourceDump] == "" {
		e.Detail = "the capability list names neither a list nor a dump of resources"
		return e
	}
	return nil
}

// single takes a list without a capability list.
func (o *offered) single(doc *document) error {
	switch c := doc.md.capability; {
	case c == aResourceList || c == aResourceDump:
		o.lists[c] = o.at
		return nil
	case c == aChangeList || c == aChangeDump:
		return &harvest.Error{Kind: harvest.Config, URL: harvest.Shown(o.at), Detail: "it lists changes, and no capability list that it names leads to the list of all resources; give the URL of that list in from:"}
	case c == "":
		return &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(o.at), Detail: "it is a sitemap, and not a document of ResourceSync, because it names no capability"}
	case strings.HasSuffix(c, "-manifest"):
		return &harvest.Error{Kind: harvest.Config, URL: harvest.Shown(o.at), Detail: "it is the manifest of a package; give the URL of the dump, or of a capability list, in from:"}
	default:
		return &harvest.Error{Kind: harvest.Config, URL: harvest.Shown(o.at), Detail: fmt.Sprintf("its capability %q names no resources; give the URL of a capability list in from:", c[:min(len(c), 60)])}
	}
}
