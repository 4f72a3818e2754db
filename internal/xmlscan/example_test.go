package xmlscan_test

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// An element that is cut out of a document takes the namespace declarations along that it needs.
func ExampleScanner_Element() {
	doc := []byte(`<list xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:x="urn:x"><row><dc:title>Letters</dc:title></row></list>`)
	s := xmlscan.New(doc, xmlscan.Limits{})
	for {
		kind, err := s.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		if kind == xmlscan.EOF {
			return
		}
		if kind == xmlscan.Start && s.Is("http://purl.org/dc/elements/1.1/", "title") {
			element, err := s.Element(nil)
			fmt.Printf("%s %v\n", element, err)
		}
	}
	// Output:
	// <dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">Letters</dc:title> <nil>
}
