package quality

// A finding is a problem that a record can show.
type finding uint8

// The problems. P1 to P12 are the problem patterns of Europeana's Metis, by its numbers; the others are
// ours.
const (
	titleEverywhere finding = iota
	titleIsDescription
	titleNearDescription
	titleOdd
	titleNone
	titleIsIdentifier
	descriptionNone
	descriptionShort
	titleLong
	datePlaceholder
	dateNone
	dateAmbiguous
	dateFuture
	dateEverywhere
	markupLeft
	textDamaged
	findingCount
	noFinding = findingCount
)

// problems say of each finding its code, what it is, and what to do about it.
var problems = [findingCount]struct{ code, label, advice string }{
	titleEverywhere: {"P1", "The same title on many records",
		"A title should tell the item from its neighbours: add what differs, such as a date, a place or a number."},
	titleIsDescription: {"P2", "The description repeats the title",
		"Say in the description what the title leaves open, or leave it out."},
	titleNearDescription: {"P3", "The description is nearly the title",
		"Say in the description what the title leaves open, or leave it out."},
	titleOdd: {"P5", "The title has more than five characters that are no letter, digit or space",
		"Look for codes, paths, markup or broken characters in the title."},
	titleNone: {"no-title", "There is no title",
		"Give every item a title; a supplied one in brackets is better than none."},
	titleIsIdentifier: {"P6", "The title is too short, a file name, or holds the identifier",
		"Give the item a title for people; keep the identifier in the field for identifiers."},
	descriptionNone: {"P7", "There is no description",
		"One or two sentences about the item make it findable."},
	descriptionShort: {"P9", "A description has 50 characters or fewer",
		"Say more, or move notes to the fields they belong to."},
	titleLong: {"P12", "A title has more than 70 characters",
		"Long titles are cut in lists of results: move what is not title to the description."},
	datePlaceholder: {"date-placeholder", "The date looks like a placeholder",
		"Leave the field out where the date is not known."},
	dateNone: {"date-none", "The date says that there is none",
		"Leave the field out, or estimate: a decade or a century is searchable too."},
	dateAmbiguous: {"date-ambiguous", "The date can be read in two ways",
		"Write YYYY-MM-DD; or have the mapping of this source say which comes first, day or month."},
	dateFuture: {"date-future", "The date is more than a year ahead",
		"Check the date; an embargo belongs into the field for availability."},
	dateEverywhere: {"date-everywhere", "The same day on a tenth of the records or more",
		"Probably the day of an import or a default of the system, not the date of the item."},
	markupLeft: {"markup", "Markup or character references in a text",
		"Send plain text; or have the mapping of this source clean it."},
	textDamaged: {"damaged", "Characters were damaged on the way",
		"A text was read in the wrong encoding somewhere (UTF-8 taken for Latin-1, or the reverse): look at the export."},
}

// found counts a problem of the record f, once for each record, with the value that shows it.
func (m *Meter) found(f *facts, which finding, value string) {
	if f.shown&(1<<which) != 0 {
		return
	}
	f.shown |= 1 << which
	m.findings[which].add(f, value)
}
