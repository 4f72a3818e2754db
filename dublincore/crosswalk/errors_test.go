package crosswalk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestErrors holds the compiler to speaking in the reader's words, at the right place.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"term", "format oai_dc\ntitel from title\n", `x.map:2:1: "titel" is no term of a record, and no other word that begins a line (did you mean "title"?)`},
		{"statement", "formt oai_dc\n", `x.map:1:1: "formt" is no term of a record, and no other word that begins a line (did you mean "format"?)`},
		{"format", "format marc\ntitle from 245$a\n", `x.map:1:8: the format "marc" is not known; known are listing, oai_dc, oai_qdc, marc21, unimarc, mods, datacite, ead, lido, schemaorg, xml, json, csv, html; for a format of your own say which family it is: format marc as xml (did you mean "marc21"?)`},
		{"no format", "title from title\n", `x.map:1:1: before the first rule, say what the mapping reads: format listing, or oai_dc`},
		{"no rules", "format oai_dc\n", `x.map: the mapping has no rules; write one such as: title from title`},
		{"empty", "# nothing\n", `x.map: the mapping needs a line such as: format oai_dc (or: include marc21.map)`},
		{"from", "format oai_dc\ntitle form title\n", `x.map:2:7: after title comes "from" and where the value is found, or "is" and the value itself (did you mean "from"?)`},
		{"each without from", "format mods\ntitle each titleInfo is x\n", `x.map:2:7: write: title each SELECTOR from SELECTOR…`},
		{"each of nothing", "format marc21\ntitle each $a from $b\n", `x.map:2:12: which field? write the tag before the $: 245$a`},
		{"nothing after from", "format oai_dc\ntitle from | clean\n", `x.map:2:7: nothing follows "from"`},
		{"transform", "format oai_dc\ntitle from title | cleen\n", `x.map:2:20: there is no transform "cleen" (did you mean "clean"?)`},
		{"no transform", "format oai_dc\ntitle from title |\n", `x.map:2:18: after | comes a transform, such as: | trim`},
		{"argument", "format oai_dc\ntitle from title | split\n", `x.map:2:20: "split" needs more words: split "MARK"…`},
		{"surplus", "format oai_dc\ntitle from title | upper case\n", `x.map:2:26: "upper" has no use for "case"; write: upper`},
		{"selector", "format oai_qdc\ntitle from tittle\n", `x.map:2:12: "tittle" is no term of Dublin Core; a selector of oai_qdc is a term such as title or issued (did you mean "title"?)`},
		{"condition", "format marc21\ntitle from 245$a where $b iss x\n", `x.map:2:27: "iss" is no comparison; use =, !=, is, in, matches, has, starts, before, after, during, not in or is not (did you mean "is"?)`},
		{"condition otherwise", "format marc21\ntitle from 245$a where $b contains x\n", `x.map:2:27: "contains" is no comparison; use =, !=, is, in, matches, has, starts, before, after, during, not in or is not (did you mean "has"?)`},
		{"condition date", "format marc21\ntitle from 245$a where 008 before Monday\n", `x.map:2:35: "Monday" is not understood as a date; after "before" comes one`},
		{"condition cut", "format marc21\ntitle from 245$a where $b and\n", `x.map:2:18: the condition ends too early; after "where", "and", "or" or "not" comes a selector`},
		{"condition rest", "format marc21\ntitle from 245$a where $b = x y\n", `x.map:2:31: "y" does not belong in this condition; join conditions with and, or`},
		{"pattern", "format oai_dc\ntitle from title | extract \"(\"\n", `x.map:2:20: the regular expression "(" is not understood: missing closing ): ` + "`(`"},
		{"repetition", "format oai_dc\ntitle from title | extract \"((a{100}){100}){100}\"\n", "x.map:2:20: the regular expression \"((a{100}){100}){100}\" is not understood: "},
		{"table", "format oai_dc\ntype from type | table gneres\n", `x.map:2:24: there is no table "gneres"; declare it above: table gneres from FILE.csv (did you mean "genres"?)`},
		{"table column", "format oai_dc\ntable langs from langs.csv key cod\ntitle from title\n", `langs.csv:1: the table has no column "cod"; its columns are code, name (did you mean "code"?)`},
		{"table rows", "format oai_dc\ntable bad from bad.csv\ntitle from title\n", `bad.csv:3:1: the row has 3 columns, the header has 2; put values with a comma in quotes`},
		{"table twice", "format oai_dc\ntable t from twice.csv\ntitle from title\n", `twice.csv:3: the table says two things of "a": "1" and "2"`},
		{"table missing", "format oai_dc\ntable t from langz.csv\ntitle from title\n", `x.map:2:14: there is no file "langz.csv" beside the mapping, and none of that name is built in`},
		{"include missing", "include mark21.map\n", `x.map:1:9: there is no file "mark21.map" beside the mapping, and none of that name is built in (did you mean "marc21.map"?)`},
		{"circle", "include a.map\n", `b.map:1:9: these files include each other in a circle: x.map → a.map → b.map → a.map`},
		{"include itself", "include x.map\n", `x.map:1:9: the mapping includes itself, and none called "x.map" is built in`},
		{"include beside misspelt", "include rules.mpa\n", `x.map:1:9: there is no file "rules.mpa" beside the mapping, and none of that name is built in (did you mean "rules.map"?)`},
		{"include without ending", "include listing\n", `x.map:1:9: there is no file "listing" beside the mapping, and none of that name is built in (did you mean "listing.map"?)`},
		{"include without ending, misspelt", "include listng\n", `x.map:1:9: there is no file "listng" beside the mapping, and none of that name is built in (did you mean "listing.map"?)`},
		{"include in a folder, misspelt", "include more/rulez.map\n", `x.map:1:9: there is no file "more/rulez.map" beside the mapping, and none of that name is built in (did you mean "more/rules.map"?)`},
		{"table below its rule", "format oai_dc\ntype from type | first_of table genres\ntable genres from langs.csv\n", `x.map:3:7: the built-in table "genres" is used above; declare your own before the first rule that uses it, or give it another name`},
		{"table declared twice", "format oai_dc\ntable t from langs.csv\ntable t from langs.csv\n", `x.map:3:7: the table "t" is declared above already`},
		{"include other family", "format oai_dc\ninclude marc21.map\n", `builtin:marc21.map:5:8: this mapping reads marc21, but it is included in one that reads oai_dc`},
		{"replace nothing", "format oai_dc\nreplace title from title\n", `x.map:2:9: nothing that is included above has a rule for title, so there is nothing to replace`},
		{"drop nothing", "include listing.map\ndrop audience\n", `x.map:2:6: nothing that is included above has a rule for audience, so there is nothing to drop`},
		{"quote", "format oai_dc\ntitle is \"A\n", `x.map:2:10: this quote is never closed`},
		{"quote in words", "format oai_dc\ntitle is A b\n", `x.map:2:12: put a value of several words in quotes: title is "two words"`},
		{"bracket", "format mods\ntitle from titleInfo[not(@type)\n", `x.map:2:12: this bracket is never closed: [`},
		{"path", "format mods\ntitle from titleInfo/[1]\n", `x.map:2:12: a name is missing before "[1]"; a path looks like titleInfo[@type="uniform"]/title, //name or location/url/@access`},
		{"prefix", "format mods\ntitle from m:titleInfo\n", `x.map:2:12: the prefix "m" is not declared; add a line: namespace m "…", or leave the prefix out`},
		{"jumps", "format mods\ntitle from //a//b//c\n", `x.map:2:12: a path may have // twice at most`},
		{"marc tag", "format marc21\ntitle from 24$a\n", `x.map:2:12: "24$" is no tag; a MARC selector looks like`},
		{"marc indicators", "format marc21\ntitle from 2451$a\n", `x.map:2:12: between tag and $ stand two indicators or none, not "1"; `},
		{"marc codes as in traject", "format marc21\ntitle from 245ab\n", `x.map:2:12: between tag and $ stand indicators, not "ab"; for subfields write 245$ab; `},
		{"marc codes", "format marc21\ntitle from 245abc\n", `x.map:2:12: for subfields write 245$abc, not 245abc; `},
		{"no spaces about |", "format json\ntitle from a|trim\n", `x.map:2:12: put a space before and behind |; one that belongs to a text stands in "quotes"`},
		{"no spaces about | later", "format json\ntitle from a | trim|upper\n", `x.map:2:16: put a space before and behind |`},
		{"no spaces about =", "format json\ntitle from a where b=c\n", `x.map:2:20: put a space before and behind = or !=: where lang = "sq"`},
		{"curly quotes", "format json\ntitle is “A b”\n", `x.map:2:10: write texts in straight quotes: "…"`},
		{"listing field", "format listing\ntitle from tittle\n", `x.map:2:12: "tittle" is no field of a listing's row; its fields are title, date, summary, link, id, kind, row, page, and detail.NAME of its own page (did you mean "title"?)`},
		{"marc positions", "format marc21\ntitle from 008/b\n", `x.map:2:12: /b names no positions; `},
		{"marc no field", "format marc21\ntitle from $a\n", `x.map:2:12: which field? write the tag before the $: 245$a`},
		{"css", "format html\ntitle from div..x\n", `x.map:2:12: the CSS selector "div..x" is not understood: `},
		{"json", "format json\ntitle from a..b\n", `x.map:2:12: a step of the path is empty; write names with dots between: author.name`},
		{"else alone", "format oai_dc\n  else from title\n", `x.map:2:3: nothing is indented below a line that begins with "format"`},
		{"below", "format oai_dc\ntitle from title\n  elsse from title\n", `x.map:3:3: below a rule stand else, example, where, or | with further transforms, not "elsse" (did you mean "else"?)`},
		{"warn", "format listing\ntitle from title\nwarn late_date in title\n", `x.map:3:6: there is no warning "late_date"; there are later_date, missing, several, repeated (did you mean "later_date"?)`},
		{"example", "format oai_dc\ntitle from title | upper\n  example \"a\" -> \"B\"\n", `x.map:3:3: the example does not hold: it gives "A", not "B"`},
		{"example form", "format oai_dc\ntitle from title\n  example \"a\"\n", `x.map:3:3: write: example "what is found" -> "what comes out" (or -> nothing)`},
		{"record example", "format listing\ntitle from title\nexample\n  > {\"title\": \"A\"}\n  title = B\n", `x.map:3:1: the example does not hold: title is "A", not "B"`},
		{"template", "format json\ntitle from a | text \"{b\"\n", `x.map:2:16: a { in the template is never closed; write \{ for the sign itself`},
		{"not UTF-8", "format oai_dc\ntitle is \xff\n", `x.map: the file is not UTF-8; save it as UTF-8`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{
				"rules.map":      {Data: []byte("format oai_dc\n")},
				"more/rules.map": {Data: []byte("format oai_dc\n")},
				"a.map":          {Data: []byte("include b.map\n")},
				"b.map":          {Data: []byte("include a.map\n")},
				"langs.csv":      {Data: []byte("code,name\nen,English\n")},
				"bad.csv":        {Data: []byte("a,b\n1,2\n1,2,3\n")},
				"twice.csv":      {Data: []byte("a,b\na,1\nA.,2\n")},
			}
			_, err := Compile("x.map", []byte(c.src), WithFiles(files))
			var all Errors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("error %v, want Errors", err)
			}
			if got := all[0].Error(); !strings.HasPrefix(got, c.want) {
				t.Errorf("the first error (-want +got):\n%s", cmp.Diff(c.want, got))
			}
		})
	}
}

