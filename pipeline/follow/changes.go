package follow

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// askLimit is how many changes are asked for at once. A cut costs none of those that came.
	askLimit = 10_000
	// maxLine is the longest line that is read: a record with an original of the largest size that a gateway takes.
	maxLine = 128 << 20
	// silence is how long an answer may give nothing before it counts as cut.
	silence = 90 * time.Second
	// maxSmall is the longest answer that is read whole: a problem, a manifest.
	maxSmall = 16 << 20
)

var (
	errCut     = errors.New("the answer was cut")
	errStalled = fmt.Errorf("nothing came for %v", silence)
)

// A goneError says that a place is none of the log.
type goneError struct {
	Detail string `json:"detail"`
	Epoch  int64  `json:"epoch,string"`
}

func (e *goneError) Error() string {
	return "the place is none in the gateway's log: " + e.Detail
}

// A tail is the last line of an answer.
type tail struct {
	Head *Head  `json:"head"`
	Next string `json:"next"`
	More bool   `json:"more"`
}

// ask asks /changes once, and gives what comes. It returns whether there is more already.
func (r *run) ask(ctx context.Context, wait time.Duration) (more bool, err error) {
	body, err := r.get(ctx, r.changesURL(r.place.Position, askLimit, wait), wait)
	if err != nil {
		return false, err
	}
	defer body.Close()
	c := collector{run: r, at: r.place.Position}
	lines := bufio.NewReaderSize(body, 64<<10)
	for {
		line, err := readLine(lines)
		if err != nil { // what came whole is right
			return false, errors.Join(c.give(ctx, nil), err)
		}
		if bytes.HasPrefix(line, []byte(`{"head"`)) {
			return c.end(ctx, line)
		}
		d := decoded{line: string(line)} // the reader's buffer is used again
		d.change, d.err = r.decode(d.line)
		if err := c.take(ctx, &d, true); err != nil {
			return false, err
		}
	}
}

func (r *run) changesURL(after pipeline.Position, limit int, wait time.Duration) *url.URL {
	u := r.base.JoinPath("changes")
	q, _ := url.ParseQuery(r.asked()) // we have made it
	q.Set("after", "0")
	if after.Epoch != 0 {
		q.Set("after", after.String())
	}
	q.Set("limit", strconv.Itoa(limit))
	if wait > 0 {
		q.Set("wait", wait.String())
	}
	u.RawQuery = q.Encode()
	return u
}

// A collector makes batches of lines.
type collector struct {
	*run
	at      pipeline.Position // the place behind the last line
	changes []Change
	bytes   int
}

// take takes a line. With chained, it must say that it follows the one before.
func (c *collector) take(ctx context.Context, d *decoded, chained bool) error {
	if d.err != nil {
		return fmt.Errorf("a line is no change: %w", d.err)
	}
	ch := &d.change
	at := pipeline.Cursor{Epoch: ch.Epoch, Seq: ch.Seq}
	switch {
	case ch.Identifier == "" || ch.Epoch < 1 || ch.Operation != Upserted && ch.Operation != Deleted:
		return fmt.Errorf("a line behind %s is no change: %.200s", c.at, d.line)
	case c.at.Epoch != 0 && at.Epoch != c.at.Epoch, at.Seq <= c.at.Seq, chained && ch.Prev != c.at.Seq:
		return fmt.Errorf("the line of %s says that it follows %d, and came behind %s: %w", at, ch.Prev, c.at, errCut)
	}
	return c.add(ctx, *ch, len(d.line))
}

// decode reads a line, which is kept with the change if that was asked for.
func (r *run) decode(line string) (ch Change, err error) {
	ch, ok := readChange(line)
	if !ok {
		err = json.Unmarshal([]byte(line), &ch)
	}
	if err == nil && r.With.Line {
		line = strings.TrimSpace(line)
		if rest, is := strings.CutSuffix(line, fmt.Sprintf(`,"seen":"%d"}`, ch.Seen)); is { // it is of the answer, and not of the record
			line = rest + "}"
		}
		ch.Line = json.RawMessage(line)
	}
	return ch, err
}

func (c *collector) add(ctx context.Context, ch Change, size int) error {
	if len(c.changes) > 0 && (len(c.changes) == c.BatchRecords || c.bytes+size > c.BatchBytes) {
		if err := c.give(ctx, nil); err != nil {
			return err
		}
	}
	c.changes = append(c.changes, ch)
	c.bytes += size
	c.at = pipeline.At(pipeline.Cursor{Epoch: ch.Epoch, Seq: ch.Seq}, max(ch.Seen, c.at.Seen))
	return nil
}

