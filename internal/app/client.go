package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/internal/survey"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Client gives commands to whoever has the data folder open.
type Client struct {
	http *http.Client
	own  *Core // opened by Connect, if nobody had it open
}

// Connect talks to the gateway that has the configured data folder open, or opens it for the time of
// the command. The caller must Close the client.
func Connect(ctx context.Context, cfg *config.Config, o Options) (*Client, error) {
	path, err := socketPath(cfg.Data)
	if err != nil {
		return nil, err
	}
	c := &Client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}}
	if conn, err := net.Dial("unix", path); err == nil {
		return c, conn.Close()
	}
	c.own, err = Open(ctx, cfg, o)
	if errors.Is(err, sqlite.ErrInUse) {
		return nil, fmt.Errorf("%w, which does not answer commands; if it is a gateway that is starting, try again", err)
	}
	return c, err
}

// Close ends the client, and closes the folder if the client opened it.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	if c.own == nil {
		return nil
	}
	return c.own.Close()
}

// Gateway says whether a running gateway answers, rather than the folder that the client opened itself.
func (c *Client) Gateway() bool { return c.own == nil }

// Info says who answers.
func (c *Client) Info(ctx context.Context) (i Info, err error) {
	return i, c.get(ctx, "/info", nil, &i)
}

// Sources says what is configured and how it stands.
func (c *Client) Sources(ctx context.Context) (out []SourceInfo, err error) {
	return out, c.get(ctx, "/sources", nil, &out)
}

// Record gives one record. pipeline.ErrNotFound if there is none.
func (c *Client) Record(ctx context.Context, identifier string) (*pipeline.Record, error) {
	var rec pipeline.Record
	return &rec, c.get(ctx, "/record", url.Values{"id": {identifier}}, &rec)
}

// Quarantine gives up to limit (at most 1,000) rejected items of a source, or of all, whose number is
// larger than after, in order of their numbers.
func (c *Client) Quarantine(ctx context.Context, source string, after int64, limit int) (out []store.Quarantined, err error) {
	return out, c.get(ctx, "/quarantine", url.Values{
		"source": {source}, "after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(limit)},
	}, &out)
}

// Harvesters says who harvests the gateway, the one heard of last first.
func (c *Client) Harvesters(ctx context.Context) (out []HarvesterInfo, err error) {
	return out, c.get(ctx, "/harvesters", nil, &out)
}

// Backup writes a copy of the log to a file on the gateway's machine.
func (c *Client) Backup(ctx context.Context, file string) error {
	body, err := c.do(ctx, http.MethodPost, "/backup", url.Values{"file": {file}})
	if err != nil {
		return err
	}
	return body.Close()
}

// Records calls f for each record of the log, in its order; of one source, if it is not empty.
func (c *Client) Records(ctx context.Context, source string, f func(*pipeline.Record) error) error {
	return lines(ctx, c, http.MethodGet, "/records", url.Values{"source": {source}}, func(l *struct {
		pipeline.Record
		failure
	}) error {
		if l.Error != "" {
			return errors.New(l.Error)
		}
		return f(&l.Record)
	})
}

// Harvest runs a source and calls progress for each line of news, the last one with Done set.
func (c *Client) Harvest(ctx context.Context, source string, o pipeline.Order, progress func(*HarvestLine) error) error {
	args := url.Values{"source": {source}}
	if o.Full {
		args.Set("full", "1")
	}
	if o.Accept {
		args.Set("accept", "1")
	}
	return lines(ctx, c, http.MethodPost, "/harvest", args, progress)
}

// Originals gives the first records of a source, at most limit (and at most 100, or fewer that are
// large), with their originals.
func (c *Client) Originals(ctx context.Context, source string, limit int) (out []pipeline.Kept, err error) {
	return out, c.get(ctx, "/originals", url.Values{"source": {source}, "limit": {strconv.Itoa(limit)}}, &out)
}

// A RemapOrder says what a remap is to do.
type RemapOrder struct {
	Source string
	Apply  bool    // store what the rules make; else count
	Rate   float64 // records that may change in a second; as fast as it goes if zero
	Rules  string  // version that the rules must have, if not empty
}

// Remap runs the rules of a source over its originals, and calls progress for each line of news; the
// last one has a report.
func (c *Client) Remap(ctx context.Context, o RemapOrder, progress func(*RemapLine) error) error {
	args := url.Values{"source": {o.Source}, "rules": {o.Rules}, "rate": {strconv.FormatFloat(o.Rate, 'g', -1, 64)}}
	if o.Apply {
		args.Set("apply", "1")
	}
	return lines(ctx, c, http.MethodPost, "/remap", args, progress)
}

// Quality measures the records of a source.
func (c *Client) Quality(ctx context.Context, source string) (*survey.Quality, error) {
	var q survey.Quality
	return &q, c.ask(ctx, http.MethodPost, "/quality", url.Values{"source": {source}}, &q)
}

func (c *Client) get(ctx context.Context, path string, args url.Values, v any) error {
	return c.ask(ctx, http.MethodGet, path, args, v)
}

// ask reads an answer that is one JSON value.
func (c *Client) ask(ctx context.Context, method, path string, args url.Values, v any) error {
	body, err := c.do(ctx, method, path, args)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(v); err != nil {
		return fmt.Errorf("read the gateway's answer: %w", err)
	}
	return nil
}

// lines calls f for each JSON value of the answer.
func lines[T any](ctx context.Context, c *Client, method, path string, args url.Values, f func(*T) error) error {
	body, err := c.do(ctx, method, path, args)
	if err != nil {
		return err
	}
	defer body.Close()
	dec := json.NewDecoder(body)
	for {
		var v T
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the gateway's answer: %w", err)
		}
		if err := f(&v); err != nil {
			return err
		}
	}
}

func (c *Client) do(ctx context.Context, method, path string, args url.Values) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://gateway"+path+"?"+args.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the gateway: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	var f failure
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&f); err != nil || f.Error == "" {
		return nil, fmt.Errorf("the gateway answers %s", resp.Status)
	}
	if resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%w: %s", pipeline.ErrNotFound, f.Error)
	}
	return nil, errors.New(f.Error)
}
