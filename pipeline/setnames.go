package pipeline

import (
	"context"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// setNamesTime bounds how long a source is asked for the names of its sets, and maxSetName a name, in bytes.
const (
	setNamesTime = time.Minute
	maxSetName   = 500
)

// setNames asks the source what its sets are called, for people. It is best effort: a harvest does not
// fail for the lack of it.
func (r *Runner) setNames(ctx context.Context, src *Source) map[string]string {
	namer, ok := src.Harvest.(harvest.SetNamer)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, setNamesTime)
	defer cancel()
	names, err := call(ctx, src, namer.SetNames)
	if err != nil {
		r.Logger.Info("the names of the source's sets were not had", "source", src.Name, "err", err)
	}
	out := make(map[string]string, len(names))
	for upstream, name := range names {
		name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
		if upstream != "" && name != "" && len(name) <= maxSetName {
			out[SetSpec(src.minted(), upstream)] = name
		}
	}
	return out
}
