package follow

import (
	"bytes"
	"runtime"
	"sync"
)

// A line takes longer to read as JSON than to come from a dump, so many are read at once, on all cores, and are given in
// their order.

const (
	chunkLines = 200
	chunkBytes = 1 << 20
)

// A decoded is a line that was read, or why it could not be.
type decoded struct {
	change Change
	line   string
	err    error
}

// A chunk is some lines that are read one after the other.
type chunk struct {
	text  *bytes.Buffer // all of them
	ends  []int         // where each ends in it
	lines []decoded
	end   error // what next said instead of a further line
	done  chan struct{}
}

// eachLine calls use for each line that next gives, in their order. end is what next says in the place of a further line,
// and err what use says of one, which ends it. next may use the memory of a line again. When eachLine returns, next is not
// being called any more.
func (r *run) eachLine(next func() ([]byte, error), use func(*decoded) error) (end, err error) {
	chunks := make(chan *chunk, runtime.GOMAXPROCS(0))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		defer close(chunks)
		for end := error(nil); end == nil; {
			c := r.readChunk(next)
			end = c.end
			select {
			case chunks <- c:
			case <-stop:
				return
			}
		}
	}()
	defer func() {
		close(stop)
		<-stopped
	}()
	for c := range chunks {
		<-c.done
		for i := range c.lines {
			if err := use(&c.lines[i]); err != nil {
				return nil, err
			}
		}
		end = c.end
	}
	return end, nil
}

// texts are of chunks that are decoded.
var texts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readChunk reads lines, and begins to decode them. What takes time is left to that, because the lines come from one
// goroutine.
func (r *run) readChunk(next func() ([]byte, error)) *chunk {
	c := &chunk{text: texts.Get().(*bytes.Buffer), ends: make([]int, 0, chunkLines), done: make(chan struct{})}
	c.text.Reset()
	for len(c.ends) < chunkLines && c.text.Len() < chunkBytes {
		line, err := next()
		if err != nil {
			c.end = err
			break
		}
		c.text.Write(line)
		c.ends = append(c.ends, c.text.Len())
	}
	go func() {
		defer close(c.done)
		c.lines = make([]decoded, len(c.ends))
		text, from := c.text.Bytes(), 0
		for i, end := range c.ends {
			d := &c.lines[i]
			d.line = string(text[from:end]) // its own, because consumers may keep parts of it
			d.change, d.err = r.decode(d.line)
			from = end
		}
		if c.text.Cap() <= 2*chunkBytes { // a line may be very long
			texts.Put(c.text)
		}
	}()
	return c
}
