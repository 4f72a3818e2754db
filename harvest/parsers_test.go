package harvest

import (
	"bytes"
	"testing"
	"time"
)

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, " 120 ": 2 * time.Minute, "1.5": 1500 * time.Millisecond, "0": time.Second,
		"Fri, 01 May 2026 12:01:00 GMT": time.Minute, "Fri, 01 May 2026 11:00:00 GMT": time.Second,
		"-5": 0, "NaN": 0, "soon": 0, "1e300": 365 * 24 * time.Hour, "99999999999999999999": 365 * 24 * time.Hour,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Fri, 01 May 2026 12:01:00 GMT")
	f.Fuzz(func(t *testing.T, value string) {
		if d := retryAfter(value, time.Now()); d < 0 || d > 365*24*time.Hour {
			t.Errorf("%q: %v", value, d)
		}
	})
}

// FuzzReadBody: whatever comes under whatever name is bounded.
func FuzzReadBody(f *testing.F) {
	f.Add([]byte("<a/>"), "gzip")
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), "")
	f.Add([]byte("\x28\xb5\x2f\xfd\x00"), "zstd")
	f.Add([]byte("\x78\x9c\x4b\x4c\x04\x04"), "deflate, deflate")
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		const limit = 4096
		out, err := readBody(bytes.NewReader(body), int64(len(body)), []string{encoding}, limit)
		if err == nil && len(out) > limit {
			t.Errorf("%d bytes", len(out))
		}
	})
}
