package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Client gives commands to the process that has a data folder open.
type Client struct {
	http *http.Client
	own  io.Closer // nil if another process has the folder open
	// Who gives the commands, and how ([audit.ByCommand]); from is the address of the person, if it is known.
	who, via, from string
}

// Introduce says who gives the commands of the client.
func (c *Client) Introduce(who, via, from string) { c.who, c.via, c.from = who, via, from }

// For returns the same client, which gives commands for another person. It must not be closed.
func (c *Client) For(who, via, from string) *Client {
	return &Client{http: c.http, own: c.own, who: who, via: via, from: from}
}

// Answers says whether a process that has the data folder open answers commands.
func Answers(dir string) bool {
	path, err := socketPath(dir)
	if err != nil {
		return false
	}
	conn, err := net.Dial("unix", path)
	return err == nil && conn.Close() == nil
}

// NewClient makes a client for a data folder. If this process has opened the folder for the time of the command,
// own is what it has opened, which ends with the client. The caller must Close the client.
func NewClient(dir string, own io.Closer) (*Client, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	return &Client{own: own, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}}, nil
}

// Close ends the client, and closes the folder if this process opened it.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	if c.own == nil {
		return nil
	}
	return c.own.Close()
}

// Gateway says whether a running gateway answers, rather than a folder that this process has opened itself.
func (c *Client) Gateway() bool { return c.own == nil }

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
	address, body := "http://gateway"+path, io.Reader(nil)
	if method == http.MethodPost { // a draft of a mapping is too long for an address
		body = strings.NewReader(args.Encode())
	} else {
		address += "?" + args.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	c.introduce(req)
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
