package store

import (
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A State is what the log has of a record, as far as that decides what becomes of it.
type State struct {
	Item        int64 // the database's key of the record; 0 if the log has nothing of it
	Seq         int64
	Version     int64
	Identifier  string
	Owner       string // what the source calls the item; needed by [Plan.Change] only
	Fingerprint pipeline.Hash
	Deleted     pipeline.Reason
	Sets        string // specs with a blank between
	Native      int64  // key of the list of its native format; 0 if it has none
	Formats     pipeline.Formats
	Datestamp   int64  // that it shows, in seconds since 1970
	OAIDC       []byte // empty if deleted
}

// A Move is what happens to one record of the log: it leaves its place and gets one at the end. Both
// states are valid until the plan is asked about the next record.
type Move struct {
	Old *State // its Item is 0 if the record is new
	New State  // its Item too: the database gives the record a key

	// Provenance and Rights are what is served with the record; nil if it stays as it is.
	Provenance, Rights *string

	// Stay, Enter and Leave are the keys of the lists with members (sets and native formats) in which the
	// record keeps its membership at its new place, gets one, and loses the one that it had at its old place.
	Stay, Enter, Leave []int64

	// Return are the keys of all lists that a record of before has come into, those of formats that are made
	// of its Dublin Core among them. If it had left one of them earlier, it has a departure there: that is
	// taken away, and [Plan.Returned] is told.
	Return []int64
	// Depart are the keys of all lists that it has left: it gets a departure there, with its new seq,
	// datestamp and identifier.
	Depart []int64
}

// A Plan is one transaction: what it does to the log so far. One goroutine uses it.
type Plan struct {
	Head    pipeline.Head // after all that was planned
	First   int64         // the first seq that the plan gave out; 0 if it gave none
	Leap    Leap          // that the plan began with; zero if it did not leap
	Touched []int64       // places of the log where something is not what it was

	// Live and Deleted are by how much the numbers of live and deleted records have grown.
	Live, Deleted int64
	Counts        pipeline.Counts
	Fates         []pipeline.Fate // of the items; see [Plan.Tell]

	lists  *Lists
	bounds Bounds
	deltas map[int64]*Delta
	move   Move // the present one
}

// Bounds are what a plan needs to know of the log beside its head.
type Bounds struct {
	// Undigested is the seq up to which live records are not in the head's digest yet.
	Undigested int64
	// Floor is the place below which the log gives out nothing any more, once its first change since it
	// was opened gets this datestamp; nil if there is none.
	Floor func(datestamp int64) int64
}

// A Delta is how many members and departures a list has gained.
type Delta struct{ Members, Departures int64 }

// A Stamper gives the datestamp of the commit that follows one with the given datestamp. Both are in seconds since 1970.
type Stamper func(head int64) (int64, error)

// NewPlan begins a plan at the head of the log.
func NewPlan(head pipeline.Head, lists *Lists, bounds Bounds) *Plan {
	return &Plan{Head: head, lists: lists, bounds: bounds, deltas: map[int64]*Delta{}}
}

// Deltas are what the lists have gained, by their keys.
func (p *Plan) Deltas() map[int64]*Delta { return p.deltas }

func (p *Plan) delta(list int64) *Delta {
	d := p.deltas[list]
	if d == nil {
		d = &Delta{}
		p.deltas[list] = d
	}
	return d
}

// stamp gives everything that the plan moves one datestamp. It asks the clock when something moves for the
// first time: what changes nothing can be committed while the clock can't be trusted.
func (p *Plan) stamp(clock Stamper) error {
	if p.First != 0 {
		return nil
	}
	at, err := clock(p.Head.Datestamp.Unix())
	if err != nil {
		return err
	}
	p.Head.Datestamp = time.Unix(at, 0).UTC()
	if p.bounds.Floor != nil {
		p.leap(p.bounds.Floor(at))
	}
	if p.Head.Seq >= MaxSeq-maxMoves {
		return errUsedUp
	}
	return nil
}

// leap moves the head above what a lost history may have given out.
func (p *Plan) leap(floor int64) {
	if p.Head.Seq < floor {
		p.Leap = Leap{p.Head.Seq, floor}
		p.Head.Seq = floor
	}
}

// next gives out the next seq.
func (p *Plan) next() int64 {
	p.Head.Seq++
	if p.First == 0 {
		p.First = p.Head.Seq
	}
	return p.Head.Seq
}

// start prepares the present move: a new place for a record.
func (p *Plan) start(old *State, now State) *Move {
	m := &p.move
	*m = Move{Old: old, New: now}
	m.New.Item, m.New.Seq, m.New.Datestamp = old.Item, p.next(), p.Head.Datestamp.Unix()
	if old.Item != 0 {
		m.New.Identifier = old.Identifier
	}
	return m
}

// finish counts what a move does: to the digest, to the numbers of records, and to the lists.
func (p *Plan) finish(m *Move) *Move {
	old, now := m.Old, &m.New
	if old.Item != 0 {
		p.Touched = append(p.Touched, old.Seq)
		p.count(old.Deleted, -1)
		if old.Deleted == pipeline.Live && old.Seq > p.bounds.Undigested {
			p.Head.Digest.Sub(old.Identifier, time.Unix(old.Datestamp, 0), old.OAIDC)
		}
	}
	p.count(now.Deleted, 1)
	if now.Deleted == pipeline.Live {
		p.Head.Digest.Add(now.Identifier, p.Head.Datestamp, now.OAIDC)
	}
	p.moveInLists(m)
	return m
}

func (p *Plan) count(deleted pipeline.Reason, n int64) {
	if deleted == pipeline.Live {
		p.Live += n
	} else {
		p.Deleted += n
	}
}

// Returned is told by the database that it has taken away a departure from a list at a seq, because the
// record has come into the list again ([Move.Return]).
func (p *Plan) Returned(list, seq int64) {
	p.Touched = append(p.Touched, seq)
	p.delta(list).Departures--
}
