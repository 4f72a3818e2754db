// Package xmlscan reads XML 1.0 with namespaces from memory: strictly, bounded, and several times
// faster than encoding/xml.
//
// It exists because harvested pages must be split into records, and records read, at hundreds of
// megabytes a second, and because a reader that repairs must never decide where a page ends.
package xmlscan
