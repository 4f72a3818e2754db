// Package jsonapi harvests services that answer in JSON, page by page.
//
//	source, err := jsonapi.New(jsonapi.Config{
//		From: "https://api.crossref.org/works?filter=member:98&rows=200", Items: "message.items", Key: "DOI",
//		Page:  jsonapi.Page{Cursor: "message.next-cursor", Param: "cursor", First: "*"},
//		Total: "message.total-results",
//	}, fetcher)
//
// A [Config] says where things stand in an answer, in paths such as message.items or links["next page"], and how the
// service goes from one page to the next. Each item of the list is an original, byte for byte as it came. An item that
// can't be used, because it is broken or has no identifier, is rejected alone.
//
// # What shows that a pass is whole
//
// The service's own number of items, if [Config].Total says where it stands, the least that it says in the pass: a pass that gave fewer is short. Without a
// number a pass is unproven. A list that runs in a circle, or promises more and gives nothing, is an error. If the number
// becomes smaller, the page before is read again, because items have moved up to it; items that come twice are not counted.
//
// # Asking for what has changed
//
// With [Since], the pass after a complete one asks for what has changed since that one began. The time is the
// server's: the greatest datestamp among its items, and never later than the Date of its first answer. An overlap is taken off.
//
// # What is kept in the cursor
//
// The time to ask from; within a pass, the link or the cursor of the next page, the number of items so far, what the
// service said that it has, digests of two earlier pages, by which a circle is noticed, and of some two thousand keys.
//
// # Bounds
//
// An answer has at most [Config].MaxBytes bytes and 10,000 items, an item is nested at most 128 deep, and a cursor or a
// link has at most 3 KiB. A link to the next page is followed only on the host that is asked.
package jsonapi
