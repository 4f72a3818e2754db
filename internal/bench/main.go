// Command bench measures a whole gateway on synthetic data of the size that it is given, on loopback:
// a source of its own, the real pipeline, the real log, the real broker, real HTTP.
//
//	go run ./internal/bench -records 100000
//
// It prints a table, and with -json the figures. Figures of different machines can't be compared;
// ratios of one run can. With -compare others do what they can of it beside the gateway: nginx serves the same pages, and
// Catmandu and metha (-metha PATH) harvest the same records. With -quick it measures ratios alone, and fails if one of them
// has fallen by more than a third against those in ratios.json, which -quick -update writes. With -store postgres it measures the
// log alone, in PostgreSQL beside SQLite, and says of each ratio whether it is what was demanded.
package main

import (
	"context"
	"encoding/json"
	"errors"
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
	only := flag.String("only", "", "measure these parts alone: mapping, indexed, remap, harvest, reconcile, serve, beside, mixed, latency, publish, changes, follow, webhooks, search, files, size, restart, many, large, peers, with commas between")
	compare := flag.Bool("compare", false, "measure harvests and pages alone, beside those of other programs")
	fast := flag.Bool("quick", false, "measure ratios alone, and fail if one has fallen by more than a third against those that are kept")
	renew := flag.Bool("update", false, "with -quick: keep the ratios that are measured, in "+keptPath)
	database := flag.String("store", "", "measure the log in this database (postgres), without a gateway, against the one in SQLite")
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
	parts := strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	if *compare {
		parts = append(parts, "harvest", "serve", "beside", "peers")
	}
	var figures []Figure
	var err error
	switch {
	case *renew && !*fast:
		err = errors.New("-update belongs to -quick")
	case *fast && *renew:
		figures, err = update(ctx, *dir)
	case *database == "postgres":
		figures, err = stores(ctx, *records, *dir)
	case *database != "":
		err = fmt.Errorf("-store %s: only postgres is compared", *database)
	case *fast:
		figures, err = quick(ctx, *dir)
	default:
		figures, err = measure(ctx, *records, *dir, parts)
	}
	write(figures, *asJSON)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func write(figures []Figure, asJSON bool) {
	if asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		_ = enc.Encode(figures)
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range figures {
		against := ""
		switch {
		case f.Aim > 0:
			against = fmt.Sprintf("(aim: %.0f)", f.Aim)
		case f.Kept > 0:
			against = fmt.Sprintf("(kept: %s)", number(f.Kept))
		case f.Most > 0 && f.Value > f.Most:
			against = fmt.Sprintf("(at most %v: falls short)", f.Most)
		case f.Most > 0:
			against = fmt.Sprintf("(at most %v: holds)", f.Most)
		case f.Least > 0 && f.Value < f.Least:
			against = fmt.Sprintf("(at least %v: falls short)", f.Least)
		case f.Least > 0:
			against = fmt.Sprintf("(at least %v: holds)", f.Least)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.Unit, against)
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
	Aim   float64 `json:"aim,omitempty"`  // what it should come to, if that was said
	Kept  float64 `json:"kept,omitempty"` // what it came to when it was kept, if it was
	// Most and Least are what it must come to, if that was demanded.
	Most  float64 `json:"most,omitempty"`
	Least float64 `json:"least,omitempty"`
}

func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
