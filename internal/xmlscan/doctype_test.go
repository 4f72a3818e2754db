package xmlscan

import (
	"bytes"
	"strings"
	"testing"
)

func TestWithoutType(t *testing.T) {
	for name, test := range map[string]struct{ doc, want, says string }{
		"no type":             {"<a>&lt;</a>", "<a>&lt;</a>", ""},
		"a DTD elsewhere":     {`<?xml version="1.0"?><!DOCTYPE ead PUBLIC "+//ISBN 1-931666-00-8//DTD ead.dtd//EN" "ead.dtd"><ead/>`, `<?xml version="1.0"?><ead/>`, ""},
		"a text":              {`<!DOCTYPE a [<!ENTITY lib "A &amp; B Library">]><a>&lib;, &lib;</a>`, "<a>A &amp; B Library, A &amp; B Library</a>", ""},
		"letters":             {`<!-- x --><!DOCTYPE a [<!ENTITY eacute "&#233;"> <!ELEMENT a (#PCDATA)>]><a b="&eacute;">&eacute;</a>`, `<!-- x --><a b="&#233;">&#233;</a>`, ""},
		"quotes":              {`<!DOCTYPE a [<!ENTITY q 'say "so"'>]><a b="&q;"/>`, `<a b="say &#34;so&#34;"/>`, ""},
		"the first counts":    {`<!DOCTYPE a [<!ENTITY x "1"><!ENTITY x "2">]><a>&x;</a>`, "<a>1</a>", ""},
		"a sign of markup":    {`<!DOCTYPE a [<!ENTITY x "1 &#60; 2">]><a>&x;</a>`, "<a>1 &#60; 2</a>", ""},
		"no reference":        {`<!DOCTYPE a [<!ENTITY x "1">]><a><![CDATA[&x;]]><!--&x;--><?p &x;?></a>`, `<a><![CDATA[&x;]]><!--&x;--><?p &x;?></a>`, ""},
		"of the document":     {`<!DOCTYPE a [<!ENTITY x "1">]><a>&amp;&y;</a>`, "<a>&amp;&y;</a>", ""},
		"a file":              {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`, "", "&x; is declared as SYSTEM"},
		"a server":            {`<!DOCTYPE a [<!ENTITY x PUBLIC "p" "http://example.org/">]><a>&x;</a>`, "", "&x; is declared as PUBLIC"},
		"a file, not used":    {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a/>`, "<a/>", ""},
		"a picture, not used": {`<!DOCTYPE a [<!NOTATION gif SYSTEM "g"><!ENTITY p SYSTEM "p.gif" NDATA gif>]><a/>`, "<a/>", ""},
		"markup":              {`<!DOCTYPE a [<!ENTITY x "<b/>">]><a>&x;</a>`, "", "&x; holds markup"},
		"many laughs":         {`<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>`, "", "&y; refers to another entity"},
		"parameters":          {`<!DOCTYPE a [<!ENTITY % p "<!ENTITY x '1'>"> %p;]><a>&x;</a>`, "<a>&x;</a>", ""},
		"cut":                 {`<!DOCTYPE a [<!ENTITY x "1"`, "", "ends inside"},
		"cut later":           {`<!DOCTYPE a [`, "", "ends inside"},
	} {
		got, err := WithoutType([]byte(test.doc))
		if string(got) != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	long := `<!DOCTYPE a [<!ENTITY x "` + strings.Repeat("x", maxEntity) + `">]><a>` + strings.Repeat("&x;", maxExpansions/maxEntity+1) + "</a>"
	if _, err := WithoutType([]byte(long)); err == nil || !strings.Contains(err.Error(), "become more than") {
		t.Errorf("a thousand long texts: %v", err)
	}
}

func FuzzWithoutType(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "1"><!ENTITY y SYSTEM "z">]><a b='&x;'>&x;<![CDATA[&x;]]></a>`))
	f.Add([]byte(`<!--<!DOCTYPE--><a>&x;</a>`))
	f.Add([]byte("<!--0"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := WithoutType(doc)
		if err == nil && len(got) > len(doc)+maxExpansions {
			t.Errorf("%d bytes became %d", len(doc), len(got))
		}
		if _, typed := typeAt(doc); err == nil && !typed && !bytes.Equal(got, doc) {
			t.Error("a document without type was changed")
		}
	})
}
