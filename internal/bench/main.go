// Command bench measures a whole gateway on synthetic data of the size that it is given, on loopback:
// a source of its own, the real pipeline, the real log, the real broker, real HTTP.
//
//	go run ./internal/bench -records 100000
//
// It prints a table, and with -json the figures. Figures of different machines can't be compared;
// ratios of one run can.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"text/tabwriter"
)

func main() {
	records := flag.Int("records", 100_000, "records to measure with")
	asJSON := flag.Bool("json", false, "print the figures as JSON")
	dir := flag.String("dir", "", "where the data folder is made (default: among the temporary files)")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	only := flag.String("only", "", "measure these parts alone: mapping, indexed, remap, harvest, reconcile, serve, beside, mixed, latency, publish, changes, follow, webhooks, search, files, size, many, large, with commas between")
	load := flag.Bool("load", false, "be the clients (the benchmark starts itself so)")
	waiting := flag.Bool("wait", false, "be the idle followers (as -load)")
	flag.Parse()
	if *load || *waiting {
		be := loadMain
		if *waiting {
			be = idleMain
		}
		if err := be(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if *profile != "" {
		stop, err := startProfile(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer stop()
	}
	figures, err := measure(ctx, *records, *dir, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' }))
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if *asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		_ = enc.Encode(figures)
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range figures {
		aim := ""
		if f.Aim > 0 {
			aim = fmt.Sprintf("(aim: %.0f)", f.Aim)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Name, f.number(), f.Unit, aim)
	}
	_ = w.Flush()
}

func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// A Figure is one thing measured.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Aim   float64 `json:"aim,omitempty"` // what it should come to, if that was said
}

func (f *Figure) number() string {
	switch {
	case f.Value >= 100:
		return fmt.Sprintf("%.0f", f.Value)
	case f.Value >= 1:
		return fmt.Sprintf("%.1f", f.Value)
	}
	return fmt.Sprintf("%.3f", f.Value)
}