// TestAllErrorsAtOnce: a person mends a file once, not once for each mistake.
func TestAllErrorsAtOnce(t *testing.T) {
	_, err := Compile("x.map", []byte("format oai_dc\ntitel from title\ncreator from creator | splt \";\"\nsubject form subject\n"))
	var all Errors
	if !errors.As(err, &all) || len(all) != 3 {
		t.Fatalf("%v", err)
	}
	for i, line := range []int{2, 3, 4} {
		if all[i].Line != line {
			t.Errorf("error %d is on line %d, want %d", i, all[i].Line, line)
		}
	}
	var one *Error
	if !errors.As(err, &one) || one.Hint != "title" {
		t.Errorf("the first single error is %+v", one)
	}
}

// One mistake is told once, where it is, and not of each line that it has to do with.
func TestOneErrorForOneMistake(t *testing.T) {
	for name, src := range map[string]string{
		"unknown format": "format lisitng\ntitle from title\ncreated from date\n",
		"no format":      "title from title\ncreated from date\n",
		"bad table":      "format listing\ntable g from g.csv key wrod\ntype from title | first_of table g\nsubject from title where value in table g\n",
		"missing table":  "format listing\ntable g from h.csv\ntype from title | first_of table g\n",
	} {
		_, err := Compile("x.map", []byte(src), WithFiles(fstest.MapFS{"g.csv": {Data: []byte("word,genre\nLetter,letters\n")}}))
		var all Errors
		if !errors.As(err, &all) || len(all) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBounds: nothing that a file can hold makes the compiler work without end.
func TestBounds(t *testing.T) {
	for name, src := range map[string]string{
		"bytes":      "format oai_dc\n" + strings.Repeat("# x\n", 1<<19),
		"lines":      "format oai_dc\n" + strings.Repeat("\n", maxLines+1) + "title from title\n",
		"line":       "format oai_dc\ntitle is \"" + strings.Repeat("x", maxLine) + "\"\n",
		"words":      "format oai_dc\ntitle from" + strings.Repeat(" title", maxWords) + "\n",
		"rules":      "format oai_dc\n" + strings.Repeat("title from title\n", maxRules+1),
		"transforms": "format oai_dc\ntitle from title" + strings.Repeat(" | trim", maxSteps+1) + "\n",
		"pattern":    "format oai_dc\ntitle from title | extract \"" + strings.Repeat("a", maxPattern+1) + "\"\n",
		"template":   "format json\ntitle from a | text \"" + strings.Repeat("{a}", maxTemplateParts+2) + "\"\n",
		"brackets":   "format mods\ntitle from " + strings.Repeat("a[", 40) + "b" + strings.Repeat("]", 40) + "\n",
		"groups":     "format oai_dc\ntitle from title where " + strings.Repeat("(", 20) + "title" + strings.Repeat(")", 20) + "\n",
		"errors":     "format oai_dc\n" + strings.Repeat("nonsense\n", 1000),
		"includes":   "include 0.map\n",
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for i := range maxIncludes + 2 {
				files[fmt.Sprintf("%d.map", i)] = &fstest.MapFile{Data: []byte(fmt.Sprintf("include %d.map\n", i+1))}
			}
			_, err := Compile("x.map", []byte(src), WithFiles(files))
			var all Errors
			if !errors.As(err, &all) {
				t.Fatalf("error %v, want Errors", err)
			}
			if len(all) > maxErrors+1 {
				t.Errorf("%d errors", len(all))
			}
		})
	}
}
