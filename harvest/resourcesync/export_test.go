package resourcesync

// SetMaxChanges sets how many changes are looked at together, and returns what sets it back.
func SetMaxChanges(n int) func() {
	had := maxChanges
	maxChanges = n
	return func() { maxChanges = had }
}
