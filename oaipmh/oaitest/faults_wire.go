package oaitest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// wireFaults are those of the connection: what is wrong is not the answer, but how it comes, or that it does not.
// Lists of records are hit and nothing else, so that a harvester gets as far as there.
var wireFaults = []Fault{
	{"stall", "a list is never answered", "answered", onLists(func(x *exchange) {
		x.wire = func(http.ResponseWriter) { x.untilLeft() }
	})},
	{"stall-body", "a list ends after the headers, and the connection stays open", "answered", onLists(func(x *exchange) {
		x.wire = func(w http.ResponseWriter) {
			x.start(w, len(x.body))
			x.untilLeft()
		}
	})},
	{"trickle", "a list comes at a byte every ten seconds", "answered", onLists(func(x *exchange) {
		x.wire = func(w http.ResponseWriter) {
			x.start(w, len(x.body))
			for i := 0; i < len(x.body) && x.passed(10*time.Second); i++ {
				io.WriteString(w, x.body[i:i+1])
				http.NewResponseController(w).Flush()
			}
		}
	})},
	{"cut-connection", "the connection ends in the middle of a list", "well-formed", onLists(func(x *exchange) {
		x.wire = func(w http.ResponseWriter) {
			x.start(w, len(x.body))
			io.WriteString(w, x.body[:len(x.body)/2]) // the server closes what was promised and not sent
		}
	})},
	{"cut-chunks", "a list in chunks ends without the last one", "well-formed", onLists(func(x *exchange) {
		x.raw(func(c net.Conn) {
			half := x.body[:len(x.body)/2]
			fmt.Fprintf(c, "%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", x.head(), len(half), half)
		})
	})},
	{"length-short", "Content-Length is less than what comes", "well-formed", onLists(func(x *exchange) {
		x.raw(func(c net.Conn) { fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", x.head(), len(x.body)-100, x.body) })
	})},
	{"length-long", "Content-Length is more than what comes, and the connection stays open", "answered", onLists(func(x *exchange) {
		x.raw(func(c net.Conn) {
			fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", x.head(), len(x.body)+100, x.body)
			io.Copy(io.Discard, c) // until the client leaves
		})
	})},
	{"endless-body", "a list has no end", "answer-size", onLists(func(x *exchange) {
		x.wire = func(w http.ResponseWriter) {
			x.start(w, 0)
			io.WriteString(w, strings.TrimSuffix(x.body, "</OAI-PMH>\n"))
			filler := strings.Repeat("<!-- and so on -->\n", 64<<10)
			for {
				if _, err := io.WriteString(w, filler); err != nil {
					return
				}
			}
		}
	})},
	{"gzip-cut", "a compressed list breaks off", "compression", onLists(func(x *exchange) { x.zipped(func(z string) string { return z[:len(z)/2] }) })},
	{"gzip-damaged", "a compressed list is damaged", "compression", onLists(func(x *exchange) {
		x.zipped(func(z string) string { return z[:len(z)-8] + "damaged!" })
	})},
	{"gzip-bomb", "a compressed list of little size grows to more than anybody can hold", "answer-size", onLists(func(x *exchange) {
		x.zipped(func(string) string { return bomb() })
	})},
	{"zstd-unmarked", "a list is compressed by zstd, unasked and unmarked", "well-formed", onLists(func(x *exchange) {
		if e, err := zstd.NewWriter(nil); err == nil {
			x.plain, x.body = true, string(e.EncodeAll([]byte(x.body), nil))
		}
	})},
}

// onLists is a fault of the answers to lists of records.
func onLists(play func(x *exchange)) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		if x.isList() {
			x.ask()
			play(x)
		}
	}
}

// zipped changes the compressed answer, if the client takes one.
func (x *exchange) zipped(change func(string) string) {
	if strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		x.header.Set("Content-Encoding", "gzip")
		x.body = change(string(zip(x.body)))
	}
}

// bomb is 80 MiB of spaces in an OAI-PMH element, compressed.
var bomb = sync.OnceValue(func() string {
	var b strings.Builder
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a legal one
	}
	io.WriteString(z, `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">`)
	spaces := strings.Repeat(" ", 1<<20)
	for range 80 {
		io.WriteString(z, spaces)
	}
	io.WriteString(z, "</OAI-PMH>")
	z.Close()
	return b.String()
})

// start sends the headers, with the length of the body if it is positive.
func (x *exchange) start(w http.ResponseWriter, length int) {
	for name, values := range x.header {
		w.Header()[name] = values
	}
	if w.Header().Del("Content-Length"); length > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(x.status)
	http.NewResponseController(w).Flush()
}

// untilLeft waits until the client has left.
func (x *exchange) untilLeft() { <-x.r.Context().Done() }

// passed waits; it is false if the client leaves meanwhile.
func (x *exchange) passed(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.r.Context().Done():
		return false
	}
}

// raw lets a fault write to the connection itself, and closes that afterwards.
func (x *exchange) raw(write func(c net.Conn)) {
	x.wire = func(w http.ResponseWriter) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			http.Error(w, "This fault is played on a connection only.", http.StatusNotImplemented)
			return
		}
		defer c.Close()
		write(c)
	}
}

// head is the beginning of an answer on a connection.
func (x *exchange) head() string {
	return "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
}
