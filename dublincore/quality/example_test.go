package quality_test

import (
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

func Example() {
	m := quality.NewMeter(time.Now(), formats.Demands)
	for i, title := range []string{"Notes from a talk", "IMG_2034.tif", ""} {
		var r dublincore.Record
		r.AddText(dublincore.Title, title)
		r.AddText(dublincore.Creator, "Hoxha, Ana")
		m.Add(fmt.Sprintf("oai:gateway.example.org:notes/%d", i), &r)
	}
	report := m.Report()
	fmt.Printf("%.2f of %d records have a title\n", report.Ratios()["title"], report.Records)
	for _, p := range report.Problems {
		if p.Code == "P6" {
			fmt.Println(p.Label, p.Samples)
		}
	}
	// Output:
	// 0.67 of 3 records have a title
	// The title is too short, a file name, or holds the identifier [{oai:gateway.example.org:notes/1 IMG_2034.tif}]
}
