package crosswalk

// equivalents say how what people write in Catmandu's Fix language and in traject is said here. An empty cell
// means that there is nothing of its own for it. Each rule is tested: with the original, it gives what is
// wanted, with | between.
var equivalents = []struct {
	task, catmandu, traject string
	rule                    string
	format, original, want  string
}{
	{"copy subfields", `marc_map('245ab',title)`, `to_field 'title', extract_marc('245ab')`, `title from 245$ab`,
		"marc21", "=245  10$aOne$bTwo", "One Two"},
	{"several fields into one", `marc_map('100abc',creator.$append) marc_map('700abc',creator.$append)`, `extract_marc('100abc:700abc')`,
		`creator from 100$abc 700$abc`, "marc21", "=100  1\\$aA\n=700  1\\$aB", "A|B"},
	{"all subfields but the digits", `marc_map('100^0-9',creator)`, `extract_marc('100')`, `creator from 100`, "marc21", "=100  1\\$aA$d1900$01", "A 1900"},
	{"an indicator", `marc_map('264[,1]b',publisher)`, `extract_marc('264|*1|b')`, `publisher from 264.1$b`, "marc21", "=264  \\1$bA\n=264  \\4$bB", "A"},
	{"positions", `marc_map('008/35-37',language)`, `extract_marc('008[35-37]')`, `language from 008/35-37`,
		"marc21", "=008  880912s1957    aa                  alb d", "alb"},
	{"several subfields with a mark between", `marc_map('650ax',subject,join:' -- ')`, `extract_marc('650ax', separator: ' -- ')`, `subject from 650$a--x`,
		"marc21", "=650  \\0$aA$xB", "A -- B"},
	{"original scripts (880)", `marc_map('880a',title)`, `extract_marc('245a', alternate_script: true)`, `title from 245$a`,
		"marc21", "=245  10$6880-01$aTokyo\n=880  10$6245-01/$1$a東京", "Tokyo|東京"},
	{"XML", `copy_field(a.title,title)`, `extract_xpath('//mods:title', ns: …)`, `title from //title`, "xml", "<r><a><title>A</title></a></r>", "A"},
	{"a path in JSON", `copy_field(a.b,title)`, `extract_json('$.a.b')`, `title from a.b`, "json", `{"a":{"b":"A"}}`, "A"},
	{"a column", `copy_field(Title,title)`, `column('Title')`, `title from Title`, "csv", "Title\nA", "A"},
	{"a constant", `add_field(type,'Text')`, `to_field 'type', literal('Text')`, "title from a\ntype is \"Text\"", "json", `{"a":"A"}`, "A|Text"},
	{"a value where there is none", `unless exists(title) add_field(title,'Untitled') end`, `default('Untitled')`, `title from a | default "Untitled"`, "json", `{"b":1}`, "Untitled"},
	{"another field where there is none", `unless exists(title) copy_field(b,title) end`, "", "title from a\n  else from b", "json", `{"b":"B"}`, "B"},
	{"the first value", `copy_field(a.$first,title)`, `first_only`, `title from a | first`, "json", `{"a":["A","B"]}`, "A"},
	{"only under a condition", `if any_match(…) … end`, `each_record do … end`, `creator from 700$a where $4 in (aut)`, "marc21", "=700  1\\$aA$4aut\n=700  1\\$aB$4trl", "A"},
	{"leave values out", `filter(a,'n/a',invert:1)`, `delete_if(["n/a"])`, `title from a | leave ("n/a")`, "json", `{"a":["n/a","A"]}`, "A"},
	{"keep only some", `filter(a,'^A')`, `select(->(v) { v =~ /^A/ })`, `title from a | keep matching "^A"`, "json", `{"a":["B","A"]}`, "A"},
	{"trim spaces", `trim(title)`, `strip`, `title from a | trim`, "json", `{"a":" A "}`, "A"},
	{"trim ISBD punctuation", `trim(title,nonword)`, `trim_punctuation`, `title from 245$a | isbd`, "marc21", "=245  10$aA title /", "A title"},
	{"split", `split_field(subject,';')`, `split(';')`, `subject from a | split ";"`, "json", `{"a":"A; B"}`, "A|B"},
	{"join", `join_field(subject,', ')`, `transform(->(v) { … })`, `subject from a | join ", "`, "json", `{"a":["A","B"]}`, "A, B"},
	{"replace by a pattern", `replace_all(a,'(\d+)','no. $1')`, `gsub(/(\d+)/, 'no. \1')`, `title from a | rewrite "(\d+)" "no. $1"`, "json", `{"a":"A 1"}`, "A no. 1"},
	{"what a pattern finds", `parse_text(a,'(\d{4})')`, `transform(->(v) { v[/\d{4}/] })`, `issued from a | extract "(\d{4})"`, "json", `{"a":"in 1957"}`, "1957"},
	{"put before", `prepend(a,'hdl:')`, `prepend('hdl:')`, `identifier from a | prefix "hdl:"`, "json", `{"a":"1/2"}`, "hdl:1/2"},
	{"put together", `paste(title,a,b,join_char:': ')`, "", `title from a | text "{value}[: {$.b}]"`, "json", `{"a":"A","b":"B"}`, "A: B"},
	{"capitals", `upcase(a)`, `transform(&:upcase)`, `title from a | upper`, "json", `{"a":"ddr"}`, "DDR"},
	{"look up", `lookup(a,'kinds.csv')`, `translation_map('kinds')`, "table kinds\n  k = letter\ntype from a | table kinds", "json", `{"a":"K"}`, "letter"},
	{"look up, and drop what is not found", `lookup(a,'kinds.csv',delete:1)`, `translation_map('kinds')`, "table kinds\n  k = letter\ntype from a | table kinds only", "json", `{"a":["K","Z"]}`, "letter"},
	{"languages", `lookup(language,'languages.csv')`, `translation_map('marc_languages')`, `language from a | language`, "json", `{"a":"ger"}`, "deu"},
	{"dates", `datetime_format(…)`, `marc_publication_date`, `issued from a | date`, "json", `{"a":"April 1957"}`, "1957-04"},
	{"each value once", `uniq(subject)`, `unique`, `subject from a`, "json", `{"a":["A","A"]}`, "A"},
	{"start from another mapping", `include('other.fix')`, `load_config_file 'other.rb'`, "include oai_dc.map\nreplace title from title | upper",
		"", `<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>a</dc:title></dc>`, "A"},
}
