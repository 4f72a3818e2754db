// Package date reads dates as people and programs write them, and keeps how exactly they are known.
//
//	d, err := date.Parse("ca. April 1957", date.AnyOrder)
//	if err != nil {
//		return err
//	}
//	fmt.Println(d.EDTF(), d.Precision(), d.Start(), d.End())
//
// [Parse] understands free text in about twenty languages. [ParseW3CDTF] and [ParseEDTF] accept the two
// standards of the field alone: the W3C's date and time format, and the Extended Date/Time Format of
// ISO 8601-2. All three make a [Date], which says no more than was written: "April 1957" is the whole month,
// "1950s" is ten years, "before 1957" has no start. A Date is written in a standard again by [Date.EDTF],
// [Date.W3CDTF] and [Date.ISO8601].
//
// A part of a century is the years that it has: the second half of the 19th is 1851/1900. Early, middle and late are
// thirds, whose ends are approximate (1801~/1833~); [ByConvention] tells of them. Several dates are the time from the first to
// the last, as a set of EDTF is. The years from which only most of a thing is (bulk 1900-1910) are approximate.
//
// Nothing is guessed. A text that is not understood to its last word is an error, and so is a date that has
// two readings, such as 03/04/1957.
package date
