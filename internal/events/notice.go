package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxNotice bounds the facts of a notice, in bytes of JSON.
const maxNotice = 256 << 10

// Notify publishes a notice for operators on the stream of notices, once at most. The families of
// types are source, harvest, consumer and snapshot: "harvest.completed" of the source cold-war goes to
// sheaf.v1.harvests.cold-war.completed as sheaf.harvest.completed.v1.
func (c *Client) Notify(ctx context.Context, n pipeline.Notice) error {
	if err := c.notify(ctx, n); err != nil {
		if !errors.Is(err, context.Canceled) {
			c.metrics.errors.WithLabelValues(kindNotice).Inc()
		}
		return fmt.Errorf("publish the notice %s: %w", n.Type, err)
	}
	return nil
}

func (c *Client) notify(ctx context.Context, n pipeline.Notice) error {
	subject, err := c.names.notice(n)
	if err != nil {
		return err
	}
	m, err := encodeNotice(&c.enc, n)
	if err != nil {
		return err
	}
	m.Subject = subject
	if _, err := c.connected(); err != nil {
		return err
	}
	return c.put(ctx, m)
}

// keepNotices sets the stream of notices back if there is one. If that fails the next notice says why.
func (c *Client) keepNotices(ctx context.Context) {
	if !c.Connected() {
		return
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	s, err := c.js.Stream(ctx, c.names.ops)
	if err == nil && !c.o.CheckOnly {
		_, err = c.keep(ctx, s, c.opsConfig())
	}
	c.ops.Store(err == nil)
}

// notice is the subject of a notice.
func (n names) notice(m pipeline.Notice) (string, error) {
	family, event, ok := strings.Cut(m.Type, ".")
	if !ok || event == "" || string(appendToken(nil, event)) != event {
		return "", fmt.Errorf("the type %q is not FAMILY.EVENT", m.Type)
	}
	switch family {
	case "source", "harvest", "consumer":
		return n.subjects + family + "s." + string(appendToken(nil, m.Source)) + "." + event, nil
	case "snapshot":
		return n.subjects + "snapshots." + event, nil
	}
	return "", fmt.Errorf("the type %q is not of a source, a harvest, a consumer or a snapshot", m.Type)
}

// encodeNotice encodes a notice. Its id is made of type, source, and run (or time), so that it is the same
// when the same notice is given again.
func encodeNotice(e *changejson.EventEncoder, n pipeline.Notice) (*nats.Msg, error) {
	data, err := json.Marshal(n.Data)
	if err != nil {
		return nil, err
	}
	if n.Data == nil {
		data = []byte("{}")
	}
	if len(data) > maxNotice {
		return nil, fmt.Errorf("its facts take %d bytes, and may take %d", len(data), maxNotice)
	}
	at := n.Time.UTC().Format(time.RFC3339Nano)
	which := at
	if run, ok := n.Data["run"]; ok {
		which = fmt.Sprint(run)
	}
	id := "sheaf." + n.Type + ".v1/" + string(appendToken(nil, n.Source)) + "/" + string(changejson.AppendEscaped(nil, which, true))

	b := wording.AppendJSON([]byte(`{"specversion":"1.0","id":`), id)
	b = append(b, `,"source":`...)
	if family, _, _ := strings.Cut(n.Type, "."); n.Source != "" && family != "consumer" {
		b = e.AppendURL(b, "/sources/", n.Source, "")
	} else {
		b = e.AppendURL(b, "/", "", "")
	}
	b = wording.AppendJSON(append(b, `,"type":`...), "sheaf."+n.Type+".v1")
	if n.Source != "" {
		b = wording.AppendJSON(append(b, `,"subject":`...), n.Source)
	}
	b = wording.AppendJSON(append(b, `,"time":`...), at)
	b = append(append(b, `,"datacontenttype":"application/json","data":`...), data...)
	return &nats.Msg{
		Header: nats.Header{nats.MsgIdHdr: {id}, headerContentType: {changejson.EventType}},
		Data:   append(b, '}'),
	}, nil
}
