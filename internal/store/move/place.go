package move

import (
	"fmt"
	"strconv"
	"strings"
)

// placeOf writes the key of a row down: numbers as they are, texts in quotes, whatever bytes they have.
func placeOf(row []any, key []int) string {
	var out []string
	for _, k := range key {
		switch v := row[k].(type) {
		case int64:
			out = append(out, strconv.FormatInt(v, 10))
		case string:
			out = append(out, strconv.Quote(v))
		}
	}
	return strings.Join(out, "\n")
}

// parsePlace reads it; nil for the beginning.
func parsePlace(place string) (key []any, err error) {
	if place == "" {
		return nil, nil
	}
	for _, part := range strings.Split(place, "\n") {
		if strings.HasPrefix(part, `"`) {
			text, err := strconv.Unquote(part)
			if err != nil {
				return nil, fmt.Errorf("the place %q: %w", part, err)
			}
			key = append(key, text)
			continue
		}
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the place %q: %w", part, err)
		}
		key = append(key, n)
	}
	return key, nil
}
