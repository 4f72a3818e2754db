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

// printPreviewed shows an item that a harvest would bring: its identifier, title, date and warnings.
func printPreviewed(w io.Writer, one *rules.Previewed) {
	fmt.Fprintln(w, wording.ClipLine(cmp.Or(one.Identifier, one.Key), 300))
	switch {
	case one.Rejected != "":
		fmt.Fprintf(w, "  rejected  %s\n", wording.ClipLine(one.Rejected, 500))
	case one.Deleted:
		fmt.Fprintln(w, "  deleted")
	default:
		fmt.Fprintf(w, "  title     %s\n", cmp.Or(wording.ClipLine(one.Record.Text(dublincore.Title), 300), "(none)"))
		if d := dateOf(one.Record); d != "" {
			fmt.Fprintf(w, "  date      %s\n", wording.ClipLine(d, 100))
		}
		if len(one.Sets) > 0 {
			fmt.Fprintf(w, "  sets      %s\n", strings.Join(one.Sets, " "))
		}
		for _, n := range one.Record.Notes {
			if n.Kind == dublincore.Warning {
				fmt.Fprintf(w, "  warning   %s\n", wording.ClipLine(n.Text, 300))
			}
		}
	}
}

// dateOf returns a record's date, and what the source wrote if that differs.
func dateOf(r *dublincore.Record) string {
	for _, t := range []dublincore.Term{dublincore.Issued, dublincore.Created, dublincore.Date} {
		if v, ok := r.First(t); ok {
			if v.Original != "" && v.Original != v.Text {
				return v.Text + " (" + v.Original + ")"
			}
			return v.Text
		}
	}
	return ""
}

// advice says what to do about an error of a remote server, in a sentence after a full stop; empty for other errors.
func advice(err error) string {
	var remote *harvest.Error
	if !errors.As(err, &remote) {
		return ""
	}
	return ". " + remote.Sentence()
}
