package mirror

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// batchOfPass is how many records of a pass are written at once.
const batchOfPass = 500

// Harvest makes the copy equal to one pass through the whole list of an OAI-PMH repository, in oai_dc. A pass that breaks
// off removes nothing.
func (c *Copy) Harvest(ctx context.Context, client *oaipmh.Client) error {
	pass := follow.Place{Pass: max(c.state.Place.Pass+1, time.Now().UnixMilli()), Filling: true}
	var changes []follow.Change
	for r, err := range client.Records(ctx, oaipmh.Selection{Prefix: "oai_dc"}) {
		if err != nil {
			return err
		}
		one, err := change(r)
		if err != nil {
			return err
		}
		if changes = append(changes, one); len(changes) == batchOfPass {
			if err := c.write(ctx, changes, pass.Pass, false, pass); err != nil {
				return err
			}
			changes = nil
		}
	}
	whole := pass
	whole.Filling = false
	return c.write(ctx, changes, pass.Pass, true, whole)
}

func change(r *oaipmh.Record) (follow.Change, error) {
	c := follow.Change{Identifier: r.Identifier, Operation: follow.Upserted, Sets: r.Sets, OAIDC: string(r.Metadata)}
	if r.Deleted {
		c.Operation = follow.Deleted
		return c, nil
	}
	if r.Received.Problem != "" || r.Identifier == "" || r.Datestamp.IsZero() || len(r.Metadata) == 0 {
		return c, fmt.Errorf("the record %.200q can't be read: %s; nothing can be proven of this list", r.Identifier, cmp.Or(r.Received.Problem, "it has no identifier, no datestamp or no metadata"))
	}
	c.Datestamp = r.Datestamp.UTC().Truncate(time.Second)
	return c, nil
}

// VerifyHarvest walks through the list again, and says whether the copy is equal to what this pass sees. That is all that
// can be proven of a repository without a digest of its own: what neither pass was shown, nobody knows.
func (c *Copy) VerifyHarvest(ctx context.Context, client *oaipmh.Client) (*Verdict, error) {
	seen := map[string][32]byte{} // identifiers to their part of the digest; a list may repeat itself
	for r, err := range client.Records(ctx, oaipmh.Selection{Prefix: "oai_dc"}) {
		if err != nil {
			return nil, err
		}
		one, err := change(r)
		if err != nil {
			return nil, err
		}
		if delete(seen, one.Identifier); !one.Deleted() {
			seen[one.Identifier] = digestOf(&one)
		}
	}
	v := &Verdict{}
	var theirs, own pipeline.Digest
	for _, d := range seen {
		theirs.Merge(d)
	}
	err := c.kept.each(ctx, func(_ string, r *record) error {
		d := digestOf(&r.Change)
		own.Merge(d)
		v.Records++
		switch was, is := seen[r.Identifier]; {
		case !is:
			v.differs(r.Identifier, "is not in the list")
		case was != d:
			v.differs(r.Identifier, "is another")
		}
		delete(seen, r.Identifier)
		return nil
	})
	for id := range seen {
		v.differs(id, "is missing")
	}
	v.Digest, v.Theirs = fmt.Sprintf("%x", own), fmt.Sprintf("%x", theirs)
	v.Equal = v.Digest == v.Theirs && v.Found == 0
	return v, err
}

func digestOf(c *follow.Change) (d pipeline.Digest) {
	d.Add(c.Identifier, c.Datestamp, []byte(c.OAIDC))
	return d
}
