package dublincore

import (
	"fmt"
	"strconv"
	"strings"
)

// maxNotMapped bounds the text of a note of the kind [NotMapped], in bytes.
const maxNotMapped = 600

// notMappedMore stands before the number of the fields that have no place in the note.
const notMappedMore = "and "

// NotMappedNote says which fields of an original no rule looks at: by their names, each once, in the order given. Of names
// that are too many for a note, the first are there, and the number of the others.
func NotMappedNote(names []string) Note {
	var b strings.Builder
	b.Grow(min(maxNotMapped, 12*len(names)))
	for i, name := range names {
		if strings.ContainsAny(name, ",\"") || name != strings.TrimSpace(name) || strings.HasPrefix(name, notMappedMore) || name == "" {
			name = strconv.Quote(name)
		}
		if i > 0 && b.Len()+len(name) > maxNotMapped {
			fmt.Fprintf(&b, ", %s%d more", notMappedMore, len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
	}
	return Note{Kind: NotMapped, Text: b.String()}
}

// NotMappedNames are the names of a note that [NotMappedNote] has made; those that had no place in it are left out.
func NotMappedNames(text string) (names []string) {
	for text != "" {
		var name string
		if quoted, err := strconv.QuotedPrefix(text); err == nil && quoted[0] == '"' {
			name, _ = strconv.Unquote(quoted)
			text = strings.TrimPrefix(text[len(quoted):], ", ")
		} else {
			name, text, _ = strings.Cut(text, ", ")
			if strings.HasPrefix(name, notMappedMore) {
				continue
			}
		}
		names = append(names, name)
	}
	return names
}
