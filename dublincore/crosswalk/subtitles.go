package crosswalk

import "strings"

func buildSubtitled(a *arguments) (stepFunc, error) {
	path, err := a.text()
	if err != nil {
		return nil, err
	}
	sel, err := a.c.within(path)
	if err != nil {
		return nil, err
	}
	return func(r *run, in []item) []item {
		if len(in) == 0 {
			return in
		}
		titles, had := len(in), make([]bool, len(in))
		for _, sub := range sel.find(r, in[0].node, nil) {
			if sub.text = strings.TrimSpace(sub.text); sub.text == "" {
				continue
			}
			switch i := titleOf(in[:titles], &sub); {
			case i < 0:
				in = append(in, sub)
			case had[i]:
				in[i].text += ", " + sub.text
			default:
				in[i].text, had[i] = strings.TrimSpace(in[i].text)+": "+sub.text, true
			}
		}
		return in
	}, nil
}

// titleOf is the place of the title that a subtitle belongs to: the first in its language, or else the first where one of
// the two says no language; -1 if there is none.
func titleOf(titles []item, sub *item) int {
	for i := range titles {
		if mainLanguage(titles[i].lang) == mainLanguage(sub.lang) {
			return i
		}
	}
	for i := range titles {
		if titles[i].lang == "" || sub.lang == "" {
			return i
		}
	}
	return -1
}

// mainLanguage is a tag without what makes it more exact: "en" of en-GB.
func mainLanguage(tag string) string {
	tag, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	return tag
}
