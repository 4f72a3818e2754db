package oai

import (
	"context"
	"net/url"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A Repository is what [Source.Probe] has found out.
type Repository struct {
	Identify *oaipmh.Identity
	Formats  []oaipmh.Format
	// Sets has at most as many sets as were asked for; MoreSets says that there are more. SetsError says why they
	// could not be listed: many repositories have none, or can't list them in bearable time.
	Sets      []oaipmh.Set
	MoreSets  bool
	SetsError error
	Warnings  []string
}

// Probe asks a repository what it is and what it has: Identify, ListMetadataFormats, and, unless maxSets is 0, ListSets
// until there are that many. The formats in the [Config] need not be right.
func (s *Source) Probe(ctx context.Context, maxSets int) (*Repository, error) {
	repo := &Repository{}
	r, err := s.ask(ctx, url.Values{"verb": {"Identify"}})
	if err != nil {
		return nil, err
	}
	if len(r.Errors) > 0 {
		return nil, s.reported(r)
	}
	repo.Identify, repo.Warnings = r.Identify, r.Warnings
	if r, err = s.ask(ctx, url.Values{"verb": {"ListMetadataFormats"}}); err != nil {
		return nil, err
	}
	if len(r.Errors) > 0 {
		return nil, s.reported(r)
	}
	repo.Formats = r.Formats
	repo.judge()
	if maxSets > 0 {
		repo.SetsError = s.sets(ctx, repo, maxSets)
	}
	return repo, nil
}

// judge notes what a person should know before configuring the source.
func (r *Repository) judge() {
	note := func(bad bool, sentence string) {
		if bad {
			r.Warnings = append(r.Warnings, sentence)
		}
	}
	i := r.Identify
	note(i.Door.ProtocolVersion != "2.0", "The repository does not say that it speaks version 2.0 of OAI-PMH.")
	note(i.DeletedRecord == "no", "The repository does not keep track of deletions: only complete full passes can find them.")
	note(i.DeletedRecord == "transient", "The repository forgets deletions after a while: harvest at least every few weeks, and in full now and then.")
	readable := !i.EarliestDatestamp.IsZero()
	note(!readable, "The repository's earliestDatestamp can't be read.")
	note(len(r.Formats) == 0, "The repository does not say which formats it has.")
	note(len(i.AdminEmails) == 0, "The repository names nobody to write to.")
}

// sets lists sets until there are enough, or the list shows a fault.
func (s *Source) sets(ctx context.Context, repo *Repository, most int) error {
	args := url.Values{"verb": {"ListSets"}}
	var p place // remembers the tokens
	for {
		r, err := s.ask(ctx, args)
		if err != nil {
			return err
		}
		if r.Error("noSetHierarchy") != nil {
			return nil
		}
		if len(r.Errors) > 0 {
			return s.reported(r)
		}
		repo.Sets = append(repo.Sets, r.Sets...)
		more := r.Token != nil && r.Token.Value != ""
		if len(repo.Sets) > most || more && len(repo.Sets) == most {
			repo.Sets, repo.MoreSets = repo.Sets[:most], true
			return nil
		}
		if !more {
			return nil
		}
		if len(r.Sets) == 0 || p.remember(r.Token.Value) {
			repo.MoreSets = true
			return nil
		}
		args = url.Values{"verb": {"ListSets"}, "resumptionToken": {r.Token.Value}}
	}
}
