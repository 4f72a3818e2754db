package resourcesync

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A cursor is a place in a pass, as JSON.
type cursor struct {
	Version int    `json:"v"`
	From    string `json:"from"`            // tells one configuration from another
	Place   string `json:"place,omitempty"` // the time from which changes are not known; within a pass that from which it takes them
	Edge    string `json:"edge,omitempty"`  // a digest of the changes at that time that are known
	Known   bool   `json:"known,omitempty"` // a full pass has come to its end
	Again   bool   `json:"again,omitempty"` // the next pass must be full, because this one lacks more than Missed has
	Missed  []task `json:"missed,omitempty"`
	NoDump  bool   `json:"no_dump,omitempty"` // a package of the dump is too large, so that the list is read

	// Within a pass.
	Full     bool   `json:"full,omitempty"`
	Stage    stage  `json:"stage,omitempty"`
	Retry    []task `json:"retry,omitempty"`   // what the last pass missed
	Before   string `json:"before,omitempty"`  // the time from which deletions are not known, if a full pass does not begin with none
	Unheard  bool   `json:"unheard,omitempty"` // they can't be had
	Then     stage  `json:"then,omitempty"`    // the stage after the deletions
	Base     string `json:"base,omitempty"`    // a digest of the parts of a list when the pass began
	Unit     int    `json:"unit,omitempty"`    // parts or packages that are done
	Units    string `json:"units,omitempty"`   // a digest of their names
	Done     int    `json:"done,omitempty"`    // tasks of the next part that are done
	Tasks    string `json:"tasks,omitempty"`   // a digest of them
	Trouble  int    `json:"trouble,omitempty"`
	Failures int    `json:"failures,omitempty"` // runs in a row that have failed here
	Brave    bool   `json:"brave,omitempty"`    // what fails next is passed over
	Unproven bool   `json:"unproven,omitempty"`
	Newest   string `json:"newest,omitempty"`  // of the changes in packages
	Lacks    string `json:"lacks,omitempty"`   // the first thing that the pass lacks, for people
	Lacking  int    `json:"lacking,omitempty"` // how many things it lacks
}

// A stage is a part of a pass.
type stage string

const (
	asksAgain      stage = "again"    // for what the last pass missed
	readsGone      stage = "gone"     // the deletions from the last pass to the making of the list, which can't have them
	readsList      stage = "list"     // of all resources
	readsDump      stage = "dump"     // of all resources
	readsChanges   stage = "changes"  // a list of them
	readsPackages  stage = "packages" // of changes
	isThrough      stage = "through"
	cursorVersion        = 1
	maxMissedBytes       = 24 << 10 // of a cursor, which may have 64 KiB
)

// readCursor reads a cursor. If it is empty, or of another configuration or version, a full pass begins.
func (s *Source) readCursor(at harvest.Cursor) cursor {
	var c cursor
	if at != "" && json.Unmarshal([]byte(at), &c) == nil && c.Version == cursorVersion && c.From == s.id && c.Unit >= 0 && c.Done >= 0 {
		return c
	}
	return cursor{Version: cursorVersion, From: s.id}
}

func (c *cursor) write() harvest.Cursor { return harvest.Cursor(asJSON(c)) }

// asJSON leaves & as it is, which addresses are full of.
func asJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // strings and numbers only
	}
	return bytes.TrimSpace(b.Bytes())
}

// miss notes what must be asked for again. If there is no room, the next pass asks for everything.
func (c *cursor) miss(t task) {
	t.path, t.reason, t.why = "", "", "" // it is asked for by its URL
	if more := append(c.Missed[:len(c.Missed):len(c.Missed)], t); len(asJSON(more)) <= maxMissedBytes {
		c.Missed = more
	} else {
		c.Again = true
	}
}

// to goes on with another stage.
func (c *cursor) to(s stage) {
	c.Stage, c.Unit, c.Units, c.Retry = s, 0, "", nil
	c.next()
}

// next goes on with the next part of a stage.
func (c *cursor) next() { c.Done, c.Tasks, c.Trouble = 0, "", 0 }

// digest is a short digest of strings. Where one ends and the next begins counts too.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// digestTasks is a digest of tasks after others that have one.
func digestTasks(before string, tasks ...task) string {
	for i := range tasks {
		t := &tasks[i]
		before = digest(before, t.Key, t.URL, t.Hash, strconv.FormatInt(t.Length, 10), t.When, t.path, t.reason, strconv.FormatBool(t.deleted))
	}
	return before
}
