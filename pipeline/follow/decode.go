package follow

import "runtime"

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

// readChunk reads lines, and begins to decode them.
func (r *run) readChunk(next func() ([]byte, error)) *chunk {
	c := &chunk{done: make(chan struct{})}
	for size := 0; len(c.lines) < chunkLines && size < chunkBytes; {
		line, err := next()
		if err != nil {
			c.end = err
			break
		}
		c.lines = append(c.lines, decoded{line: string(line)})
		size += len(line)
	}
	go func() {
		defer close(c.done)
		for i := range c.lines {
			d := &c.lines[i]
			d.change, d.err = r.decode(d.line)
		}
	}()
	return c
}