// give gives what was collected.
func (c *collector) give(ctx context.Context, head *Head) error {
	err := c.run.give(ctx, c.changes, c.at, head)
	// The handler may keep them. The next batch is probably as large, and they are too large to be copied as it grows.
	c.changes, c.bytes = make([]Change, 0, len(c.changes)), 0
	return err
}

// end takes the last line of an answer.
func (c *collector) end(ctx context.Context, line []byte) (more bool, err error) {
	var t tail
	if err := json.Unmarshal(line, &t); err != nil || t.Head == nil {
		return false, errors.Join(c.give(ctx, nil), fmt.Errorf("the last line of the answer can't be read: %.200s", line))
	}
	next, err := pipeline.ParsePosition(t.Next)
	if err != nil || next.Seq < c.at.Seq || c.at.Epoch != 0 && next.Epoch != c.at.Epoch {
		return false, errors.Join(c.give(ctx, nil), fmt.Errorf("the answer ends at %q, behind %s", t.Next, c.at))
	}
	c.at = next
	if t.More || t.Head.Epoch != next.Epoch || t.Head.Seq != next.Seq {
		return true, c.give(ctx, nil)
	}
	return false, c.give(ctx, t.Head)
}

// readLine reads a whole line; one without its end was cut.
func readLine(r *bufio.Reader) ([]byte, error) {
	var long []byte
	for {
		part, err := r.ReadSlice('\n')
		switch {
		case len(long)+len(part) > maxLine:
			return nil, permanentError{fmt.Errorf("a line is longer than %d bytes", maxLine)}
		case err == nil && long == nil:
			return part, nil
		case err == nil:
			return append(long, part...), nil
		case errors.Is(err, bufio.ErrBufferFull):
			long = append(long, part...)
		case errors.Is(err, io.EOF):
			return nil, errCut
		default:
			return nil, fmt.Errorf("%w: %w", errCut, err)
		}
	}
}

// get asks the gateway. The body must be closed.
func (r *run) get(ctx context.Context, u *url.URL, wait time.Duration, headers ...string) (*watched, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(wait+silence, func() { cancel(errStalled) })
	end := func() { watch.Stop(); cancel(nil) }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		end()
		return nil, permanentError{err}
	}
	req.Header.Set("User-Agent", "sheaf-follow")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := r.Client.Do(req)
	if err != nil {
		defer end()
		if why := context.Cause(ctx); why != nil {
			err = why
		}
		return nil, err
	}
	watch.Stop()
	body := &watched{body: resp.Body, ctx: ctx, watch: watch, end: end, partial: resp.StatusCode == http.StatusPartialContent}
	if resp.StatusCode == http.StatusOK || body.partial && len(headers) > 0 {
		return body, nil
	}
	defer body.Close()
	return nil, refusal(resp, body)
}

// refusal makes an error of an answer.
func refusal(resp *http.Response, body io.Reader) error {
	b, _ := io.ReadAll(io.LimitReader(body, 64<<10)) // the status says enough
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var problem struct {
		Title, Detail string
		Epoch         string
	}
	if media == "application/problem+json" {
		_ = json.Unmarshal(b, &problem) // as before
	}
	err := fmt.Errorf("%s answers %s", resp.Request.URL.Redacted(), resp.Status)
	if problem.Title != "" {
		err = fmt.Errorf("%w: %s. %s", err, problem.Title, problem.Detail)
	}
	switch code := resp.StatusCode; {
	case code == http.StatusGone && problem.Epoch != "":
		gone := &goneError{Detail: problem.Detail}
		gone.Epoch, _ = strconv.ParseInt(problem.Epoch, 10, 64) // 0 if it is none
		return gone
	case code == http.StatusNotFound:
		return permanentError{fmt.Errorf("%w; is it the address of a gateway's public pages?", err)}
	case code == http.StatusTooManyRequests || code >= 500:
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 if there is none
		return busyError{err, time.Duration(after) * time.Second}
	case code == http.StatusRequestTimeout:
		return err
	}
	return permanentError{err}
}

// A watched body ends when nothing comes for long. The time that the reader takes does not count.
type watched struct {
	body    io.ReadCloser
	ctx     context.Context // of this one request
	watch   *time.Timer
	end     func()
	partial bool // it begins where the request's Range does
}

func (w *watched) Read(b []byte) (int, error) {
	w.watch.Reset(silence)
	n, err := w.body.Read(b)
	w.watch.Stop()
	if err != nil && err != io.EOF {
		if why := context.Cause(w.ctx); why != nil {
			err = why
		}
	}
	return n, err
}

func (w *watched) Close() error {
	w.end()
	return w.body.Close()
}
