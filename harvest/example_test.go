package harvest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Box is a source that has everything on two pages. A cursor is the number of the page.
type Box struct{}

// Page gives a page. The pass is proven complete with the second.
func (Box) Page(_ context.Context, at harvest.Cursor) (*harvest.Page, error) {
	letter := harvest.Item{Key: "letter-1", Original: []byte(`{"title": "A letter"}`), Format: harvest.Format{Prefix: "json"}}
	postcard := harvest.Item{Key: "postcard-1", Original: []byte(`{"title": "A postcard"}`), Format: harvest.Format{Prefix: "json"}}
	if at == "" {
		return &harvest.Page{Items: []harvest.Item{letter}, Next: "2", Full: true, Total: 2}, nil
	}
	return &harvest.Page{Items: []harvest.Item{postcard}, Done: true, Full: true, Total: 2}, nil
}

// Whoever brings a new way of harvesting writes a Source. All of them are read by the same loop: page after page,
// until the pass is done.
func Example() {
	var source harvest.Source = Box{}
	for at := harvest.Cursor(""); ; {
		page, err := source.Page(context.Background(), at)
		if err != nil {
			log.Fatal(err)
		}
		for i := range page.Items {
			fmt.Println(page.Items[i].Key)
		}
		if page.Done {
			return
		}
		at = page.Next
	}
	// Output:
	// letter-1
	// postcard-1
}

// A Fetcher asks one thing of a host at a time, waits when it is told to, and holds no more than it is allowed to.
func ExampleFetcher() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s asks for %s", r.Header.Get("From"), r.URL.Path)
	}))
	defer site.Close()

	f := harvest.NewFetcher(harvest.Options{Contact: "librarian@example.org", Reach: harvest.Reach{From: []string{site.URL}}})
	answer, err := f.Fetch(context.Background(), harvest.Request{URL: site.URL + "/records"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", answer.Body)
	// Output: librarian@example.org asks for /records
}
