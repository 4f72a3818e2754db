package pipeline

import "time"

// Stages are the times at which a page went through a run. A stage is zero if there was none: of a page that is stored in
// several parts the first alone was fetched, and what a person has agreed to was prepared long ago.
type Stages struct {
	Fetch, Prepare, Commit Stage
}

// A Stage is the time that a part of the work took.
type Stage struct{ Began, Ended time.Time }

// since is a stage that ends now.
func since(began time.Time) Stage { return Stage{began, time.Now()} }
