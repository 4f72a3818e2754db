package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// hear takes one answer of the broker. Answers to earlier calls of Publish are passed over.
func (f *flight) hear(m *nats.Msg) {
	call, index, ok := f.c.parseReply(m.Subject)
	if !ok || call != f.c.call || index >= f.sent || f.answered[index] {
		return
	}
	if f.batchEnd > 0 {
		f.hearOfBatch(m, index)
		return
	}
	f.settled++
	a := f.c.parseAck(m)
	want := f.after.StreamSeq + 1 + uint64(index)
	switch {
	case a.err != nil:
		f.fail(index, a.err)
	case a.seq != want:
		// The broker took it for a repetition of an event that stands elsewhere in the stream.
		f.fail(index, fmt.Errorf("%w: event %d is number %d, not %d", pipeline.ErrLostPlace, f.events[index].Seq, a.seq, want))
	case f.chained:
		f.answered[index] = true
		f.reach(index + 1)
	default:
		f.answered[index] = true
		for f.acked < f.sent && f.answered[f.acked] {
			f.reach(f.acked + 1)
		}
	}
}

// An answer is what the broker says to a message: its number in the stream, or why not.
type answer struct {
	seq uint64
	err error
}

// The codes with which the broker says that the stream does not end as the message expects.
const (
	codeWrongLastMsgID    = 10070
	codeWrongLastSeq      = 10071
	codeWrongLastSeqConst = 10164 // the same on a replicated stream
	codeTwiceInBatch      = 10201 // an event of the batch is in the stream already
)

func (c *Client) parseAck(m *nats.Msg) answer {
	if seq, ok := c.plainAck(m.Data); ok {
		return answer{seq: seq}
	}
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		return answer{err: fmt.Errorf("%w: there is no stream for it", errRefused)}
	}
	var a struct {
		Stream string
		Seq    uint64
		Error  *struct {
			ErrCode     int `json:"err_code"`
			Description string
		}
	}
	switch err := json.Unmarshal(m.Data, &a); {
	case err != nil:
		return answer{err: fmt.Errorf("%w: its answer is not JSON: %w", errRefused, err)}
	case a.Error == nil && a.Stream == c.names.records:
		return answer{seq: a.Seq}
	case a.Error == nil:
		return answer{err: fmt.Errorf("%w: the stream %q has taken it instead of %s", errRefused, a.Stream, c.names.records)}
	case a.Error.ErrCode == codeWrongLastMsgID, a.Error.ErrCode == codeWrongLastSeq, a.Error.ErrCode == codeWrongLastSeqConst,
		a.Error.ErrCode == codeTwiceInBatch:
		return answer{err: fmt.Errorf("%w (%s)", pipeline.ErrLostPlace, a.Error.Description)}
	}
	return answer{err: fmt.Errorf("%w: %s (code %d)", errRefused, a.Error.Description, a.Error.ErrCode)}
}

// plainAck reads the usual answer, {"stream":"NAME", "seq":N}, which is most of them.
func (c *Client) plainAck(data []byte) (uint64, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"stream":"`))
	if !ok {
		return 0, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(c.names.records)); !ok {
		return 0, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(`", "seq":`)); !ok {
		return 0, false
	}
	n := 0
	var seq uint64
	for n < len(rest) && n < 19 && '0' <= rest[n] && rest[n] <= '9' {
		seq = seq*10 + uint64(rest[n]-'0')
		n++
	}
	return seq, n > 0 && rest[0] != '0' && len(rest) == n+1 && rest[n] == '}'
}

// parseReply reads the subject that the answer came to: <inbox>.<call>.<index of the event>.
func (c *Client) parseReply(subject string) (call uint64, index int, ok bool) {
	rest, ok := strings.CutPrefix(subject, c.inbox)
	if !ok {
		return 0, 0, false
	}
	a, b, ok := strings.Cut(rest, ".")
	if !ok {
		return 0, 0, false
	}
	call, err := strconv.ParseUint(a, 10, 64)
	if err != nil {
		return 0, 0, false
	}
	index, err = strconv.Atoi(b)
	return call, index, err == nil && index >= 0
}
