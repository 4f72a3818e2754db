package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// suggestKey says what an unknown key of a struct may have been meant to be; empty if it's anybody's guess.
func (d *decoder) suggestKey(t reflect.Type, key string) string {
	var keys []string
	plain := strings.ReplaceAll(strings.ToLower(key), "-", "_")
	known := fieldsOf(t)
	if t == sourceType {
		known = d.sourceKeys(d.own) // a key of another kind would be refused next
	}
	for _, f := range known {
		if plain == f.key || slices.Contains(f.also, plain) {
			return didYouMean(f.key)
		}
		keys = append(keys, f.key)
	}
	where := d.elsewhere(t, plain)
	if guess := wording.Nearest(plain, keys); guess != "" && (where == "" || isSection(plain)) {
		return didYouMean(guess)
	}
	if where != "" {
		return fmt.Sprintf("; it belongs below %s", where)
	}
	return "; known here are " + strings.Join(keys, ", ")
}

// elsewhere finds the one other section that has the key.
func (d *decoder) elsewhere(not reflect.Type, key string) string {
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
		if _, ok := d.sourceKey(key); ok {
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
