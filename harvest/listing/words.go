package listing

import "strings"

// navigation has paragraphs, in lower case, that belong to the page and not to a record.
var navigation = set(`
skip to content|skip to main content|skip to navigation|skip navigation|skip to search|skip to results
back to top|top of page|top|to top|next|previous|prev|next page|previous page|first|last|first page|last page
load more|show more|show more results|see more|more results|view more|read more|show less
search|menu|home|share|print|close|sign in|log in|login|register|cookie settings|privacy policy|terms of use
«|»|‹|›|<|>|<<|>>|« previous|next »|‹ previous|next ›|← previous|next →
`)

// isNavigation reports whether a line belongs to the page rather than to a record. Most lines are too long to be looked
// up.
func isNavigation(line string) bool {
	return len(line) <= maxNavigation && navigation[strings.ToLower(line)]
}

const maxNavigation = 40

// defaultHeadings has the headings above rows that say what kind of thing the rows are.
const defaultHeadings = `
documents|document|collections|collection|biographies|people|organizations|articles|photographs|photos|images
maps|books|letters|reports|publications|videos|recordings|interviews|oral histories|essays|blog posts|posts
exhibits|exhibitions|events|news|topics|themes|items|records|manuscripts|newspapers|objects|series|files|folders
`

// set makes a set of the words between bars and line ends.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsFuncSeq(words, func(r rune) bool { return r == '|' || r == '\n' }) {
		m[w] = true
	}
	return m
}
