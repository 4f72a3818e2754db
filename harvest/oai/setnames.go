package oai

import "context"

// maxSetNames bounds how many sets are asked for their names: some repositories make one of each
// subject heading.
const maxSetNames = 10_000

// SetNames implements harvest.SetNamer. Of a list that breaks off, what there was is given too.
func (s *Source) SetNames(ctx context.Context) (map[string]string, error) {
	repo := &Repository{}
	err := s.sets(ctx, repo, maxSetNames)
	names := make(map[string]string, len(repo.Sets))
	for i := range repo.Sets {
		names[repo.Sets[i].Spec] = repo.Sets[i].Name
	}
	return names, err
}
