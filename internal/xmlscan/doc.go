// Package xmlscan reads XML 1.0 with namespaces from memory: strictly, bounded, and several times
// faster than encoding/xml.
//
// It exists because harvested pages must be split into records, and records read, at hundreds of
// megabytes a second, and because a reader that repairs must never decide where a page ends.
//
// A Scanner gives the tokens of a document one by one, without allocating for them:
//
//	s := xmlscan.New(data, xmlscan.Limits{})
//	for {
//		kind, err := s.Next()
//		if err != nil {
//			return err // *xmlscan.SyntaxError, with line and column
//		}
//		if kind == xmlscan.EOF {
//			break
//		}
//		if kind == xmlscan.Start && s.Is(dcNamespace, "title") {
//			title, err = s.AppendText(title[:0])
//		}
//	}
//
// What it refuses, though some readers let it pass: document type declarations (so there are no
// entities but the five, and nothing expands), undeclared prefixes, an attribute twice, code points
// that XML 1.0 forbids (as bytes or as references), text outside the root, a second root, any
// encoding but UTF-8. What it leaves out: comments, processing instructions, the XML declaration,
// and namespace declarations as attributes (see Namespaces).
//
// Clean, AppendText and AppendAttribute write text so that it is read as what it was.
package xmlscan
