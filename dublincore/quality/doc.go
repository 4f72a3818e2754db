// Package quality measures how good the metadata of a collection is, and says so to the people who can
// make it better.
//
// A Meter is fed record by record, in any order, and holds what it has seen in a bounded memory (a few
// megabytes for a million records as for a thousand). Its Report says
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
// Each finding comes with up to five sample records. A Report is written as text, as JSON, or as one
// self-contained HTML page that can be sent to the provider.
//
// # What is exact and what is estimated
//
// Counts of records and of values are exact. The number of different values is exact below 4,096 in an
// element, else an estimate with a standard error of about 2 % (the k minimum values of a hash). Repeated
// titles, days, and shapes of dates are found by the algorithm of Misra and Gries: each is exact while
// there are no more than 2,048 different ones, else a count may be low, by at most Report.TitleError for
// titles; a title on more than 1 in 650 records is always found. Samples are those with the smallest hash of the
// identifier: scattered over the collection, and the same whatever the order of feeding.
//
// Two meters over parts of a collection can be merged; except for the estimates, the result is that of
// one meter over the whole.
//
// # What a stored record still tells
//
// The notes of a record are made while it is mapped and are not stored. A meter needs none: it asks the
// normalisers again about the values. Where notes are there, they are counted too, and tell of values
// that a mapping has dropped because they were not understood.
package quality
