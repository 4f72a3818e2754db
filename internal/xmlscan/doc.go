// Package xmlscan reads XML 1.0 with namespaces from memory: strictly, bounded, and several times
// faster than encoding/xml.
//
// It exists because pages must be split into records, and records read, at hundreds of megabytes a second. It repairs
// nothing, because a reader that repairs could take a page which was cut short for a whole one.
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
// It refuses some things that other readers accept: document type declarations (so there are only the five entities of
// XML, and nothing expands), undeclared prefixes, an attribute twice, code points that XML 1.0 forbids (as bytes or as
// references), text outside the root, a second root, and any encoding except UTF-8. It passes over comments, processing
// instructions and the XML declaration. Namespace declarations are not among the attributes; [Scanner.Namespaces] has
// them.
//
// [Clean], [AppendText] and [AppendAttribute] write text that is then read as it was.
package xmlscan
