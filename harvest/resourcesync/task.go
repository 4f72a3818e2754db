package resourcesync

import (
	"errors"
	"fmt"
	"strings"
)

// A task is what is to be done about an item: fetch it, or tell that it is gone or can't be used.
type task struct {
	Key    string `json:"k"`           // of the item: the URI of the resource
	URL    string `json:"u,omitempty"` // where its metadata is; empty if that is the key
	Type   string `json:"t,omitempty"` // of the metadata, if the list says it
	Hash   string `json:"h,omitempty"`
	Length int64  `json:"l"`           // -1 if the list does not say it
	When   string `json:"w,omitempty"` // when the resource was changed, as it was written
	// Told says that quarantine has the item, so that nobody has to be told that it lacks.
	Told bool `json:"q,omitempty"`

	deleted bool
	path    string // in the package of a dump
	at      moment // of the change
	reason  string // of a rejection, if nothing is to be fetched
	why     string
}

// url is where the metadata is.
func (t *task) url() string {
	if t.URL != "" {
		return t.URL
	}
	return t.Key
}

// Reasons of rejections.
const (
	reasonMalformed    = "malformed"     // what is not XML, or a web page
	reasonTooLarge     = "too_large"     // what is beyond the bounds
	reasonNoIdentifier = "no_identifier" // an entry without a URI
	reasonMismatch     = "hash_mismatch" // bytes that are others than the list speaks of
	reasonOtherHost    = "other_host"    // a resource at a host that may not be asked
	reasonUnsafe       = "unsafe_path"   // a path that leads out of a package
)

// isMetadata reports whether a media type is one of metadata in XML. A type that is not said may be.
func isMetadata(mediaType string) bool {
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	switch mediaType = strings.TrimSpace(mediaType); mediaType {
	case "", "application/xml", "text/xml":
		return true
	case "application/xhtml+xml", "image/svg+xml":
		return false
	}
	return strings.HasSuffix(mediaType, "+xml")
}

// tasks are those of the entries of a list, in their order. name is that of the list, for people. passed says how many
// entries are of no metadata.
func (s *Source) tasks(name string, doc *document) (out []task, passed int) {
	described, paths := s.lookup(doc)
	last, _ := parseMoment(doc.md.from)
	for i := range doc.entries {
		e := &doc.entries[i]
		if m, ok := parseMoment(e.changed()); ok { // else it is as old as the one before, because lists are in order
			last = m
		}
		t, ok := s.task(e, described[e.loc])
		t.at = last
		if t.URL != "" {
			t.path = paths[t.URL]
		}
		switch {
		case e.loc == "":
			out = append(out, task{Key: fmt.Sprintf("file:%s#%d", name, i+1), Length: -1, at: last, reason: reasonNoIdentifier, why: "an entry of the list has no URI"})
		case !ok:
			passed++
		default:
			out = append(out, s.checked(t))
		}
	}
	return out, passed
}

// lookup has the URIs of metadata that entries of a list lead to, and where a package has the files of its manifest.
func (s *Source) lookup(doc *document) (described map[string]bool, paths map[string]string) {
	if !s.config.DescribedBy {
		return nil, nil
	}
	described, paths = map[string]bool{}, map[string]string{}
	for i := range doc.entries {
		e := &doc.entries[i]
		if l := s.description(e); l != nil && e.md.change != "deleted" {
			described[l.href] = true
		}
		if e.md.path != "" {
			paths[e.loc] = e.md.path
		}
	}
	return described, paths
}

// task is that of one entry; false if the entry is of no metadata. met says that another entry leads to this one.
func (s *Source) task(e *entry, met bool) (task, bool) {
	t := task{Key: e.loc, When: e.changed(), deleted: e.md.change == "deleted", path: e.md.path}
	if !s.config.DescribedBy {
		t.take(&e.md)
		return t, isMetadata(e.md.mediaType) && matches(s.config.Only, e.loc)
	}
	if l := s.description(e); l != nil {
		t.URL, t.path = l.href, ""
		t.take(&l.metadata)
		return t, true
	}
	if of := linked(e.links, "describes"); of != nil && of.href != "" { // the metadata has changed, and not what it is about
		t.Key, t.URL = of.href, e.loc
		t.take(&e.md)
		return t, !met && isMetadata(e.md.mediaType) && matches(s.config.Only, e.loc)
	}
	t.Length = -1
	return t, t.deleted && !isMetadataAlone(e) // a list need not say where the metadata was of what is gone
}

// isMetadataAlone reports whether an entry has a type of metadata, so that it is no resource that has metadata.
func isMetadataAlone(e *entry) bool { return e.md.mediaType != "" && isMetadata(e.md.mediaType) }

// description is the link to the metadata of a resource: the first that is XML, or may be, and has the pattern.
func (s *Source) description(e *entry) *link {
	for i := range e.links {
		l := &e.links[i]
		if l.rel == "describedby" && l.href != "" && isMetadata(l.mediaType) && matches(s.config.Only, l.href) {
			return l
		}
	}
	return nil
}

// take takes what a list says of the bytes.
func (t *task) take(m *metadata) {
	t.Type = m.mediaType
	t.Length, t.Hash = m.checks()
}

// checked is a task that is rejected at once if its URL may not be asked for.
func (s *Source) checked(t task) task {
	if t.deleted || t.path != "" {
		return t
	}
	if err := s.config.allowed(t.url()); err != nil {
		t.reason, t.why = reasonNoIdentifier, err.Error()
		if errors.Is(err, errOther) {
			t.reason = reasonOtherHost
		}
	}
	return t
}
