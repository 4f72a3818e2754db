package oai

import "context"

// maxSetNames bounds how many sets are listed for their names, because some repositories make a set of each subject
// heading.
const maxSetNames = 10_000

// SetNames implements harvest.SetNamer. If the list breaks off, it returns what came before.
func (s *Source) SetNames(ctx context.Context) (map[string]string, error) {
	repo := &Repository{}
	err := s.sets(ctx, repo, maxSetNames)
	names := make(map[string]string, len(repo.Sets))
	for i := range repo.Sets {
		names[repo.Sets[i].Spec] = repo.Sets[i].Name
	}
	return names, err
}
