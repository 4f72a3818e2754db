package events

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// headerSeal says that the log itself has published the message, at that place of this stream: what the end
// of the stream says is believed of such messages only. (On a cluster others may publish on our subjects.)
const headerSeal = "Sheaf-Seal"

// sealLength is how many characters of the seal are sent: 132 bits.
const sealLength = 22

// A sealer makes the seals of a log. One goroutine uses it at a time.
type sealer struct {
	mac    hash.Hash
	stream string
	buf    []byte
}

// newSealer returns nil if there is no key. Then messages are not sealed, and every message that looks like ours is believed.
func newSealer(key []byte, stream string) *sealer {
	if len(key) == 0 {
		return nil
	}
	return &sealer{mac: hmac.New(sha256.New, key), stream: stream}
}

// seal covers the headers of an event, its datestamp, and the number of the message that it follows.
func (s *sealer) seal(id, op string, at pipeline.Cursor, prev int64, lastSeq uint64, datestamp time.Time) string {
	b := append(append(s.buf[:0], s.stream...), '\n')
	b = append(append(b, id...), '\n')
	b = append(append(b, op...), '\n')
	for _, n := range []int64{at.Epoch, at.Seq, prev, int64(lastSeq), datestamp.Unix()} {
		b = append(strconv.AppendInt(b, n, 10), '\n')
	}
	s.buf = b
	s.mac.Reset()
	s.mac.Write(b)
	sum := s.mac.Sum(s.buf[len(b):])
	return base64.RawURLEncoding.EncodeToString(sum)[:sealLength]
}

// sealed reports whether the log has published this message at this place of the stream.
func (s *sealer) sealed(m *jetstream.RawStreamMsg, at pipeline.Cursor, prev int64, datestamp time.Time) bool {
	want := s.seal(m.Header.Get(nats.MsgIdHdr), m.Header.Get(headerOp), at, prev, m.Sequence-1, datestamp)
	return subtle.ConstantTimeCompare([]byte(want), []byte(m.Header.Get(headerSeal))) == 1
}
