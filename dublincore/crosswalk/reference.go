package crosswalk

import (
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// selectorForms are the ways to point at something, by family, each with a tested sample.
var selectorForms = []struct {
	family, format, form, doc string
	original                  string
	want                      string // what the form selects there, with | between
}{
	{"Dublin Core", "oai_dc", "title", "the values of a term", `<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A</dc:title></dc>`, "A"},
	{"Dublin Core", "oai_dc", `title where lang = "sq"`, "lang and scheme of a value, in conditions", `<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="sq">A</dc:title><dc:title>B</dc:title></dc>`, "A"},
	{"XML", "xml", "a/b", "elements by name, in any namespace, from the root on", `<r><a><b>1</b><b>2</b></a></r>`, "1|2"},
	{"XML", "xml", "//b", "at any depth (twice in a path at most)", `<r><a><b>1</b></a><b>2</b></r>`, "1|2"},
	{"XML", "xml", "a/@b", "an attribute", `<r><a b="1"/></r>`, "1"},
	{"XML", "xml", `a[@b="1"]/c`, "only elements for which the condition holds: @x, @x=\"…\", @x!=\"…\", child, child=\"…\", not(…), and, or", `<r><a b="1"><c>x</c></a><a><c>y</c></a></r>`, "x"},
	{"XML", "xml", "a[1]", "the first; [last()] is the last", `<r><a>x</a><a>y</a></r>`, "x"},
	{"XML", "xml", "a/*", "any element", `<r><a><b>1</b><c>2</c></a></r>`, "1|2"},
	{"XML", "xml", "a/../b", "the element around it", `<r><a/><b>1</b></r>`, "1"},
	{"XML", "xml", "^a", "from the nearest of the element and those around it where something is found; for what is inherited", `<r><a>1</a></r>`, "1"},
	{"XML", "xml", "/r/a", "from the root, with its name", `<r><a>1</a></r>`, "1"},
	{"MARC", "marc21", "245$a", "a subfield; each occurrence is a value", "=245  10$aOne$bTwo\n=245  10$aThree", "One|Three"},
	{"MARC", "marc21", "245$ab", "several subfields of a field, joined with spaces in the order of the field", "=245  10$aOne$bTwo", "One Two"},
	{"MARC", "marc21", "245", "all subfields but the numeric ones", "=245  10$aOne$bTwo$6880-01", "One Two"},
	{"MARC", "marc21", "264_1$c", "with indicators: _ is blank, . is any", "=264  \\1$c1957\n=264  \\4$c1958", "1957"},
	{"MARC", "marc21", "6..$a", "a tag with . for any character", "=650  \\0$aA\n=651  \\0$aB", "A|B"},
	{"MARC", "marc21", "650$a--vxyz", "the codes after -- are joined with \" -- \"", "=650  \\0$aA$zB$xC", "A -- B -- C"},
	{"MARC", "marc21", "008/35-37", "positions of a control field, from 0", "=008  880912s1957    aa                  alb d", "alb"},
	{"MARC", "marc21", "LDR/06", "a position of the leader", "=LDR  00000nam a22\n=245  10$aOne", "a"},
	{"MARC", "marc21", `700$a where $4 in (aut) and ind1 = "1"`, "in conditions and templates: $x, ind1 and ind2 of the same field", "=700  1\\$aA$4aut\n=700  1\\$aB$4trl", "A"},
	{"JSON", "json", "a.b", "names with dots between; lists on the way are gone through", `{"a":[{"b":"1"},{"b":"2"}]}`, "1|2"},
	{"JSON", "json", "a[0].b", "one of a list, from 0", `{"a":[{"b":"1"},{"b":"2"}]}`, "1"},
	{"JSON", "json", `["dc:title"]`, "a name with other signs", `{"dc:title":"A"}`, "A"},
	{"JSON", "json", "a.*", "any name", `{"a":{"x":"1","y":"2"}}`, "1|2"},
	{"JSON", "json", `a.b where $.c = "yes"`, "$. begins at the root, in conditions and templates", `{"a":{"b":"1"},"c":"yes"}`, "1"},
	{"CSV", "csv", "Title", "a column, whatever its case", "title,date\nA,1957", "A"},
	{"HTML", "html", "h1", "CSS", `<h1>A</h1>`, "A"},
	{"HTML", "html", `"div > a@href"`, "an attribute; a selector with spaces in quotes", `<div><a href="/1">x</a></div>`, "/1"},
}

//go:generate go test -run TestReferencePage . -update

// Reference is the manual of the mapping language, in Markdown, written from the tables that the
// compiler uses. Every sample in it is tested.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# The mapping language

A mapping is a UTF-8 text file. A line begins with a term (title, creator, issued…) and says where its
values come from; indented lines belong to the line above. A # at the beginning of a line, or between
spaces, begins a comment. Texts with spaces stand in "quotes"; inside, \" is a quote.

    TERM from SELECTOR… [where CONDITION] [| TRANSFORM]…
    TERM each SELECTOR from SELECTOR…                          (looks into each thing selected first; . is that thing itself)
    TERM is "VALUE"
      else from SELECTOR… [where CONDITION] [| TRANSFORM]…     (if the lines above gave nothing; with each, of that thing)
      example "what is found" -> "what comes out"              (or -> nothing; checked whenever the file is read)

Lines add values; the same value twice is once. A long rule may go on in indented lines that begin with |
or where. Values of landing, object and thumbnail must be http or https URLs.

A mapping of one's own mostly starts from a built-in one and says what is different:

    include marc21.map
    drop accessRights                           # nothing of that term
    replace landing from 856$u | url only | first
      example "http://example.org/1" "x" -> "http://example.org/1"
    title from 990$a | isbd                     # beside what is built in

    table kinds from kinds.csv                  # a CSV file beside the mapping: word,meaning
    type from 655$a | table kinds only

A mapping in which something is wrong is refused, with every error at its file, line and column and, where
one is near, the right word. So is one whose examples do not hold. Try it with ` + "`sheaf map SOURCE`" + `, which shows beside
each value the rule and the field that made it, what was selected but not used, and what no rule looks at; ` + "`sheaf remap SOURCE`" + ` says what it
would change.

Everything is bounded: regular expressions are RE2, which takes time in proportion to the text, a record can't be made
to grow without end, and files can't include each other in a circle.

On this page: [other lines](#other-lines), [formats](#formats), [selectors](#selectors), [conditions](#conditions),
[transforms](#transforms), [warnings](#warnings), [if you know Catmandu Fix or traject](#if-you-know-catmandu-fix-or-traject),
[built in](#built-in), [terms](#terms).

## Other lines

`)
	for _, s := range statements {
		fmt.Fprintf(&b, "- `%s`: %s\n", s.form, s.doc)
	}
	b.WriteString("\n## Formats\n\n")
	for _, f := range formats {
		fmt.Fprintf(&b, "- `%s`: %s\n", f.name, f.doc)
	}
	b.WriteString("\n## Selectors\n\nA condition or template looks into the thing that was selected: the element, the field, the object.\n")
	family := ""
	for _, s := range selectorForms {
		if s.family != family {
			family = s.family
			fmt.Fprintf(&b, "\n### %s\n\n| selector | selects | for example, in | gives |\n|---|---|---|---|\n", family)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(s.form), cell(s.doc), code(strings.ReplaceAll(s.original, "\n", " ⏎ ")), code(strings.ReplaceAll(s.want, "|", ", ")))
	}
	b.WriteString("\n## Conditions\n\n`where` takes SELECTOR alone (there is such a value), `no SELECTOR` (there is none), or a comparison; `value` is the value itself. They are joined with `and`, `or`, `not` and (parentheses).\n\n")
	for _, o := range condOperators {
		fmt.Fprintf(&b, "- `SELECTOR %s`: %s\n", o.name, o.doc)
	}
	b.WriteString("\n## Transforms\n\n| transform | what it does | for example | makes of | this |\n|---|---|---|---|---|\n")
	for _, t := range transforms {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(strings.TrimSpace(t.name+" "+t.args)), cell(t.doc), code(t.example.call),
			code(quoteAll(t.example.in)), code(quoteAll(t.example.out)))
	}
	b.WriteString("\n## Warnings\n\n")
	for _, c := range checks {
		fmt.Fprintf(&b, "- `warn %s in SELECTOR…`: %s\n", c.name, c.doc)
	}
	writeEquivalents(&b)
	b.WriteString("\n## Built in\n\nMappings to include or to use as they are: ")
	b.WriteString(strings.Join(namesIn("maps"), ", "))
	b.WriteString(". Tables: ")
	for i, n := range namesIn("tables") {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strings.TrimSuffix(n, ".csv"))
	}
	b.WriteString(".\n\n## Terms\n\n")
	names := termNames()
	for i, n := range names {
		t, _ := dublincore.TermNamed(n)
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(n)
		if e := t.Element(); e != t && e.String() != "" {
			b.WriteString(" (" + e.String() + ")")
		}
	}
	b.WriteString(".\n")
	return b.String()
}

// writeEquivalents writes the table for those who come from elsewhere.
func writeEquivalents(b *strings.Builder) {
	b.WriteString(`
## If you know Catmandu Fix or traject

A line here says all of one value: where from, under which condition, through what. There are no blocks and no
variables, and the order of lines does not matter but for the order of values. Values are put into lists by themselves, the same one
only once. Tags and codes are written with a $ between (245$ab). What to do on the way stands behind | as in a shell.

| to | Catmandu Fix | traject | here |
|---|---|---|---|
`)
	for _, e := range equivalents {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", e.task, code(e.catmandu), code(e.traject), code(strings.ReplaceAll(e.rule, "\n", " ⏎ ")))
	}
}

// code is a text as code in a table's cell.
func code(s string) string {
	if s == "" {
		return "–"
	}
	fence := "`"
	if strings.Contains(s, "`") {
		fence = "``"
	}
	return fence + cell(s) + fence
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
