package kinds

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// oaiKind harvests a repository by OAI-PMH. What people save of it is a response.
var oaiKind = Kind{Name: "oai", Build: buildOAI, BaseURL: repositoryURL, IsPage: isResponse, ItemsOf: itemsOfResponse}

func buildOAI(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return oai.New(oai.Config{
		BaseURL: s.From[0], Formats: s.Formats, Sets: s.Sets, Granularity: s.Granularity, Overlap: s.Overlap,
		POST: s.Post, Domain: s.Domain, Access: access(s),
	}, f)
}

// repositoryURL leaves out what may be a secret: a query, or a user.
func repositoryURL(s *config.Source) string {
	if address := strings.TrimSpace(s.From[0]); strings.Contains(address, "://") {
		return harvest.Shown(address)
	}
	return ""
}

// maxProlog bounds what may stand before the root of a response, in bytes.
const maxProlog = 64 << 10

// isResponse reports whether the root element is OAI-PMH, with or without a prefix.
func isResponse(content []byte) bool {
	dec := xml.NewDecoder(bytes.NewReader(content[:min(len(content), maxProlog)]))
	dec.Strict = false
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are ASCII
	for {
		token, err := dec.RawToken()
		if err != nil {
			return false
		}
		if root, is := token.(xml.StartElement); is {
			return root.Name.Local == "OAI-PMH"
		}
	}
}

func itemsOfResponse(_ context.Context, _ string, _ *config.Source, f File) (out []harvest.Item, err error) {
	response, err := oaipmh.ReadResponse(f.Content)
	if err != nil {
		return nil, fmt.Errorf("read the file as a response of OAI-PMH: %w", err)
	}
	for i := range response.Records {
		rec := &response.Records[i]
		item := harvest.Item{Identifier: rec.Identifier, Original: rec.Metadata}
		item.Format.Namespace = rec.Received.Namespace
		switch {
		case rec.Received.Problem != "":
			item.Original = rec.Received.Raw
			item.Rejected = &harvest.Rejection{Detail: rec.Received.Problem}
		case rec.Metadata == nil: // deleted
			continue
		}
		out = append(out, item)
	}
	return out, nil
}
