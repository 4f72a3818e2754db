package webpage

import (
	"errors"
	"strings"
)

var errMore = errors.New("something follows the JSON value")

// prefixes stand before names of schema.org.
var prefixes = []string{"schema:", "sdo:", "http://schema.org/", "https://schema.org/", "http://www.schema.org/", "https://www.schema.org/"}

// Plain is a name of schema.org without the prefix that it may have.
func Plain(name string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" {
			return rest
		}
	}
	return name
}
