package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
)

// The ratios of one run hardly depend on the machine, nor, where they are of processor time, on what else it does. Those that
// are kept are in ratios.json; a change that makes a part of the gateway slower shows as a ratio that has fallen.

//go:embed ratios.json
var keptRatios []byte

// keptPath is where [update] writes them: it works in the root of the repository.
const keptPath = "internal/bench/ratios.json"

const (
	quickRecords = 20_000
	quickRounds  = 3
	quickLeast   = 2. / 3 // of what is kept
)

// quickParts leaves out the pages beside nginx: their ratios are of the time on the clock, which two programs get unequal
// shares of where others want it too.
var quickParts = []string{"mapping", "harvest", "serve"}

// ratioUnit is that of ratios of speeds: the higher, the better.
const ratioUnit = "×"

// quick measures what is fast to measure, and gives its ratios beside the kept ones. One that has fallen by more than a
// third is an error. What else the machine had to do makes figures worse and never better, so what falls short is measured
// again, and the best of each counts.
func quick(ctx context.Context, dir string) ([]Figure, error) {
	var kept, best []Figure
	if err := json.Unmarshal(keptRatios, &kept); err != nil {
		return nil, fmt.Errorf("read the kept ratios: %w", err)
	}
	for range quickRounds {
		figures, err := measure(ctx, quickRecords, dir, quickParts)
		if err != nil {
			return nil, err
		}
		if best = better(best, ratios(figures)); fallen(best, kept) == nil {
			break
		}
	}
	return withKept(best, kept), fallen(best, kept)
}

// update measures the ratios, and keeps the mean of each.
func update(ctx context.Context, dir string) ([]Figure, error) {
	var mean []Figure
	for range quickRounds {
		figures, err := measure(ctx, quickRecords, dir, quickParts)
		if err != nil {
			return nil, err
		}
		for i, r := range ratios(figures) {
			if i == len(mean) {
				mean = append(mean, Figure{Name: r.Name, Unit: r.Unit})
			}
			mean[i].Value += r.Value / quickRounds
		}
	}
	text, err := json.MarshalIndent(mean, "", "  ")
	if err != nil {
		return nil, err
	}
	return mean, os.WriteFile(keptPath, append(text, '\n'), 0o644)
}

func ratios(figures []Figure) (out []Figure) {
	for _, f := range figures {
		if f.Unit == ratioUnit {
			out = append(out, f)
		}
	}
	return out
}

// better is the better one of each ratio.
func better(a, b []Figure) []Figure {
	if a == nil {
		return b
	}
	for i := range a {
		a[i].Value = max(a[i].Value, b[i].Value)
	}
	return a
}

// fallen is an error for each kept ratio that has fallen, or was not measured.
func fallen(measured, kept []Figure) error {
	var errs []error
	for _, k := range kept {
		i := slices.IndexFunc(measured, func(f Figure) bool { return f.Name == k.Name })
		switch {
		case i < 0:
			errs = append(errs, fmt.Errorf("%s: not measured", k.Name))
		case measured[i].Value < k.Value*quickLeast:
			errs = append(errs, fmt.Errorf("%s: %s, more than a third below the kept %s", k.Name, number(measured[i].Value), number(k.Value)))
		}
	}
	return errors.Join(errs...)
}

// withKept gives the ratios with what is kept of each.
func withKept(measured, kept []Figure) []Figure {
	for i := range measured {
		for _, k := range kept {
			if k.Name == measured[i].Name {
				measured[i].Kept = k.Value
			}
		}
	}
	return measured
}
