// Package dublincore is the Dublin Core record: the terms of DCMI, each value with its language and encoding
// scheme, the XML forms of a record, and the normalising of values.
//
//	rec, err := dublincore.ParseOAIDC(xml)
//	if err != nil {
//		return err
//	}
//	rec.Clean()
//	title := rec.Text(dublincore.Title)
//
// A [Record] is read by [ParseOAIDC] and [ParseQDC], or made with [Record.Add]. It is written by
// [Record.AppendOAIDC], [Record.AppendOAIQDC] and [Record.AppendJSON].
//
// Sources write the same thing in many ways. [NormalizeDate], [NormalizeLanguage], [NormalizeType],
// [NormalizeIdentifier] and [NormalizeRights] bring a value into its standard form, and say by a [NoteKind] what
// they did, or why they left it as it was. Nothing is guessed, and what the source wrote stays in Value.Original.
package dublincore
