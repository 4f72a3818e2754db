package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// changes reads the whole log from the feed, as one follower does that begins with nothing: bare lines, and lines with
// oai_dc, of which a digest can be computed.
func (b *bench) changes(ctx context.Context) error {
	for what, args := range map[string]string{"": "", " with oai_dc": "&with=oai_dc"} {
		began, used, lines, size := time.Now(), processorTime(), 0, int64(0)
		for next, more := "0", true; more; {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.gateway.Addresses().Public+"changes?limit=100000&after="+next+args, nil)
			if err != nil {
				return err
			}
			req.Header.Set("Accept-Encoding", "identity")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			last, n, bytes, err := countLines(resp.Body)
			resp.Body.Close()
			if err != nil {
				return err
			}
			if lines, size = lines+n-1, size+bytes; resp.StatusCode != http.StatusOK {
				return fmt.Errorf("the feed answers %s: %s", resp.Status, last)
			}
			var end struct {
				Next string
				More bool
			}
			if err := json.Unmarshal(last, &end); err != nil {
				return err
			}
			next, more = end.Next, end.More
		}
		took := time.Since(began).Seconds()
		b.aim("changes read by one follower"+what, float64(lines)/took, "records/s", 100_000)
		b.add("  processor, with the follower"+what, (processorTime()-used).Seconds()*1e6/float64(lines), "µs/record")
		b.add("the same"+what, float64(size)/took/1e6, "MB/s")
	}
	return nil
}

func countLines(r io.Reader) (last []byte, n int, size int64, err error) {
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := in.ReadSlice('\n')
		size += int64(len(line))
		if err == io.EOF {
			return last, n, size, nil
		}
		if err != nil {
			return nil, 0, 0, err
		}
		n++
		last = append(last[:0], bytes.TrimSpace(line)...)
	}
}
