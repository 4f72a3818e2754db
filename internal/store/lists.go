package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Sets and formats are lists: a record is in some of them, and has left others. A record that changes moves
// to the end of each list that it is in; a departure stays where it was made. Which records are in a set or
// have a native format is stored as memberships; which records have a format that is made of their Dublin Core is
// stored with the record ([pipeline.Formats]).

// A ListKind says what a list is of.
type ListKind string

// The kinds of lists.
const (
	SetList    ListKind = "set"
	NativeList ListKind = "format" // as the source sent it
	MadeList   ListKind = "made"   // of Dublin Core
)

// A List is a set or a format that some record is in, or was. Its name is a set spec or a metadataPrefix; its
// title is what people call the set, or namespace and schema of a native format.
type List struct {
	Key         int64
	Kind        ListKind
	Name, Title string
}

// A Writers says which formats are made of Dublin Core.
type Writers struct {
	Reserved func(prefix string) bool              // no native format may be called so
	Known    func(prefix string, version int) bool // this program can write it
}

// Lists are the lists of a log by their names, and the keys that its rows have for them. A database reads
// them once; the plans add to them, and a database that rolls a plan back reads them again. They are
// never removed or renamed, so what is read stays right when another process adds more.
type Lists struct {
	writers  Writers
	keys     map[listName]int64
	prefixes map[string]string        // namespace and schema of native formats by their prefix
	natives  map[harvest.Format]int64 // by what sources call them
	members  map[membership][]int64   // what memberOf found lately
	versions map[string]int           // the greatest of each format's writer that was ever used
	last     int64                    // key

	newLists    []List
	newVersions []Version
}

type listName struct {
	kind ListKind
	name string
}

// A Version says that records are written by a version of a format's writer.
type Version struct {
	Prefix  string
	Version int
}

// NewLists makes the lists of a log of those that the database has, and of the versions of writers that
// were ever used.
func NewLists(have []List, versions []Version, w Writers) *Lists {
	l := &Lists{
		writers: w, keys: map[listName]int64{}, prefixes: map[string]string{}, natives: map[harvest.Format]int64{},
		members: map[membership][]int64{}, versions: map[string]int{},
	}
	for i := range have {
		l.add(&have[i])
	}
	for _, v := range versions {
		l.versions[v.Prefix] = v.Version
	}
	return l
}

func (l *Lists) add(list *List) {
	l.keys[listName{list.Kind, list.Name}] = list.Key
	l.last = max(l.last, list.Key)
	if list.Kind == NativeList {
		l.prefixes[list.Name] = list.Title
	}
}

// TakeNew gives what was added since it was called last, for the database to write.
func (l *Lists) TakeNew() (lists []List, versions []Version) {
	lists, versions = l.newLists, l.newVersions
	l.newLists, l.newVersions = nil, nil
	return lists, versions
}

// key is the key of a list, which there is from now on.
func (l *Lists) key(kind ListKind, name, title string) int64 {
	if k, ok := l.keys[listName{kind, name}]; ok {
		return k
	}
	list := List{Key: l.last + 1, Kind: kind, Name: name, Title: title}
	l.add(&list)
	l.newLists = append(l.newLists, list)
	return list.Key
}

// A membership is what decides which lists with members a record is in.
type membership struct {
	sets   string
	native int64
}

// mostMembers bounds what is kept of memberOf. Most records of a source are in the same sets.
const mostMembers = 1 << 10

// memberOf are the keys of the lists with members that a record is in: its sets with their ancestors, and
// its native format.
func (l *Lists) memberOf(sets string, native int64) []int64 {
	m := membership{sets, native}
	if keys, ok := l.members[m]; ok {
		return keys
	}
	var keys []int64
	for _, spec := range withAncestors(sets) {
		keys = append(keys, l.key(SetList, spec, spec))
	}
	if native != 0 {
		keys = append(keys, native)
	}
	if len(l.members) >= mostMembers {
		clear(l.members)
	}
	l.members[m] = keys
	return keys
}

// withAncestors are the specs and their ancestors ("a:b:c" is in "a:b" and in "a" too), each once.
func withAncestors(sets string) []string {
	var out []string
	for _, spec := range strings.Fields(sets) {
		for {
			if !slices.Contains(out, spec) {
				out = append(out, spec)
			}
			i := strings.LastIndexByte(spec, ':')
			if i < 0 {
				break
			}
			spec = spec[:i]
		}
	}
	return out
}

// noteVersions notes the greatest versions that are used: a program that does not know one of them can't
// serve the log.
func (l *Lists) noteVersions(made pipeline.Formats) (err error) {
	made.EachVersion(func(prefix string, version int) {
		if err != nil || version <= max(1, l.versions[prefix]) {
			return
		}
		if !l.writers.Known(prefix, version) {
			err = fmt.Errorf("there is no version %d of the format %s", version, prefix)
			return
		}
		l.versions[prefix] = version
		l.newVersions = append(l.newVersions, Version{prefix, version})
	})
	return err
}

const oaiDCNamespace = "http://www.openarchives.org/OAI/2.0/oai_dc/"

// maxPrefix and maxFormatURL bound, in bytes, what a source may call a format.
const (
	maxPrefix    = 100
	maxFormatURL = 1000
)

// native is the key of a native format's list; 0 if the format is not served: it is not XML, or it is
// oai_dc, for which ours stands. A format keeps the prefix that its source gave it, unless that is one of
// ours, or another namespace or schema took it before: then it gets the first free one of <prefix>_2,
// <prefix>_3…
func (l *Lists) native(f harvest.Format) int64 {
	if f.Namespace == "" || f.Namespace == oaiDCNamespace {
		return 0
	}
	key, ok := l.natives[f]
	if !ok {
		key = l.findNative(f)
		l.natives[f] = key
	}
	return key
}

func (l *Lists) findNative(f harvest.Format) int64 {
	if !plainURL(f.Schema) {
		f.Schema = ""
	}
	prefix := legalPrefix(f.Prefix)
	if prefix == "" || !plainURL(f.Namespace) {
		return 0
	}
	title := f.Namespace + " " + f.Schema
	name := prefix
	for n := 2; l.writers.Reserved(name) || l.takenByOther(name, title); n++ {
		name = prefix + "_" + strconv.Itoa(n)
	}
	return l.key(NativeList, name, title)
}

func (l *Lists) takenByOther(prefix, title string) bool {
	have, taken := l.prefixes[prefix]
	return taken && have != title
}

// legalPrefix is the prefix with an underscore for each byte that a metadataPrefix can't have.
func legalPrefix(p string) string {
	b := []byte(p[:min(len(p), maxPrefix)])
	for i := range b {
		if !oaipmh.ValidPrefix(string(b[i])) {
			b[i] = '_'
		}
	}
	return string(b)
}

// plainURL says whether a namespace or schema can stand in an answer, and in a list's title.
func plainURL(s string) bool {
	return len(s) <= maxFormatURL && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"{}|\\^`", r) })
}
