package search_test

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/search/searchtest"
)

func TestConformance(t *testing.T) {
	searchtest.Test(t, func(t *testing.T, o search.Options) search.Engine {
		x, err := search.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		return x
	})
}
