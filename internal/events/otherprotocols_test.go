package events

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// Who speaks another protocol of the broker to one of its listeners gets nowhere: there is no MQTT, and no leaf node.
func TestOtherProtocols(t *testing.T) {
	port := freeport.Port(t)
	s := embedded(t, t.TempDir(), func(o *ServerOptions) { o.WebSocket = "127.0.0.1:" + strconv.Itoa(port) })
	c := inside(t, s)
	last := publish(t, c, tail(t, c), changes(1, 3))
	notify(t, c)
	before := streamsOf(t, s)
	// MQTT 3.1.1: CONNECT as a clean session, and PUBLISH to what would be a subject of the stream.
	mqtt := []byte{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'x'}
	topic := "sheaf/v1/records/cold-war/p00/upserted"
	mqtt = append(mqtt, 0x30, byte(2+len(topic)+3), 0, byte(len(topic)))
	mqtt = append(append(mqtt, topic...), "far"...)
	for path, says := range map[string][]byte{
		"/mqtt":     mqtt,
		"/leafnode": []byte("CONNECT {\"name\":\"x\"}\r\nLS+ >\r\nLMSG sheaf.v1.records.cold-war.p00.upserted 3\r\nfar\r\nPING\r\n"),
	} {
		t.Run(path, func(t *testing.T) {
			conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a connection takes one
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n", path)
			r := bufio.NewReader(conn)
			resp, err := http.ReadResponse(r, nil)
			if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
				return // turned away at once
			}
			frame := []byte{0x82, 0x80 | 126}
			frame = binary.BigEndian.AppendUint16(frame, uint16(len(says)))
			_, _ = conn.Write(append(append(frame, 0, 0, 0, 0), says...)) // masked with zeros; it may hang up before
			if answer, err := io.ReadAll(r); len(answer) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("it is talked to: %q, %v", answer, err)
			}
		})
	}
	untouched(t, s, before)
	if got := tail(t, c); got != last {
		t.Errorf("the stream ends with %+v, want %+v", got, last)
	}
}
