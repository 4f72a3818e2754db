package webhook

import (
	"context"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The types of what is sent beside changes.
const (
	// ping: somebody tries whether the receiver can be reached.
	ping = "sheaf.webhook.ping.v1"
	// passBegan: everything that the subscription wants of the log is sent now, from its beginning, in this epoch.
	passBegan = "sheaf.webhook.pass-began.v1"
	// passCompleted: all of it is delivered. What the receiver holds and was not sent since the pass began is not in the
	// log any more.
	passCompleted = "sheaf.webhook.pass-completed.v1"
)

// notice writes an event that is not about a record. which tells it from others of its type.
func (h *hook) notice(kind, which string, place pipeline.Cursor) (id string, body []byte) {
	id = kind + "/" + h.sub.Name + "/" + which
	b := wording.AppendJSON([]byte(`{"specversion":"1.0","id":`), id)
	b = h.encoder.AppendURL(append(b, `,"source":`...), "/", "", "")
	b = wording.AppendJSON(append(b, `,"type":`...), kind)
	b = wording.AppendJSON(append(b, `,"subject":`...), h.sub.Name)
	b = changejson.AppendTime(append(b, `,"time":"`...), time.Now())
	b = wording.AppendJSON(append(b, `","datacontenttype":"application/json","data":{"webhook":`...), h.sub.Name)
	b = strconv.AppendInt(append(b, `,"epoch":"`...), place.Epoch, 10)
	b = strconv.AppendInt(append(b, `","seq":"`...), place.Seq, 10)
	return id, append(b, `"}}`...)
}

// tell sends a notice about a pass, which then is the next one. A receiver that refuses it has heard it: it needs none.
func (h *hook) tell(ctx context.Context, st *standing, kind string, next pass) error {
	id, body := h.notice(kind, strconv.FormatInt(st.place.Epoch, 10)+"."+strconv.FormatInt(st.place.Seq, 10), st.place)
	j := &job{result: h.sender.send(ctx, id, body)}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	h.counted(j.Outcome)
	now := time.Now()
	switch j.Outcome {
	case Delivered:
		st.delivered, st.failing, st.pass = now, time.Time{}, next
	case Refused:
		st.pass = next
	case Gone:
		st.ended = now
	default:
		if st.why = j.why; st.failing.IsZero() {
			st.failing = now
		}
	}
	h.rest([]*job{j}, j.Outcome == Delivered, j.after)
	return h.state.Write(ctx, func(q store.Queries) error { return put(q, h.sub.Name, st) })
}
