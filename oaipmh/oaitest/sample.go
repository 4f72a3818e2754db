package oaitest

import (
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Sample returns a repository of n made-up records to test harvesters with. Their datestamps are an hour apart, from 2024
// on. They are in the sets papers:odd and papers:even. Every fiftieth is deleted, and so is the last. The repository has
// an oai-identifier description. Records that are put later have the datestamp of the wall clock.
func Sample(n int) *Memory {
	now := time.Date(2024, 1, 1, 0, 30, 0, 0, time.UTC)
	m := &Memory{Now: func() time.Time { return now }}
	m.Identity = oaipmh.Identity{Name: "A sample", AdminEmails: []string{"sample@example.org"}}
	if d, err := oaipmh.DescribeIdentifiers("sample.example.org", SampleIdentifier(1)); err == nil {
		m.Identity.Descriptions = [][]byte{d}
	}
	for i := 1; i <= n; i++ {
		now = now.Add(time.Hour)
		item := Item{
			Identifier: SampleIdentifier(i),
			Sets:       []string{[]string{"papers:even", "papers:odd"}[i%2]},
			Metadata:   map[string][]byte{"oai_dc": SampleDC(fmt.Sprintf("Paper %d — ë 東 &amp; &lt;b&gt;", i))},
		}
		m.Put(item)
		if i%50 == 0 || i == n {
			m.Delete(item.Identifier)
		}
	}
	m.Now = nil
	return m
}

// SampleIdentifier returns the identifier of the i-th record of a [Sample], counted from 1.
func SampleIdentifier(i int) string { return fmt.Sprintf("oai:sample.example.org:%06d", i) }

// SampleDC makes an oai_dc element with a title, which must be escaped already.
func SampleDC(title string) []byte {
	return fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" `+
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">`+
		`<dc:title>%s</dc:title><dc:type>Text</dc:type></oai_dc:dc>`, title)
}
