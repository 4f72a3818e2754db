package observe

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// RequestID is the header of an answer that has the number by which the log names its request.
const RequestID = "X-Request-Id"

// A RequestLog gives each request of OAI-PMH a number, and writes a line for those that could not be answered; for all,
// if All is set. Resumption tokens and what was answered are never in it.
type RequestLog struct {
	Logger *slog.Logger
	All    bool
}

type requestKey struct{}

// Handler gives requests their numbers, which answers carry too.
func (l *RequestLog) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:13] // 65 bits
		w.Header().Set(RequestID, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

// RequestOf is the number of a request that came through a RequestLog.
func RequestOf(r *http.Request) string {
	id, _ := r.Context().Value(requestKey{}).(string)
	return id
}

// Observe writes the line of a request, if it deserves one.
func (l *RequestLog) Observe(client netip.Addr, r *http.Request, o *oaipmh.Observation) {
	level := slog.LevelInfo
	failed := o.Status >= 500 && o.Status != http.StatusServiceUnavailable // those who are told to come later are counted
	if failed {
		level = slog.LevelError
	}
	if !failed && !l.All || !l.Logger.Enabled(r.Context(), level) {
		return
	}
	attrs := []any{"request", RequestOf(r), "client", client.String(), "agent", wording.ClipLine(r.UserAgent(), maxAgent), "verb", o.Verb, "status", o.Status}
	for _, a := range []struct{ name, value string }{{"prefix", o.Prefix}, {"set", o.Set}, {"from", stamp(o.From)}, {"until", stamp(o.Until)}} {
		if a.value != "" {
			attrs = append(attrs, a.name, a.value)
		}
	}
	if len(o.Codes) > 0 {
		attrs = append(attrs, "codes", o.Codes)
	}
	attrs = append(attrs, "records", o.Records, "cursor", o.Cursor, "bytes", o.Bytes, "took", o.Duration.Round(time.Microsecond))
	if o.Err != nil {
		attrs = append(attrs, "err", o.Err)
	}
	l.Logger.Log(r.Context(), level, "an OAI-PMH request", attrs...)
}

// stamp writes a moment; empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
