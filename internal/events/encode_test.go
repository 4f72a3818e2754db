package events

import (
	"encoding/json"
	"strconv"
	"testing"
)

// A parsed is an event as a consumer reads it.
type parsed struct {
	SpecVersion, ID, Source, Type, Subject, Time, DataContentType, Sequence, DataRef string
	Data                                                                             struct {
		Identifier, Source, Epoch, Seq, Prev string
		Version                              int64
		Operation, Reason, Datestamp, Hash   string
		Sets, Formats                        []string
		Links                                struct{ OAI, Page, JSON string }
		Record                               json.RawMessage
		Title, Date                          *string
	}
}

func (p parsed) seq() int64  { n, _ := strconv.ParseInt(p.Data.Seq, 10, 64); return n }
func (p parsed) prev() int64 { n, _ := strconv.ParseInt(p.Data.Prev, 10, 64); return n }

func parse(t testing.TB, data []byte) parsed {
	t.Helper()
	var p parsed
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	return p
}

type parsedNotice struct {
	SpecVersion, ID, Source, Type, Subject, Time string
	Data                                         json.RawMessage
}

func parseNotice(t testing.TB, data []byte) (p parsedNotice) {
	t.Helper()
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	return p
}
