package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Files that librarians have: how fast what is in them is in the log, and published.

// filesAim is how many records a second a file is to give until every event is acknowledged.
const filesAim = 15_000

// A bigFile is a file with all records of the benchmark in one form.
type bigFile struct {
	source, name string
	config       string // of the source, without where it is
	head         string
	append       func(b []byte, i int) ([]byte, error)
}

var bigFiles = []bigFile{
	{source: "marc", name: "catalogue.mrc", config: "kind: marc", append: appendMARC},
	{source: "csv", name: "list.csv", config: "kind: files, key: id, mapping: csv.map", head: "id,title,creator,subject,description,date,link\n", append: appendRow},
}

// csvMapping is the mapping of the table.
const csvMapping = "format csv\ntitle from title\ncreator from creator\nsubject from subject\nabstract from description\ncreated from date | date\nlanding from link | url\n"

// fileSources is the configuration of the files' sources.
func (b *bench) fileSources() (text string) {
	for i := range bigFiles {
		f := &bigFiles[i]
		text += fmt.Sprintf("  %s: {%s, from: '%s', every: 366d}\n", f.source, f.config, filepath.Join(b.dir, f.name))
	}
	return text
}

// writeMapping writes the mapping, without which the configuration can't be read.
func (b *bench) writeMapping() error {
	return os.WriteFile(filepath.Join(b.dir, "csv.map"), []byte(csvMapping), 0o600)
}

func (b *bench) writeFiles() error {
	for i := range bigFiles {
		if err := b.writeFile(&bigFiles[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) writeFile(f *bigFile) (err error) {
	file, err := os.Create(filepath.Join(b.dir, f.name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriter(file)
	line := []byte(f.head)
	for i := range b.records {
		if line, err = f.append(line, i); err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	return w.Flush()
}

func wordOf(i, n int) string { return words[(i*7+n*13)%len(words)] }

func appendMARC(b []byte, i int) ([]byte, error) {
	field := func(tag, indicators string, parts ...string) marc.Field {
		f := marc.Field{Tag: tag, Ind1: indicators[0], Ind2: indicators[1]}
		for j := 0; j < len(parts); j += 2 {
			f.Subfields = append(f.Subfields, marc.Subfield{Code: parts[j][0], Text: parts[j+1]})
		}
		return f
	}
	r := marc.Record{Leader: "00000nam a2200000 a 4500", Fields: []marc.Field{
		{Tag: "001", Data: fmt.Sprintf("b%07d", i)},
		{Tag: "008", Data: fmt.Sprintf("850101s%d    xx            000 0 eng d", 1900+i%120)},
		field("020", "  ", "a", "9780306406157"),
		field("100", "1 ", "a", fmt.Sprintf("Author %d, %s,", i%977, wordOf(i, 4)), "d", "1901-1977."),
		field("245", "10", "a", wordOf(i, 1)+" and "+wordOf(i, 2)+" :", "b", fmt.Sprintf("%s no. %d /", wordOf(i, 3), i), "c", "by the author."),
		field("264", " 1", "a", "Tirana :", "b", "Archive,", "c", fmt.Sprint(1900+i%120)),
		field("520", "  ", "a", wordOf(i, 9)+" "+wordOf(i, 10)+" "+wordOf(i, 11)+" of the "+wordOf(i, 12)+" and the "+wordOf(i, 13)+"."),
		field("650", " 0", "a", wordOf(i, 6), "x", wordOf(i, 7)),
		field("700", "1 ", "a", fmt.Sprintf("Author %d, %s", i%313, wordOf(i, 5))),
		field("856", "40", "u", fmt.Sprintf("https://synthetic.example.org/items/%d", i)),
	}}
	return r.AppendISO2709(b)
}

func appendRow(b []byte, i int) ([]byte, error) {
	return fmt.Appendf(b, "r%07d,%s and %s: %s no. %d,\"Author %d, %s\",%s -- %s,\"%s %s, %s of the %s and the %s.\",%d-%02d-%02d,https://synthetic.example.org/items/%d\n",
		i, wordOf(i, 1), wordOf(i, 2), wordOf(i, 3), i, i%977, wordOf(i, 4), wordOf(i, 6), wordOf(i, 7), wordOf(i, 9), wordOf(i, 10), wordOf(i, 11), wordOf(i, 12), wordOf(i, 13),
		1900+i%120, 1+i%12, 1+i%28, i), nil
}

// files measures a first harvest of each file with every event published, and one of the same file with another time.
func (b *bench) files(ctx context.Context) error {
	if err := b.writeFiles(); err != nil {
		return err
	}
	for i := range bigFiles {
		f := &bigFiles[i]
		start := time.Now()
		if _, err := b.harvestOnce(ctx, f.source, pipeline.Counts{Added: int64(b.records)}); err != nil {
			return err
		}
		if err := b.published(ctx); err != nil {
			return err
		}
		b.aim("file, "+f.source+", until every event is acknowledged", float64(b.records)/time.Since(start).Seconds(), "records/s", filesAim)
		took, err := b.harvestOnce(ctx, f.source, pipeline.Counts{Unchanged: int64(b.records)})
		if err != nil {
			return err
		}
		b.add("file, "+f.source+", everything again, nothing changed", float64(b.records)/took.Seconds(), "records/s")
	}
	return nil
}

// harvestOnce harvests everything of a source, which must come to the given changes.
func (b *bench) harvestOnce(ctx context.Context, source string, want pipeline.Counts) (time.Duration, error) {
	start := time.Now()
	var got pipeline.Counts
	err := b.client.Harvest(ctx, source, pipeline.Order{Full: true}, func(l *control.HarvestLine) error {
		if l.Error != "" {
			return errors.New(l.Error)
		}
		got = l.Counts
		return nil
	})
	if err == nil && (got.Added != want.Added || got.Unchanged != want.Unchanged) {
		err = fmt.Errorf("the harvest of %s comes to %+v, want %+v", source, got, want)
	}
	return time.Since(start), err
}
