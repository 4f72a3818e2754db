package dublincore

// A Demand is something that a metadata format, or those who take records in it, require of a record. Package formats
// has the demands of each format; what measures records asks the same ones, so that nobody is told of a fault that
// nobody serves.
type Demand struct {
	Code  string             // names it among the demands of its format: "edm-type"
	Words string             // what, for a reader, after "it lacks"
	Met   func(*Record) bool // whether a record has it
}
