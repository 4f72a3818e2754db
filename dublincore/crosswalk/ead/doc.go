// Package ead reads finding aids in EAD 2002 and EAD3, and cuts them into records: the collection, and each of its
// components (a series, a file, an item) with what it inherits from the levels around it.
//
//	aid, err := ead.Read(document)
//	…
//	for component := range aid.Components() {
//		fmt.Println(component.Key, component.Level)
//	}
//
// It stores nothing, and maps nothing: the documents that it makes are EAD, for the mapping ead.map.
package ead

import "errors"

// Reasons why a document can't be cut.
var (
	ErrMalformed = errors.New("malformed finding aid")
	ErrTooLarge  = errors.New("finding aid too large")
)
