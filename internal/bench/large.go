package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A list of records that is as large as lists get, at once: the answer of a repository that knows no pages, and the same as a
// file. It has largeBytes or a little more; less only if the records of the benchmark are fewer.
const (
	largeBytes  = 100 << 20
	largeMemory = 400 // MB at most, of the whole process
)

// writeLarge writes the list, and returns how many records and bytes it has. It is made while it is written, so that it takes no memory
// of the process that is measured.
func (b *bench) writeLarge(out io.Writer) (records, written int, err error) {
	w := bufio.NewWriterSize(out, 64<<10)
	written, _ = w.WriteString(`<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>` + stamp + `</responseDate><request verb="ListRecords" metadataPrefix="oai_dc">http://large.example.org/oai</request><ListRecords>`)
	for record := []byte(nil); written < largeBytes && records < b.records; records++ {
		record = appendRecord(record[:0], records, 0)
		n, err := w.Write(record)
		if err != nil {
			return 0, 0, err
		}
		written += n
	}
	if _, err = w.WriteString(`</ListRecords></OAI-PMH>`); err != nil {
		return 0, 0, err
	}
	return records, written, w.Flush()
}

// openLarge opens the repository, and gives the configuration of both sources.
func (b *bench) openLarge() (text string, err error) {
	l, err := net.Listen("tcp", "127.0.2.1:0")
	if err != nil {
		return "", err
	}
	base := "http://" + l.Addr().String() + "/oai"
	small := &provider{page: pageSize, base: base}
	b.large = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("verb") != "ListRecords" {
			small.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _, _ = b.writeLarge(w)
	})}
	go b.large.Serve(l)
	return fmt.Sprintf("  large-page: {kind: oai, from: '%s', every: 366d, http: {pause: 0s, max_size: 128MiB}}\n  large-file: {kind: files, from: '%s', every: 366d}\n", base, filepath.Join(b.dir, "large.xml")), nil
}

// largeLists measures a first harvest of each.
func (b *bench) largeLists(ctx context.Context) error {
	file, err := os.Create(filepath.Join(b.dir, "large.xml"))
	if err != nil {
		return err
	}
	records, size, err := b.writeLarge(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	for _, l := range []struct{ source, name string }{{"large-page", "a page"}, {"large-file", "a file"}} {
		clean, start := newPeak(), time.Now()
		if _, err := b.harvestOnce(ctx, l.source, pipeline.Counts{Added: int64(records)}); err != nil {
			return err
		}
		b.add(fmt.Sprintf("%s of %d MB: fetch, parse, map, commit", l.name, size>>20), float64(records)/time.Since(start).Seconds(), "records/s")
		if clean {
			b.aim("  peak memory of the process, with the source", resident("VmHWM"), "MB", largeMemory)
		}
	}
	return nil
}
