package pipeline_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Cards is a source that has everything on one page.
type Cards map[string]string

// Page gives all of it.
func (c Cards) Page(context.Context, harvest.Cursor) (*harvest.Page, error) {
	page := &harvest.Page{Done: true, Full: true, Total: len(c)}
	for key, text := range c {
		page.Items = append(page.Items, harvest.Item{Key: key, Original: []byte(text), Format: harvest.Format{Prefix: "card"}})
	}
	return page, nil
}

// Typist is a mapper: the flow stores and serves the bytes that it makes, and looks into none of them.
type Typist struct{}

// Version differs whenever Map would make something else.
func (Typist) Version() string { return "typist 1" }

// Map makes what is kept and served of a card.
func (Typist) Map(_ string, sets []string, _ *pipeline.Origin, item *harvest.Item) (*pipeline.Mapped, error) {
	made := &pipeline.Mapped{Sets: sets}
	made.DC = fmt.Appendf(nil, `{"title":[{"value":%q}]}`, item.Original)
	made.OAIDC = fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"><title xmlns="http://purl.org/dc/elements/1.1/">%s</title></oai_dc:dc>`, item.Original)
	var covers pipeline.Hasher // all that is served: only what changes this is a change of the record
	covers.Bytes(made.OAIDC)
	covers.List(made.Sets)
	made.Fingerprint = covers.Sum()
	return made, nil
}

// Remap makes it again of what is kept.
func (t Typist) Remap(k *pipeline.StoredRecord, _ bool) (*pipeline.Remapped, error) {
	made, err := t.Map(k.Identifier, k.Sets, &k.Origin, k.Item())
	if err != nil {
		return nil, err
	}
	return &pipeline.Remapped{Mapped: *made, Same: string(made.OAIDC) == string(k.OAIDC)}, nil
}

// Quiet hears what runs do, and tells nobody.
type Quiet struct{}

func (Quiet) RunBegan(*pipeline.Run)                                               {}
func (Quiet) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}
func (Quiet) RunEnded(*pipeline.Run, *pipeline.Report)                             {}

// A Runner brings what a source has into a log. What has not changed is not written again, so that those who follow
// the log from where they were meet only what is new.
func Example() {
	ctx, quiet := context.Background(), slog.New(slog.DiscardHandler)
	records := memory.New(memory.Options{Namespace: "library.example"})

	cards := Cards{"1": "A letter", "2": "A postcard"}
	runner := &pipeline.Runner{Log: records, Namespace: "library.example", Observer: Quiet{}, Logger: quiet}
	source := &pipeline.Source{Name: "cards", Harvest: cards, Mapper: Typist{}}
	for seen := int64(0); len(cards) < 4; {
		report, err := runner.Run(ctx, source, pipeline.Order{Full: true})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d added, %d unchanged\n", report.Result, report.Counts.Added, report.Counts.Unchanged)
		news, head, err := records.Read(ctx, seen, 100)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(news), "new in the log")
		seen = head.Seq
		cards[fmt.Sprint(len(cards)+1)] = "A photograph" // another comes before the next run
	}
	// Output:
	// complete: 2 added, 0 unchanged
	// 2 new in the log
	// complete: 1 added, 2 unchanged
	// 1 new in the log
}
