package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/doctor"
	"github.com/sheaf-gateway/sheaf/internal/store"
)

// serveDoctor checks what the gateway stands on, and answers with one finding a line; the log itself takes longest, and is last.
func (g *Gateway) serveDoctor(w http.ResponseWriter, r *http.Request) {
	serving := r.FormValue("serving") == "true"
	out := newStream(w)
	for _, check := range []func(context.Context) doctor.Finding{
		g.folderChecked,
		func(context.Context) doctor.Finding { return doctor.Permissions(g.Config.Data) },
		g.clockChecked,
		func(context.Context) doctor.Finding { return versionsChecked(g.Version, r.FormValue("version")) },
		func(ctx context.Context) doctor.Finding { return doctor.Ports(ctx, g.Config, serving) },
		func(ctx context.Context) doctor.Finding { return g.streamChecked(ctx, serving) },
		g.backupsChecked,
		func(context.Context) doctor.Finding { return doctor.Certificates(g.Config, time.Now()) },
		func(ctx context.Context) doctor.Finding { return doctor.Sources(ctx, g.Config, time.Now()) },
		g.logChecked,
	} {
		out.send(check(r.Context()))
	}
	for _, remark := range g.Log.Server(r.Context()) {
		out.send(doctor.Finding{Check: remark.Check, Found: remark.Found, Advice: remark.Advice})
	}
}

func (g *Gateway) folderChecked(context.Context) doctor.Finding {
	f := doctor.Finding{Check: "folder", Found: g.Config.Data + " is there, and the last write went well"}
	if free, ok := g.Log.DiskFree(); ok {
		f.Found += fmt.Sprintf("; %d MiB are free", free>>20)
	}
	if err := g.Log.Health(); err != nil && !errors.Is(err, store.ErrDamaged) {
		f.Advice = err.Error()
	}
	return f
}

func (g *Gateway) clockChecked(ctx context.Context) doctor.Finding {
	f := doctor.Finding{Check: "clock", Found: "it can be trusted"}
	if _, err := g.Log.Head(ctx); err != nil {
		f.Advice, f.Broken = err.Error(), true
	} else if err := g.Log.Trouble(); err != nil {
		f.Advice = err.Error()
	}
	return f
}

// versionsChecked finds a gateway that was not restarted after its program was replaced, or a second program that is in
// the way.
func versionsChecked(gateway, command string) doctor.Finding {
	f := doctor.Finding{Check: "versions", Found: "the log is one that sheaf " + gateway + " may write"}
	if gateway != command {
		f.Advice = fmt.Sprintf("the gateway that runs is sheaf %s, and this command is sheaf %s; restart the gateway if it was upgraded, or use the program that it was started with", gateway, command)
	}
	return f
}

// streamChecked holds the event stream against the log. Only a gateway that serves knows its stream.
func (g *Gateway) streamChecked(ctx context.Context, serving bool) doctor.Finding {
	f := doctor.Finding{Check: "events", Found: "nothing is published (events.kind: none)"}
	if g.Config.Events.Kind == "none" {
		return f
	}
	info := (*EventsInfo)(nil)
	if g.Events != nil {
		info = g.Events()
	}
	head, err := g.Log.Head(ctx)
	switch {
	case err != nil:
		f.Advice = err.Error()
	case !serving || info == nil:
		f.Found = "the stream is held against the log while the gateway runs; ask again then"
	case info.Trouble != "":
		f.Advice = "events wait in the log, where they are safe: " + info.Trouble
	case info.Place.Epoch != head.Epoch && head.Seq > 0:
		f.Found = fmt.Sprintf("the stream is of epoch %d, and is being brought to epoch %d of the log", info.Place.Epoch, head.Epoch)
	case info.Place.Seq > head.Seq:
		f.Advice = fmt.Sprintf("the stream has event %d, and the log ends at %d; look at the gateway's log, which should begin a new epoch by itself", info.Place.Seq, head.Seq)
	case info.Strays > 0:
		f.Advice = fmt.Sprintf("%d messages of others are in the stream; find out who may write to its subjects, and take that right away", info.Strays)
	default:
		f.Found = fmt.Sprintf("the stream has everything up to %d, and the log ends at %d", info.Place.Seq, head.Seq)
	}
	return f
}

// backupsChecked looks at the copies that are kept, where they are kept.
func (g *Gateway) backupsChecked(ctx context.Context) doctor.Finding {
	f := doctor.Finding{Check: "backups", Found: "the configuration has none made (backup)"}
	if g.Kept == nil {
		return f
	}
	copies, err := g.Kept.Place.List(ctx)
	where := g.Kept.Place.Where("")
	switch n := len(copies); {
	case err != nil:
		f.Advice = err.Error()
	case n == 0:
		f.Advice = "there is no copy at " + where + " yet; sheaf backup makes one now, and says what is in the way"
	case time.Since(copies[n-1].At) > 2*g.Kept.Every:
		f.Advice = fmt.Sprintf("the newest copy is %s, older than twice the time from one to the next; sheaf backup makes one now, and says what is in the way", g.Kept.Place.Where(copies[n-1].Name))
	default:
		f.Found = fmt.Sprintf("%d at %s, the newest %s", n, where, copies[n-1].Name)
	}
	return f
}

func (g *Gateway) logChecked(ctx context.Context) doctor.Finding {
	n, err := g.Log.Check(ctx, true)
	f := doctor.Finding{Check: "log", Found: fmt.Sprintf("it is whole: the structure of the database, and the digest of its %d records", n)}
	if err != nil {
		f.Advice, f.Broken = err.Error(), true
	}
	return f
}

// Doctor checks what the gateway stands on, and calls f for each finding. The version is that of the program that asks.
func (c *Client) Doctor(ctx context.Context, version string, f func(*doctor.Finding) error) error {
	return lines(ctx, c, http.MethodPost, "/doctor", url.Values{"version": {version}, "serving": {strconv.FormatBool(c.Gateway())}}, f)
}
