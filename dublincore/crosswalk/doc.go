// Package crosswalk makes Dublin Core of other metadata by rules that metadata people write and read.
//
// A mapping is a text file. Each line says which term comes from where, and what is done on the way:
//
//	format marc21
//	title    from 245$abnp             | isbd
//	creator  from 100$abcdq 110$abn    | isbd
//	issued   from 008/06-14            | marc_date
//	  else   from 264_1$c 260$c        | date
//	    example "[1957]" -> "1957"
//
// Each line adds values: several lines may give values of one term, and the same value is kept once. [Builtin] has
// the mappings that come with the package, and [Compile] reads others. [Mapping.Apply] makes a record of an
// original; [Mapping.Explain] also says which rule made each value, and why others were dropped. [Reference] is the
// manual of the language, written from the tables that the compiler itself uses.
//
// A Mapping is applied to one original at a time, and depends on nothing else: a mapping of one [Mapping.Version]
// makes the same record of the same bytes at any time. So rules can be changed, and run again over originals that
// were kept, without asking the source twice.
//
// Originals come from strangers: their size, depth and number of elements are bounded, and one that cannot be read
// is an error of that one item. Mappings are bounded too: their length, the cost of their patterns (RE2, on at most
// 64 KiB of text), and how much text the transforms of one record may make.
package crosswalk
