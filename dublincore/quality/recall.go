package quality

import "strings"

// A recall remembers what was found out about short texts, because dates, languages, types and rights
// are the same few again and again. It is emptied when it is full.
type recall[T any] struct {
	known map[string]T
	find  func(string) T
}

// What a recall holds at most: texts, and bytes of one.
const (
	maxRecalled = 4096
	maxRecall   = 200
)

func (r *recall[T]) of(text string) T {
	if len(text) > maxRecall {
		return r.find(text)
	}
	if found, ok := r.known[text]; ok {
		return found
	}
	if r.known == nil || len(r.known) >= maxRecalled {
		r.known = make(map[string]T)
	}
	found := r.find(text)
	r.known[strings.Clone(text)] = found
	return found
}
