package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// suggestKey says what an unknown key of a struct may have been meant to be; empty if it's anybody's guess.
func suggestKey(t reflect.Type, key string) string {
	var keys []string
	plain := strings.ReplaceAll(strings.ToLower(key), "-", "_")
	for _, f := range fieldsOf(t) {
		if plain == f.key || slices.Contains(f.also, plain) {
			return didYouMean(f.key)
		}
		keys = append(keys, f.key)
	}
	if guess := nearest(plain, keys); guess != "" {
		return didYouMean(guess)
	}
	if where := elsewhere(t, plain); where != "" {
		return fmt.Sprintf("; it belongs below %s", where)
	}
	return "; known here are " + strings.Join(keys, ", ")
}

// elsewhere finds the one other section that has the key.
func elsewhere(not reflect.Type, key string) string {
	var found []string
	for _, section := range fieldsOf(configType) {
		t := configType.Field(section.index).Type
		if t.Kind() != reflect.Struct || t == not {
			continue
		}
		if _, ok := fieldNamed(t, key); ok {
			found = append(found, section.key+":")
		}
	}
	if not != sourceType {
		if _, ok := fieldNamed(sourceType, key); ok {
			found = append(found, "a source")
		}
	}
	if isSection(key) {
		found = []string{"no other key; move it to the left margin"}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

func didYouMean(guess string) string {
	if guess == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", guess)
}

// nearest is the word that differs least from what was written; empty if none is near.
func nearest(written string, words []string) string {
	if len(written) > 64 {
		return ""
	}
	written = strings.ToLower(written)
	best, limit := "", 1+utf8.RuneCountInString(written)/4
	for _, w := range words {
		if d := distance([]rune(written), []rune(strings.ToLower(w))); d <= limit && d < len(w) {
			best, limit = w, d-1
		}
	}
	return best
}

// distance counts the letters to insert, delete, change, or swap with their neighbour, from a to b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
