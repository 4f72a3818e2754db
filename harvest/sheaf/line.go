package sheaf

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A line is a change, as the feed tells it.
type line struct {
	Identifier string          `json:"identifier"`
	Epoch      int64           `json:"epoch,string"`
	Seq        int64           `json:"seq,string"`
	Prev       int64           `json:"prev,string"`
	Operation  string          `json:"operation"`
	Reason     string          `json:"reason"`
	Datestamp  string          `json:"datestamp"`
	Sets       []string        `json:"sets"`
	Record     json.RawMessage `json:"record"`
	Original   *original       `json:"original"`
	Origin     *origin         `json:"origin"`
}

type original struct {
	Format    string `json:"format"`
	Namespace string `json:"namespace"`
	Data      []byte `json:"data"`
}

// An origin says where a gateway has a record from, and in its chain where that had it from, the nearest first.
type origin struct {
	BaseURL    string   `json:"baseURL"`
	Identifier string   `json:"identifier"`
	Datestamp  string   `json:"datestamp"`
	Namespace  string   `json:"namespace"`
	Harvested  string   `json:"harvestDate"`
	Altered    bool     `json:"altered"`
	Chain      []origin `json:"chain"`
}

const (
	upserted = "upserted"
	deleted  = "deleted"
)

func (l *line) good() bool {
	return l.Identifier != "" && l.Epoch > 0 && l.Seq > 0 && (l.Operation == upserted || l.Operation == deleted)
}

// Format is the format of records that are taken as they are: the Dublin Core of the other gateway, in JSON as its feed
// writes it.
var Format = harvest.Format{Prefix: "sheaf"}

// item makes an item of a line.
func (s *Source) item(c *cursor, l *line) (harvest.Item, error) {
	domain, local, ours := inDomain(l.Identifier)
	if c.Domain == "" {
		c.Domain = domain
	}
	if !ours || domain != c.Domain {
		return harvest.Item{}, &harvest.Error{Kind: harvest.Renamed, URL: harvest.Shown(s.config.root() + "/changes"), Detail: fmt.Sprintf(
			"the identifiers were oai:%s:… and one is %.200q now. If another gateway answers at this address, make another source of it. To take its records in the place of the old ones, harvest with --accept", c.Domain, l.Identifier)}
	}
	item := harvest.Item{Key: local, Identifier: l.Identifier, Datestamp: l.Datestamp}
	if l.Operation == deleted {
		item.Deleted = true
		return item, nil
	}
	item.Sets, item.Provenance = l.Sets, l.Origin.provenance(!s.config.Originals)
	switch {
	case !s.config.Originals:
		item.Format, item.Original = Format, l.Record
	case l.Original != nil:
		item.Format, item.Original = harvest.Format{Prefix: l.Original.Format, Namespace: l.Original.Namespace}, l.Original.Data
	}
	if len(item.Original) == 0 {
		item.Rejected = &harvest.Rejection{Reason: "no_metadata", Detail: "the gateway tells of the record, and does not give it"}
	}
	return item, nil
}

// inDomain takes the domain off an identifier of a gateway, oai:<domain>:<source>/<key>.
func inDomain(identifier string) (domain, local string, ok bool) {
	rest, ok := strings.CutPrefix(identifier, "oai:")
	domain, local, found := strings.Cut(rest, ":")
	return domain, local, ok && found && domain != "" && local != ""
}

// provenance writes an origin as the provenance container of OAI-PMH; nil if there is nothing that one could say.
// What the gateway gives is altered if it has made it itself.
func (o *origin) provenance(altered bool) []byte {
	if o == nil {
		return nil
	}
	first := o.fact()
	first.Altered = altered
	last := first
	for i := range o.Chain {
		last.Earlier = o.Chain[i].fact()
		last = last.Earlier
	}
	return oaipmh.AppendProvenance(nil, first)
}

func (o *origin) fact() *oaipmh.Origin {
	harvested, _ := time.Parse(time.RFC3339, o.Harvested) // without a time it is none that could be passed on
	return &oaipmh.Origin{BaseURL: o.BaseURL, Identifier: o.Identifier, Datestamp: o.Datestamp, Namespace: o.Namespace, Altered: o.Altered, Harvested: harvested}
}
