package cite

import "strings"

// A Citation is a work in the words of a style.
type Citation struct{ Style, Text string }

// Citations are the styles that readers ask for, with the date of access.
func (w *Work) Citations() []Citation {
	return []Citation{
		{"Footnote, for archives", w.footnote()},
		{"Chicago", w.chicago()},
		{"APA", w.apa()},
		{"MLA", w.mla()},
	}
}

// quoted is the title in quotation marks, with a sign behind it unless it ends with one of its own.
func (w *Work) quoted(sign string) string { return "“" + closed(w.Title, sign) + "”" }

// closed is a text with a sign behind it, in the place of a full stop; a mark of another kind stays, and is enough.
func closed(text, sign string) string {
	if strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, "…") {
		return text
	}
	return strings.TrimSuffix(text, ".") + sign
}

func (w *Work) written() string {
	if w.Written == "" {
		return "undated"
	}
	return w.Written
}

// people are the creators, the first one as first says, the others as others says.
func (w *Work) people(first, others func(Name) string, and string, most int) string {
	if len(w.Creators) == 0 {
		return ""
	}
	if len(w.Creators) > most {
		return first(w.Creators[0]) + " et al."
	}
	out := first(w.Creators[0])
	for i, n := range w.Creators[1:] {
		if i == len(w.Creators)-2 {
			out += ", " + and + " " + others(n)
		} else {
			out += ", " + others(n)
		}
	}
	return out
}

// footnote names the place first that an archivist needs to find the thing: its call number, its collection, who has it.
func (w *Work) footnote() string {
	out := w.quoted(",") + " " + w.written()
	if p := w.people(Name.Straight, Name.Straight, "and", 3); p != "" {
		out = p + ", " + out
	}
	for _, more := range []string{w.CallNumber, w.Collection, w.Holder} {
		if more != "" {
			out += ", " + more
		}
	}
	return out + ", " + w.URL + " (accessed " + w.Accessed.Format("January 2, 2006") + ")."
}

func (w *Work) chicago() string {
	out := ""
	if p := w.people(Name.Inverted, Name.Straight, "and", 10); p != "" {
		out = closed(p, ".") + " "
	}
	out += w.quoted(".") + " " + closed(w.written(), ".")
	for _, more := range []string{w.CallNumber, w.Collection, w.Publisher, w.Holder} {
		if said := " " + closed(more, "."); more != "" && !strings.HasSuffix(out, said) { // who published it may have it, too
			out += said
		}
	}
	return out + " Accessed " + w.Accessed.Format("January 2, 2006") + ". " + w.URL + "."
}

func (w *Work) apa() string {
	when := "n.d."
	if w.Written != "" {
		when = w.Written
	}
	title := closed(w.Title, ".")
	out := title + " (" + when + ")."
	if p := w.people(Name.initials, Name.initials, "&", 20); p != "" {
		out = closed(p, ".") + " (" + when + "). " + title
	}
	if w.Holder != "" {
		out += " " + closed(w.Holder, ".")
	}
	return out + " Retrieved " + w.Accessed.Format("January 2, 2006") + ", from " + w.URL
}

func (w *Work) mla() string {
	out := ""
	if p := w.people(Name.Inverted, Name.Straight, "and", 2); p != "" {
		out = closed(p, ".") + " "
	}
	out += w.quoted(".")
	if w.Written != "" {
		out += " " + closed(w.Written, ".")
	}
	if w.Holder != "" {
		out += " " + w.Holder + ","
	}
	return out + " " + w.URL + ". Accessed " + w.Accessed.Format("2 Jan. 2006") + "."
}
