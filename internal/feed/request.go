package feed

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	defaultLimit = 1000
	maxLimit     = 100_000
	maxWait      = time.Minute
	maxQuery     = 8 << 10 // bytes
	maxSetSpec   = 1 << 10
)

// A request is what a follower asks for.
type request struct {
	// after is where to go on; zero for the beginning, in whatever epoch the log is.
	after       pipeline.Position
	source, set string
	with        changejson.Extras
	limit       int
	wait        time.Duration
	stream      bool // as server-sent events
}

var sourceName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// parse reads the arguments. Each may be there once, and no other may: a misspelt filter would give everything.
func parse(r *http.Request) (*request, *problem) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, malformed("The query is longer than 8 KiB.")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, malformed("The query is not well-formed: " + wording.ClipLine(err.Error(), 200) + ".")
	}
	q := &request{limit: defaultLimit, stream: web.Names(r.Header.Values("Accept"), "text/event-stream")}
	for name, values := range query {
		set, known := arguments[name]
		if !known {
			return nil, malformed("There is no argument " + wording.ClipLine(strconv.Quote(name), 100) + "; there are after, limit, source, set, wait and with.")
		}
		if len(values) > 1 {
			return nil, malformed("The argument " + name + " is there more than once.")
		}
		if what := set(q, values[0]); what != "" {
			return nil, malformed(name + "=" + wording.ClipLine(values[0], 100) + ": " + what)
		}
	}
	if id := r.Header.Get("Last-Event-ID"); q.stream && id != "" {
		if what := arguments["after"](q, id); what != "" {
			return nil, malformed("Last-Event-ID: " + wording.ClipLine(id, 100) + ": " + what)
		}
	}
	return q, nil
}

// arguments read one argument each, and say what is wrong with it.
var arguments = map[string]func(q *request, value string) string{
	"after": func(q *request, value string) string {
		if value == "" || value == "0" {
			q.after = pipeline.Position{}
			return ""
		}
		at, err := pipeline.ParsePosition(value)
		if err != nil {
			return "this is no place in a log; one looks like 1786000000000.1200, and 0 is the beginning."
		}
		q.after = at
		return ""
	},
	"limit": func(q *request, value string) string {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxLimit {
			return "give a number of records from 1 to " + strconv.Itoa(maxLimit) + "."
		}
		q.limit = n
		return ""
	},
	"source": func(q *request, value string) string {
		if !sourceName.MatchString(value) {
			return "the name of a source has letters a–z, digits and hyphens."
		}
		q.source = value
		return ""
	},
	"set": func(q *request, value string) string {
		if len(value) > maxSetSpec || !oaipmh.ValidSetSpec(value) {
			return "this is no setSpec; verb=ListSets of OAI-PMH lists those that there are."
		}
		q.set = value
		return ""
	},
	"wait": func(q *request, value string) string {
		wait, err := time.ParseDuration(value)
		if seconds, e := strconv.Atoi(value); e == nil {
			wait, err = time.Duration(min(seconds, 3600))*time.Second, nil
		}
		if err != nil || wait < 0 {
			return "give a time such as 30s, up to 60s."
		}
		q.wait = min(wait, maxWait)
		return ""
	},
	"with": func(q *request, value string) string {
		for name := range strings.SplitSeq(value, ",") {
			switch name {
			case "oai_dc":
				q.with.OAIDC = true
			case "original":
				q.with.Original = true
			case "origin":
				q.with.Origin = true
			default:
				return "there are oai_dc, original and origin, with commas between."
			}
		}
		return ""
	},
}

// wanted is what is asked of the log next. Of a set all sources are read.
func (q *request) wanted(after pipeline.Position, limit int) pipeline.Wanted {
	source := q.source
	if q.set != "" {
		source = ""
	}
	return pipeline.Wanted{After: after.Seq, Epoch: after.Epoch, Seen: after.Seen, Source: source, Set: q.set, OAIDC: q.with.OAIDC, Original: q.with.Original, Limit: limit, Bytes: pieceBytes}
}
