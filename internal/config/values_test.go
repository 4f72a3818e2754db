package config_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

func TestDurations(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "6h": 6 * time.Hour, "7d": 168 * time.Hour, "2w": 336 * time.Hour,
		"1h30m": 90 * time.Minute, "1w2d3h4m5s6ms": 9*24*time.Hour + 3*time.Hour + 4*time.Minute + 5*time.Second + 6*time.Millisecond,
		"0s": 0, "36600d": 36600 * 24 * time.Hour,
	} {
		got, err := config.ParseDuration(s)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "s", "7", "-1s", "1.5h", "1h1h", "1m1h", "1 h", "1y", "36601d", "100y", "99999999999999999999s", "9223372036854775807w", "1h ", "٣s"} {
		if got, err := config.ParseDuration(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(36600*24*time.Hour/time.Millisecond)).Draw(t, "ms")) * time.Millisecond
		got, err := config.ParseDuration(config.FormatDuration(d))
		if err != nil || got != d {
			t.Fatalf("%v is written %s, which reads %v, %v", d, config.FormatDuration(d), got, err)
		}
	})
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]config.Size{
		"200GB": 200e9, "64KiB": 64 << 10, "500": 500, "1 MB": 1e6, "2tib": 2 << 40, "7B": 7, "0": 0,
	} {
		got, err := config.ParseSize(s)
		if err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "GB", "1.5GB", "-1", "1G", "1PB", "9999999TB", "99999999999999999999", "1GB2", "1GB 2MB"} {
		if got, err := config.ParseSize(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestSizeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]int64{1, 1e3, 1e6, 1e9, 1 << 10, 1 << 20, 1 << 30}).Draw(t, "unit")
		s := config.Size(rapid.Int64Range(0, (1<<60)/unit).Draw(t, "n") * unit)
		got, err := config.ParseSize(s.String())
		if err != nil || got != s {
			t.Fatalf("%d is written %v, which reads %d, %v", int64(s), s, got, err)
		}
	})
}

func TestTimesOfDay(t *testing.T) {
	for _, s := range []string{"", "2", "24:00", "12:60", "1:2", "123:00", "aa:bb", "12:00 ", "-1:00", "12:00:00", "１２:00"} {
		if got, err := config.ParseTimeOfDay(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := config.TimeOfDay(rapid.IntRange(0, 24*60-1).Draw(t, "minutes"))
		got, err := config.ParseTimeOfDay(at.String())
		if err != nil || got != at {
			t.Fatalf("%v reads %v, %v", at, got, err)
		}
	})
}

// A window has each minute from its start up to its end, walking round the clock.
func TestWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, length := rapid.IntRange(0, 1439).Draw(t, "from"), rapid.IntRange(1, 1439).Draw(t, "length")
		w := config.Window{From: config.TimeOfDay(from), To: config.TimeOfDay((from + length) % 1440)}
		got, err := config.ParseWindow(w.String())
		if err != nil || got != w {
			t.Fatalf("%v reads %v, %v", w, got, err)
		}
		start := time.Date(2026, 11, 17, from/60, from%60, 0, 0, time.UTC)
		for i := range 1440 {
			at := start.Add(time.Duration(i) * time.Minute)
			if w.Contains(at) != (i < length) {
				t.Fatalf("%v contains %v: %v", w, at, w.Contains(at))
			}
		}
	})
	for _, s := range []string{"", "-", "06:00", "06:00-06:00", "06:00-25:00", "06:00-07:00-08:00"} {
		if got, err := config.ParseWindow(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
	if w, err := config.ParseWindow("20:00 – 6:00"); err != nil || w.String() != "20:00-06:00" {
		t.Errorf("an en dash: %v, %v", w, err)
	}
}
