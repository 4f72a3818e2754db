package pipeline

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Formats say in which formats a record can be written beside those that every record has, by which version of each
// one's writer, and for which [Gateway] where a format names it. Two are equal if they say the same. The zero Formats
// are those of a record that has no other format, and that first versions write.
//
// (The version of oai_dc is not among them: it is written when a record is stored.)
type Formats struct {
	// text has an entry for each format, in order of the prefixes: "mods=2", or "*oai_qdc=3" for one that every record
	// has; then, unless it is the first one, the gateway's number: "@5". Blanks stand between.
	text string
}

// everyRecord is the mark of a format that every record has.
const everyRecord = "*"

// A Gateway is what formats say of whoever serves a record, where the record lacks it.
type Gateway struct {
	Name string `json:"name"`
	// Root is the public root, to which the paths of the pages about records are added; without it
	// no page is named.
	Root string `json:"root"`
}

// FormatsOf are formats by their prefixes, each written by the first version of its writer.
func FormatsOf(prefixes ...string) (fs Formats) {
	for _, p := range prefixes {
		fs = fs.With(p, 1)
	}
	return fs
}

// With adds a format that not every record has, written by a version of its writer, counted from 1.
func (fs Formats) With(prefix string, version int) Formats { return fs.set(prefix, prefix, version) }

// WithAll says by which version a format is written that every record has.
func (fs Formats) WithAll(prefix string, version int) Formats {
	return fs.set(prefix, everyRecord+prefix, version)
}

// set puts an entry at its place in the text. It is done for each record that is mapped, so the text is not taken apart.
func (fs Formats) set(prefix, name string, version int) Formats {
	var room [96]byte
	b := room[:0]
	given := name == prefix || version > 1 // the first version of a format that every record has goes without saying
	add := func() {
		b = append(strconv.AppendInt(append(append(b, name...), '='), int64(version), 10), ' ')
		given = false
	}
	for rest := fs.text; rest != ""; {
		var entry string
		entry, rest, _ = strings.Cut(rest, " ")
		there, _, isFormat := strings.Cut(strings.TrimPrefix(entry, everyRecord), "=")
		if given && (!isFormat || there >= prefix) {
			add()
		}
		if !isFormat || there != prefix {
			b = append(append(b, entry...), ' ')
		}
	}
	if given {
		add()
	}
	return textOf(b)
}

// For says that a format names the gateway of this number. The first one has number 0.
func (fs Formats) For(gateway int) Formats {
	if gateway == fs.Gateway() {
		return fs
	}
	return formatsText(fs.entries(), gateway)
}

// Has says whether the format is among those that not every record has, and that this one has.
func (fs Formats) Has(prefix string) bool { return fs.find(prefix) > 0 }

// Version is the version of the format's writer that the record is written by.
func (fs Formats) Version(prefix string) int {
	if v := fs.find(prefix); v > 0 {
		return v
	}
	return max(1, fs.find(everyRecord+prefix))
}

// find is the version that stands with a name; 0 if the name is not there.
func (fs Formats) find(name string) int {
	for rest := fs.text; rest != ""; {
		var entry string
		entry, rest, _ = strings.Cut(rest, " ")
		if n := len(name); len(entry) > n && entry[n] == '=' && entry[:n] == name {
			v, err := strconv.Atoi(entry[n+1:])
			if err != nil {
				return 0
			}
			return v
		}
	}
	return 0
}

// Gateway is the number of the gateway that the record is written for.
func (fs Formats) Gateway() int {
	_, number, _ := strings.Cut(fs.text, "@")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}

// Each calls f with the metadataPrefix of each of the formats, in order.
func (fs Formats) Each(f func(prefix string)) {
	for rest := fs.text; rest != ""; {
		var entry string
		entry, rest, _ = strings.Cut(rest, " ")
		if name, _, ok := strings.Cut(entry, "="); ok && !strings.HasPrefix(name, everyRecord) {
			f(name)
		}
	}
}

// EachVersion calls f with each format that is named here, and the version that the record is written by.
func (fs Formats) EachVersion(f func(prefix string, version int)) {
	for _, e := range fs.entries() {
		f(e.prefix, e.version)
	}
}

// String is the text that [ParseFormats] reads: "edm=1 mods=2 *oai_qdc=3 @5".
func (fs Formats) String() string { return fs.text }

// ParseFormats reads what String wrote.
func ParseFormats(text string) (Formats, error) {
	fs := Formats{text}
	if again := formatsText(fs.entries(), fs.Gateway()); again != fs {
		return Formats{}, fmt.Errorf("the formats of a record are %q", text)
	}
	return fs, nil
}

// MarshalText gives the text of String.
func (fs Formats) MarshalText() ([]byte, error) { return []byte(fs.text), nil }

// UnmarshalText is ParseFormats.
func (fs *Formats) UnmarshalText(text []byte) (err error) {
	*fs, err = ParseFormats(string(text))
	return err
}

// Equal says whether two say the same.
func (fs Formats) Equal(other Formats) bool { return fs == other }

// A formatEntry is a format in the text: name is its prefix with the mark that it has there.
type formatEntry struct {
	prefix, name string
	version      int
}

func (fs Formats) entries() (out []formatEntry) {
	for _, word := range strings.Fields(fs.text) {
		name, number, ok := strings.Cut(word, "=")
		if version, err := strconv.Atoi(number); ok && err == nil {
			out = append(out, formatEntry{strings.TrimPrefix(name, everyRecord), name, version})
		}
	}
	return out
}

func formatsText(entries []formatEntry, gateway int) Formats {
	slices.SortFunc(entries, func(a, b formatEntry) int { return strings.Compare(a.prefix, b.prefix) })
	var b []byte
	for _, e := range entries {
		b = append(strconv.AppendInt(append(append(b, e.name...), '='), int64(e.version), 10), ' ')
	}
	if gateway > 0 {
		b = append(strconv.AppendInt(append(b, '@'), int64(gateway), 10), ' ')
	}
	return textOf(b)
}

// textOf are the formats of entries with a blank behind each.
func textOf(b []byte) Formats { return Formats{string(bytes.TrimSuffix(b, []byte(" ")))} }
