package events

import (
	"hash/fnv"
	"strconv"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The headers by which a message says behind which message alone it may land.
const (
	headerContentType = "Content-Type"
	headerLastSeq     = "Nats-Expected-Last-Sequence"
	headerLastMsgID   = "Nats-Expected-Last-Msg-Id"
)

// A scratch is the one message of a client, filled anew for each event: the library copies what it
// sends.
type scratch struct {
	buf, data []byte
	id        string // the message id of the event that it was filled with last
	msg       nats.Msg
	header    [12][]string // the values in msg.Header
}

// The places in scratch.header.
const (
	hMsgID = iota
	hEpoch
	hSeq
	hPrev
	hSeen
	hOp
	hLastSeq
	hLastMsgID
	hSeal
	hBatchID
	hBatchSeq
	hBatchCommit
)

func (s *scratch) init() {
	for i := range s.header {
		s.header[i] = make([]string, 1)
	}
	s.msg.Header = nats.Header{
		nats.MsgIdHdr: s.header[hMsgID], headerEpoch: s.header[hEpoch], headerSeq: s.header[hSeq],
		headerPrev: s.header[hPrev], headerOp: s.header[hOp], headerLastSeq: s.header[hLastSeq],
		headerContentType: {changejson.EventType},
	}
	s.header[hBatchCommit][0] = "1"
}

// message fills the client's one message with an event that may only land directly behind the message with the number
// lastSeq and the id lastID. If nothing is left of the stream there is no id, and only the number counts.
func (c *Client) message(ev *pipeline.Event, lastSeq uint64, lastID string, index int) *nats.Msg {
	s := &c.scratch
	if s.msg.Header == nil {
		s.init()
	}
	// All small strings of the message are cut out of one.
	var ends [7]int
	op := changejson.Operation(ev)
	b := changejson.AppendEventID(s.buf[:0], ev)
	ends[0] = len(b)
	b = c.names.appendSubject(b, ev, op)
	ends[1] = len(b)
	b = append(b, c.inbox...)
	b = strconv.AppendUint(b, c.call, 10)
	b = strconv.AppendInt(append(b, '.'), int64(index), 10)
	ends[2] = len(b)
	b = strconv.AppendInt(b, ev.Epoch, 10)
	ends[3] = len(b)
	b = strconv.AppendInt(b, ev.Seq, 10)
	ends[4] = len(b)
	b = strconv.AppendInt(b, ev.Prev, 10)
	ends[5] = len(b)
	b = strconv.AppendUint(b, lastSeq, 10)
	ends[6] = len(b)
	b = strconv.AppendInt(b, ev.HeadSeen, 10)
	s.buf = b
	all := string(b)

	s.id = all[:ends[0]]
	s.msg.Subject = all[ends[0]:ends[1]]
	s.msg.Reply = all[ends[1]:ends[2]]
	s.header[hMsgID][0] = s.id
	s.header[hEpoch][0] = all[ends[2]:ends[3]]
	s.header[hSeq][0] = all[ends[3]:ends[4]]
	s.header[hPrev][0] = all[ends[4]:ends[5]]
	s.header[hOp][0] = op
	s.header[hLastSeq][0] = all[ends[5]:ends[6]]
	if ev.HeadSeen == 0 {
		delete(s.msg.Header, headerSeen)
	} else {
		s.header[hSeen][0] = all[ends[6]:]
		s.msg.Header[headerSeen] = s.header[hSeen]
	}
	if c.seal != nil {
		s.header[hSeal][0] = c.seal.seal(s.id, op, pipeline.Cursor{Epoch: ev.Epoch, Seq: ev.Seq}, ev.Prev, lastSeq, ev.Datestamp)
		s.msg.Header[headerSeal] = s.header[hSeal]
	}
	if lastID == "" {
		delete(s.msg.Header, headerLastMsgID)
	} else {
		s.header[hLastMsgID][0] = lastID
		s.msg.Header[headerLastMsgID] = s.header[hLastMsgID]
	}
	s.data = c.enc.AppendEvent(s.data[:0], ev, int(c.nc.MaxPayload())-headerRoom)
	s.msg.Data = s.data
	return &s.msg
}

// Of what a message may measure, this much is kept for its headers: two ids of at most 3 KiB each
// (an identifier has at most 1,024 bytes, each at most three characters), and small things.
const headerRoom = 8 << 10

// Partitions is in how many parts the records of a source are spread over subjects, so that consumers
// can share the work and each record's events still come to one of them, in order.
const Partitions = 16

// Partition is the number in the subject of a record's events.
func Partition(identifier string) int {
	h := fnv.New32a()
	h.Write([]byte(identifier))
	return int(h.Sum32() % Partitions)
}

func (n names) appendSubject(dst []byte, ev *pipeline.Event, op string) []byte {
	dst = append(append(dst, n.subjects...), "records."...)
	dst = appendToken(dst, ev.Source)
	p := Partition(ev.Identifier)
	dst = append(dst, '.', 'p', '0'+byte(p/10), '0'+byte(p%10), '.')
	return append(dst, op...)
}

// appendToken appends a name as one token of a subject. Names of sources are tokens; of anything else
// the bytes that could not stand there become "_".
func appendToken(dst []byte, name string) []byte {
	if name == "" {
		return append(dst, '_')
	}
	for i := range len(name) {
		switch b := name[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '-', b == '_', 'A' <= b && b <= 'Z':
			dst = append(dst, b)
		default:
			dst = append(dst, '_')
		}
	}
	return dst
}
