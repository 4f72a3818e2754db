package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// maxPreviewed bounds a value that is shown, in characters: a dry run is for looking, and sheaf map shows the original too.
const maxPreviewed = 1000

// printPreviewed shows an item that a harvest would bring: its identifier, each value of its Dublin Core, its sets made by
// rules, and what the mapping noticed.
func printPreviewed(w io.Writer, one *rules.Previewed) {
	fmt.Fprintln(w, wording.ClipLine(cmp.Or(one.Identifier, one.Key), 300))
	switch {
	case one.Rejected != "":
		previewLine(w, "rejected", wording.ClipLine(one.Rejected, 500))
	case one.Deleted:
		fmt.Fprintln(w, "  deleted")
	default:
		printValues(w, one.Record)
		if len(one.Sets) > 0 {
			previewLine(w, "sets", strings.Join(one.Sets, " "))
		}
		for _, n := range one.Record.Notes {
			switch n.Kind {
			case dublincore.Normalized: // the value is shown beside what the source wrote
			case dublincore.Warning:
				previewLine(w, "warning", wording.ClipLine(n.Text, 300))
			default:
				previewLine(w, "note", noteLine(n))
			}
		}
	}
}

// printValues shows the values of a record, those of one term below each other. A record without any is told by name.
func printValues(w io.Writer, r *dublincore.Record) {
	if len(r.Values) == 0 {
		fmt.Fprintln(w, "  no value at all")
	}
	last := ""
	for i := range r.Values {
		v := &r.Values[i]
		name := v.Term.String()
		if name == last {
			name = ""
		} else {
			last = name
		}
		previewLine(w, name, shownValue(v))
	}
}

// shownValue is a value with its language, and with what the source wrote if that differs.
func shownValue(v *dublincore.Value) string {
	text := wording.ClipLine(v.Text, maxPreviewed)
	if v.Lang != "" {
		text += " [" + v.Lang + "]"
	}
	if v.Original != "" && v.Original != v.Text {
		text += " (" + wording.ClipLine(v.Original, maxPreviewed) + ")"
	}
	return text
}

func previewLine(w io.Writer, name, text string) { fmt.Fprintf(w, "  %-12s %s\n", name, text) }

// advice says what to do about an error of a remote server, in a sentence after a full stop; empty for other errors.
func advice(err error) string {
	var remote *harvest.Error
	if !errors.As(err, &remote) {
		return ""
	}
	return ". " + remote.Sentence()
}
