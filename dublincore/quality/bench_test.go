package quality_test

import (
	"fmt"
	"testing"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

// article is a record as a repository sends it.
func article(i int) *dc.Record {
	r := &dc.Record{}
	r.Add(dc.Value{Term: dc.Title, Text: fmt.Sprintf("On the movement of water in the soil of plot %d", i), Lang: "en"})
	r.AddText(dc.Creator, "Hoxha, Ana")
	r.AddText(dc.Creator, fmt.Sprintf("Meier, Jens %d", i%5000))
	r.Add(dc.Value{Term: dc.Subject, Text: "Hydrology", Lang: "en"})
	r.Add(dc.Value{Term: dc.Subject, Text: fmt.Sprintf("Soil type %d", i%300), Lang: "en"})
	r.Add(dc.Value{Term: dc.Abstract, Lang: "en", Text: fmt.Sprintf("Measurements of water in the upper metre of the soil were taken on plot %d "+
		"over three years. They show that rain reaches the ground water within days where the soil is sandy, and after months where it is clay. "+
		"A model is fitted and compared with earlier ones.", i)})
	r.Add(dc.Value{Term: dc.Issued, Text: fmt.Sprintf("%d-%02d-%02d", 1950+i%70, 1+i%12, 1+i%28), Scheme: "W3CDTF", Original: "x"})
	r.Add(dc.Value{Term: dc.Type, Text: "Text", Scheme: "DCMIType", Original: "article"})
	r.AddText(dc.Type, "article")
	r.Add(dc.Value{Term: dc.Identifier, Text: fmt.Sprintf("https://doi.org/10.5555/%d", i), Scheme: "URI", Original: fmt.Sprintf("10.5555/%d", i)})
	r.Add(dc.Value{Term: dc.Language, Text: "eng", Scheme: "ISO639-3", Original: "English"})
	r.Add(dc.Value{Term: dc.AccessRights, Text: "http://purl.org/coar/access_right/c_abf2", Scheme: "URI", Original: "open access"})
	r.Add(dc.Value{Term: dc.License, Text: "http://creativecommons.org/licenses/by/4.0/", Scheme: "URI"})
	r.AddText(dc.Publisher, "Institute of Soils")
	r.AddText(dc.Landing, fmt.Sprintf("https://repository.example.edu/%d", i))
	return r
}

func BenchmarkAdd(b *testing.B) {
	records := make([]*dc.Record, 20000)
	ids := make([]string, len(records))
	for i := range records {
		records[i], ids[i] = article(i), fmt.Sprintf("oai:gw.example.org:repo/%d", i)
	}
	m := quality.NewMeter(today, formats.Demands)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Add(ids[i%len(ids)], records[i%len(ids)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
