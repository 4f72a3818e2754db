// Package quality measures how good the metadata of a collection is, and reports it to the people who can make it
// better.
//
//	m := quality.NewMeter(time.Now(), formats.Demands)
//	for identifier, record := range collection {
//		m.Add(identifier, record)
//	}
//	m.Report().WriteText(os.Stdout)
//
// A [Meter] is given the records in any order, and needs a few megabytes of memory for a thousand records as for a
// million. Its [Report] says
//
//   - how complete the fifteen elements are, how many values they have and how many of them differ;
//   - how many dates, languages, types, rights and identifiers are in a standard form, and what the
//     others look like;
//   - which of the problem patterns of Europeana's quality work (P1 to P12) the records show, and which
//     dates are dead: placeholders, "no date", the same day everywhere;
//   - how many texts say in which language they are, and which of Europeana's metadata tiers the records
//     reach;
//   - rule by rule, what DPLA, Europeana, OpenAIRE and BASE would object to.
//
// Each finding comes with up to five sample records. A Report is plain data for JSON, and is written as text by
// [Report.WriteText] and as one HTML page, which can be sent to the provider, by [Report.WriteHTML].
//
// # What is exact and what is estimated
//
// Counts of records and of values are exact. The number of different values is exact below 4,096 in an
// element; above that it is an estimate with a standard error of about 2 % (the k minimum values of a hash). Repeated
// titles, days, and shapes of dates are counted by the algorithm of Misra and Gries: exactly, as long as there are no
// more than 2,048 different ones; otherwise a count may be too low, for titles by at most Report.TitleError. A title
// on more than 1 in 650 records is always found. The samples are the records with the smallest hash of the identifier,
// so they are scattered over the collection, and do not depend on the order of the records.
//
// Two meters over parts of a collection can be merged with [Meter.Merge]. Except for the estimates, the result is the
// same as that of one meter over the whole.
//
// # What a stored record still tells
//
// A meter does not need the notes that mapping leaves: it asks the normalisers about the values again. If a record has
// notes, they are counted too. Only they tell of values that the mapping dropped because it did not understand them.
package quality
