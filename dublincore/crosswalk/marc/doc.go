// Package marc reads and writes MARC records, and splits files of them.
//
//	for rec, err := range marc.Records(file) {
//		if err != nil {
//			log.Print(err) // one broken record; the next one follows
//			continue
//		}
//		fmt.Println(rec.Field("245").Subfield('a'))
//	}
//
// [Parse] reads one record, [Records] a stream of them, [Split] a stream into the bytes of each. All three
// recognise the form by themselves: ISO 2709 (the exchange format, *.mrc), MARCXML, and the lines that MarcEdit
// shows (=245  10$aTitle). [Record.AppendISO2709] and [Record.AppendMARCXML] write records in UTF-8,
// [Record.AppendMARC8] writes ISO 2709 for systems that know nothing but MARC-8, and [Record.String] writes lines.
//
// MARC-8 is read and written with all its character sets, East Asian ones too. [DecodeMARC8] and [EncodeMARC8] do
// that for a text alone.
//
// The package reads what libraries have, not only what the standards allow: lengths that were counted in
// characters, leaders that name the wrong encoding, MARCXML without its namespace. But it never guesses at
// text. What cannot be read is an error of its record ([RecordError]), unless somebody who knows the file says how it
// is written ([Parser.Otherwise]), and a character that has no equivalent
// becomes U+FFFD ([Record.Lossy]).
package marc
