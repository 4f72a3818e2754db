package date_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		// The archive's listing.
		"June 7, 1960": "1960-06-07", "April 1957": "1957-04", "December 26, 1956": "1956-12-26",
		"June 03, 1961": "1961-06-03", "April, 1957": "1957-04", "September 1964": "1964-09", "1958": "1958",
		"September 1st, 1961": "1961-09-01", "Tuesday, June 7, 1960": "1960-06-07", "7 June 1960.": "1960-06-07",
		// Cataloguers.
		"ca. 1957": "1957~", "c. 1957": "1957~", "c1957": "1957~", "circa 1957": "1957~", "[1958?]": "1958?",
		"[1958]": "1958", "1958 (?)": "1958?", "probably 1958": "1958?", "ca. 1957?": "1957%", "[ca. April 1957]": "1957-04~",
		"1950s": "195X", "the 1950s": "195X", "1950's": "195X", "1900s": "19XX", "195-": "195X", "[195-?]": "195X?",
		"19--": "19XX", "19--?": "19XX?", "195u": "195X", "19uu": "19XX", "195x": "195X", "195?": "195X?",
		"©1957": "1957", "copyright 1957": "1957", "ca. 1950s": "195X~",
		// Centuries.
		"19th century": "18XX", "19th c.": "18XX", "XIX век": "18XX", "XIX в.": "18XX", "XIXe siècle": "18XX",
		"19. Jahrhundert": "18XX", "19. Jh.": "18XX", "siglo XIX": "18XX", "s. XIX": "18XX", "secolo XIX": "18XX",
		"século XIX": "18XX", "19e eeuw": "18XX", "XIX wiek": "18XX", "shekulli XIX": "18XX", "19. století": "18XX",
		"5th century BC": "-04XX", "1st century": "00XX", "18th-19th century": "17XX/18XX", "V век до н. э.": "-04XX",
		"1800-talet": "18XX", "1950-talet": "195X", "V век": "04XX",
		// Decades elsewhere.
		"1950er Jahre": "195X", "années 1950": "195X", "anni 1950": "195X", "década de 1950": "195X", "1950-е годы": "195X",
		"jaren 1950": "195X", "lata 1950": "1950",
		// Parts, for which the whole stands.
		"late 1950s": "195X", "mid-1950s": "195X", "early 19th century": "1801~/1833~", "second half of the 19th century": "1851/1900",
		"Ende 1957": "1957", "II poł. XIX w.": "1851/1900", "начало XX века": "1901~/1933~", "3-Apr-1957": "1957-04-03", "Apr-1957": "1957-04",
		// Intervals.
		"1957-1961": "1957/1961", "1957–1961": "1957/1961", "1957 - 1961": "1957/1961", "1957-61": "1957/1961",
		"1957/58": "1957/1958", "1957–61": "1957/1961", "1957 to 1961": "1957/1961", "between 1957 and 1961": "1957/1961",
		"from 1957 to 1961": "1957/1961", "von 1957 bis 1961": "1957/1961", "entre 1957 et 1961": "1957/1961",
		"de 1957 a 1961": "1957/1961", "с 1957 по 1961 г.": "1957/1961", "1957 or 1958": "1957?/1958?",
		"June 7-9, 1960": "1960-06-07/1960-06-09", "7-9 June 1960": "1960-06-07/1960-06-09", "7.-9. Juni 1960": "1960-06-07/1960-06-09",
		"April-May 1957": "1957-04/1957-05", "April 1957 - May 1958": "1957-04/1958-05", "1957 April-May": "1957-04/1957-05",
		"28 April - 3 May 1957": "1957-04-28/1957-05-03", "April 28 - May 3, 1957": "1957-04-28/1957-05-03",
		"ca. 1957-1961": "1957~/1961~", "[1957-1961?]": "1957/1961?", "1957-": "1957/..", "since 1957": "1957/..",
		"before 1957": "../1957", "after 1957": "1957/..", "not after April 1957": "../1957-04", "bis 1957": "../1957", "vor 1957": "../1957",
		"1921-22": "1921/1922", "1903/04": "1903/1904", "до 1957": "../1957", "1957-04-15 - 1957-04-20": "1957-04-15/1957-04-20",
		"7 a 9 de junio de 1960": "1960-06-07/1960-06-09",
		// Before Christ.
		"44 BC": "-0043", "44 B.C.": "-0043", "44 BCE": "-0043", "AD 44": "0044", "44 v. Chr.": "-0043", "44 av. J.-C.": "-0043",
		"44 до н. э.": "-0043", "44 p.n.e.": "-0043", "44 př. n. l.": "-0043", "44 f.Kr.": "-0043", "44 para Krishtit": "-0043",
		"15 March 44 BC": "-0043-03-15", "500-400 BC": "-0499/-0399", "100 BC - 50 AD": "-0099/0050", "1 BC": "0000", "44 a.C.": "-0043",
		"476 n. Chr.": "0476", "476 d.C.": "0476",
		// Two calendars.
		"25 October 1917 (Julian)": "1917-11-07", "25 October 1917 O.S.": "1917-11-07", "25 October (7 November) 1917": "1917-11-07",
		"25 октября 1917 (ст. ст.)": "1917-11-07", "February 29, 1700 O.S.": "1700-03-11", "January 1700 (old style)": "1700-01-11/1700-02-10",
		// Numbers alone.
		"15/04/1957": "1957-04-15", "04/15/1957": "1957-04-15", "04/04/1957": "1957-04-04", "3.4.1957": "1957-04-03", "03.04.1957": "1957-04-03",
		"15. 4. 1957": "1957-04-15", "1957. 04. 15.": "1957-04-15", "1957/04/15": "1957-04-15", "1957/4/5": "1957-04-05", "19570415": "1957-04-15",
		"04/1957": "1957-04", "1957-4": "1957-04", "7.VI.1960": "1960-06-07", "7 VI 1960": "1960-06-07", "VI 1960": "1960-06", "7/VI/1960": "",
		"1957-04-15 12:30:00": "1957-04-15", "10.V.1960": "1960-05-10",
		// Seasons.
		"Spring 1957": "1957-21", "Herbst 1957": "1957-23", "1957 fall": "1957-23", "été 1957": "1957-22", "зима 1957": "1957-24",
		// Standards.
		"1957-04": "1957-04", "1957-04-15T10:00:00Z": "1957-04-15T10:00:00Z", "1957~": "1957~", "../1957": "../1957", "1957-21": "1957-21",
		// Languages.
		"7. Juni 1960": "1960-06-07", "7 juin 1960": "1960-06-07", "1er avril 1957": "1957-04-01", "7 de junio de 1960": "1960-06-07",
		"7 giugno 1960": "1960-06-07", "7 de junho de 1960": "1960-06-07", "7 juni 1960": "1960-06-07", "7 июня 1960 г.": "1960-06-07",
		"7 июня 1960 года": "1960-06-07", "7 czerwca 1960 r.": "1960-06-07", "7 qershor 1960": "1960-06-07", "7. června 1960": "1960-06-07",
		"den 7 juni 1960": "1960-06-07", "апрель 1957": "1957-04", "listopad 1957": "1957-11", "w 1957": "1957", "März 1957": "1957-03",
		"août 1957": "1957-08", "Nëntor 1957": "1957-11", "1957. április 15.": "1957-04-15", "15 січня 1957": "1957-01-15", "około 1957": "1957~",
		"um 1957": "1957~", "vers 1957": "1957~", "около 1957": "1957~", "rreth vitit 1957": "1957~", "asi 1957": "1957?", "I am XX": "",
		// Marks in brackets are of what stands in them; a date that a cataloguer supplies for a thing without one.
		"[ca. 1880]-1890": "1880~/1890", "(about 1880) - [1890?]": "1880~/1890?", "[1880?]-1890": "1880?/1890", "[ca. 1880-1890]": "1880~/1890~", "[ca.] 1880-1890": "1880~/1890~",
		"n.d. [1920s]": "192X", "s.d. [ca. 1920]": "1920~", "Undated, [1920-1930]": "1920/1930", "no date (1957 or 1958)": "1957?/1958?", "n.d. [not dated]": "", "n.d. 1920": "",
		// Not understood: nothing is guessed.
		"": "", " ": "", "n.d.": "", "undated": "", "s.d.": "", "03/04/1957": "", "3-4-1957": "", "57": "", "7/6/60": "", "June 7": "",
		"February 30, 1957": "", "1957-13-01": "", "0": "", "0000-01-01": "0000-01-01", "195704": "", "1961-1957": "",
		"spring": "", "Memorandum of 1957": "", "Ming dynasty": "", "32 May 1957": "", "the fifties": "", "15/15/1957": "",
		"1957-1959-1961": "", "to": "", "-": "", "19th": "", "century": "", "April April 1957": "", "1957 1958": "", "1957-06-07-08": "", "12345": "",
		"??": "", "1957²": "", "MCLVII": "",
	} {
		t.Run(text, func(t *testing.T) {
			d, err := date.Parse(text, date.AnyOrder)
			if got := d.EDTF(); got != want || (err == nil) != (want != "") {
				t.Errorf("%q is read as %q, %v; want %q", text, got, err, want)
			}
		})
	}
}

func TestParseOrder(t *testing.T) {
	for _, test := range []struct {
		text  string
		order date.Order
		want  string
	}{
		{"03/04/1957", date.DayFirst, "1957-04-03"},
		{"03/04/1957", date.MonthFirst, "1957-03-04"},
		{"15/04/1957", date.MonthFirst, "1957-04-15"},
		{"3-4-1957", date.DayFirst, "1957-04-03"},
		{"3.4.1957", date.MonthFirst, "1957-04-03"},
	} {
		d, err := date.Parse(test.text, test.order)
		if err != nil || d.EDTF() != test.want {
			t.Errorf("%s, order %d: %v %v", test.text, test.order, d, err)
		}
	}
}

// TestParseErrors: a caller can tell a date with two readings, which needs an order, from what is no date.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]error{
		"03/04/1957":             date.ErrAmbiguous,
		"3-4-1957":               date.ErrAmbiguous,
		"the third of never":     date.ErrNotUnderstood,
		"31/31/1957":             date.ErrNotUnderstood,
		"":                       date.ErrNotUnderstood,
		strings.Repeat("1", 251): date.ErrNotUnderstood,
	} {
		if d, err := date.Parse(text, date.AnyOrder); !errors.Is(err, want) || !d.IsZero() {
			t.Errorf("%.20q: %v %v, want the error %v", text, d, err, want)
		}
	}
}

func TestParseW3CDTF(t *testing.T) {
	for text, want := range map[string]bool{
		"1957": true, "1957-04": true, "1957-04-15": true, "1957-04-15T10:20Z": true, "1957-04-15T10:20:30+01:00": true,
		"1957-04-15T10:20:30.45Z": true, "0001": true, "9999-12-31": true, "2000-02-29": true,
		"": false, "57": false, "0000": false, "-0043": false, "1957-4": false, "1957-13": false, "1957-00": false, "1957-21": false,
		"1957-02-30": false, "1900-02-29": false, "1957-04-15T10Z": false, "1957-04-15T10:20": false, "1957-04-15T24:00Z": false,
		"1957-04-15T10:60Z": false, "1957-04-15T10:20:60Z": false, "1957-04-15T10:20:30": false, "1957-04-15t10:20Z": false,
		"1957-04-15T10:20:30.Z": false, "1957-04-15T10:20+0100": false, "1957-04-15T10:20+15:00": false, "1957-04-15 10:20Z": false,
		"1957~": false, "195X": false, "1957/1958": false, " 1957": false, "1957 ": false, "19570415": false, "1957-04-15T10:20+01:": false, "1957-04-15T10:20+01": false,
	} {
		d, err := date.ParseW3CDTF(text)
		if (err == nil) != want {
			t.Errorf("%q: %v %v", text, d, err)
		}
		if written, ok := d.W3CDTF(); ok && !strings.Contains(text, ".") && written != text {
			t.Errorf("%q is written as %q", text, written)
		}
	}
}

func TestParseEDTF(t *testing.T) {
	// What is read, and how it is written again; an empty one is refused.
	for text, want := range map[string]string{
		"1985-04-12": "1985-04-12", "1985-04-12T23:20:30": "1985-04-12T23:20:30", "1985-04-12T23:20:30+04:30": "1985-04-12T23:20:30+04:30",
		"1985-04-12T23:20:30-04": "1985-04-12T23:20:30-04:00",
		"1964/2008":              "1964/2008", "2004-02-01/2005": "2004-02-01/2005", "Y170000002": "Y170000002", "Y-170000002": "Y-170000002",
		"2001-21": "2001-21", "1984?": "1984?", "2004-06~": "2004-06~", "2004-06-11%": "2004-06-11%", "201X": "201X", "20XX": "20XX",
		"2004-XX": "2004", "1985-04-XX": "1985-04", "1985-XX-XX": "1985", "1985-04-12/..": "1985-04-12/..", "1985-04/": "1985-04/",
		"../1985": "../1985", "/1985": "/1985", "-1985": "-1985", "1984~/2004-06": "1984~/2004-06", "2004-06-11%/2004-06~": "2004-06-11%/2004-06~",
		// Level 2.
		"Y17E7": "Y170000000", "1950S2": "19XX", "1950S3": "195X", "2001-34": "2001-34", "[1667,1668,1670..1672]": "1667?/1672?",
		"{1960,1961-12}": "1960/1961-12", "[..1760-12-03]": "../1760-12-03", "[1760-12..]": "1760-12/..", "156X-12-25": "156X",
		"15XX-12-25": "15XX", "1560-XX-25": "1560", "2004?-06-11": "2004-06-11?", "2004-06-~11": "2004-06-11~", "-04XX": "-04XX", "-00XX": "-00XX",
		"[1957]": "1957",
		"":       "", "XXXX": "", "1XXX": "", "1985-4": "", "1985-42": "", "../..": "", "/": "", "/..": "", "2008/1964": "", "1985-04-31": "", "-0000": "",
		"Y1985": "", "Y9E99": "", "Y99999999999": "", "1984??": "", "19?84": "", "?": "", "[]": "", "[1667": "", "1985-XX-12T10:00:00Z": "",
		"X985": "", "19X5": "", "1985-1X": "1985", "1964/2008/2009": "", "{..1983,1985..}": "",
	} {
		d, err := date.ParseEDTF(text)
		if (err == nil) != (want != "") || d.EDTF() != want {
			t.Errorf("%q: %q %v, want %q", text, d, err, want)
		}
	}
}

func TestStartAndEnd(t *testing.T) {
	for text, want := range map[string][2]string{
		"1957":                   {"1957-01-01T00:00:00Z", "1957-12-31T23:59:59Z"},
		"1957-04":                {"1957-04-01T00:00:00Z", "1957-04-30T23:59:59Z"},
		"1956-02":                {"1956-02-01T00:00:00Z", "1956-02-29T23:59:59Z"},
		"1957-04-15":             {"1957-04-15T00:00:00Z", "1957-04-15T23:59:59Z"},
		"1957-12-31":             {"1957-12-31T00:00:00Z", "1957-12-31T23:59:59Z"},
		"1957-04-15T10:20+01:00": {"1957-04-15T09:20:00Z", "1957-04-15T09:20:59Z"},
		"1957-04-15T10:20:30Z":   {"1957-04-15T10:20:30Z", "1957-04-15T10:20:30Z"},
		"1957-04-15T10:20:30":    {"1957-04-14T20:20:30Z", "1957-04-15T22:20:30Z"},
		"195X":                   {"1950-01-01T00:00:00Z", "1959-12-31T23:59:59Z"},
		"18XX":                   {"1800-01-01T00:00:00Z", "1899-12-31T23:59:59Z"},
		"1957/1961-03":           {"1957-01-01T00:00:00Z", "1961-03-31T23:59:59Z"},
		"1957-21":                {"1957-01-01T00:00:00Z", "1957-12-31T23:59:59Z"},
		"1957-24":                {"1957-01-01T00:00:00Z", "1958-02-28T23:59:59Z"},
		"1957-25":                {"1957-03-01T00:00:00Z", "1957-05-31T23:59:59Z"},
		"1957-36":                {"1957-10-01T00:00:00Z", "1957-12-31T23:59:59Z"},
		"1957-39":                {"1957-09-01T00:00:00Z", "1957-12-31T23:59:59Z"},
		"1957-41":                {"1957-07-01T00:00:00Z", "1957-12-31T23:59:59Z"},
		"-04XX":                  {"-0499-01-01T00:00:00Z", "-0400-12-31T23:59:59Z"},
	} {
		d, err := date.ParseEDTF(text)
		if err != nil {
			t.Errorf("%q is not read", text)
			continue
		}
		if got := [2]string{d.Start().Format(time.RFC3339), d.End().Format(time.RFC3339)}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func interval(t testing.TB, text string) date.Date {
	t.Helper()
	d, err := date.ParseEDTF(text)
	if err != nil {
		t.Fatalf("%q is no EDTF", text)
	}
	return d
}

func TestCompareAndOverlaps(t *testing.T) {
	order := []string{"../1950", "-0043", "18XX", "195X", "1957-04-01", "1957-04", "1957-04-02", "1957-05/..", "1958"}
	dates := []date.Date{{}}
	for _, text := range order {
		dates = append(dates, interval(t, text))
	}
	if !slices.IsSortedFunc(dates, date.Date.Compare) {
		slices.SortFunc(dates, date.Date.Compare)
		t.Errorf("sorted otherwise: %v", dates)
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1957-04", "1957", true}, {"1957-04", "1957-05", false}, {"1957/..", "1999", true}, {"../1957", "1957-12-31", true},
		{"../1957", "1958", false}, {"195X", "1950/1951", true}, {"1957-04-30", "1957-05-01", false},
	} {
		a, b := interval(t, test.a), interval(t, test.b)
		if a.Overlaps(b) != test.want || b.Overlaps(a) != test.want {
			t.Errorf("%s and %s", test.a, test.b)
		}
	}
	if (date.Date{}).Overlaps(interval(t, "1957")) {
		t.Error("no date overlaps a date")
	}
}

func TestPrecisionAndDoubt(t *testing.T) {
	for text, want := range map[string]string{
		"18XX": "century", "195X": "decade", "1957": "year", "1957-21": "season", "1957-04": "month", "1957-04-15": "day",
		"1957-04-15T10:20Z": "minute", "1957-04-15T10:20:30Z": "second", "1957-04/1958": "year", "../1957-04": "month", "1957-04/": "month",
	} {
		if got := interval(t, text).Precision().String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	d := interval(t, "1957?/1961~")
	if !d.Approximate() || !d.Uncertain() || !d.IsRange() || d.OpenEnd() || d.OpenStart() {
		t.Error("1957?/1961~ is a doubtful range with two ends")
	}
	if _, ok := interval(t, "1957~").W3CDTF(); ok {
		t.Error("W3CDTF can't say 1957~")
	}
	if s, ok := interval(t, "1957/1961").ISO8601(); !ok || s != "1957/1961" {
		t.Error("ISO 8601 can say 1957/1961")
	}
	for _, text := range []string{"1957~/1961", "1957/..", "195X", "-0043"} {
		if s, ok := interval(t, text).ISO8601(); ok {
			t.Errorf("%s as %s", text, s)
		}
	}
}

// TestDateNeverInvents writes a known day in many ways, with parts left out, and sees that what is
// understood holds all days that the text can mean.
func TestDateNeverInvents(t *testing.T) {
	day := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Date(rapid.IntRange(1000, 2100).Draw(t, "year"), 1, rapid.IntRange(1, 366).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
	})
	layouts := []string{"2006-01-02", "January 2, 2006", "2 January 2006", "2 Jan. 2006", "02.01.2006", "2.1.2006", "January 2006", "2006",
		"[2006?]", "ca. 2006", "Jan 2006", "2006 January", "02/01/2006", "01/02/2006", "1/2006", "2006/1", "2006/01/02", "20060102", "[ca. 2 January 2006]"}
	rapid.Check(t, func(t *rapid.T) {
		when := day.Draw(t, "when")
		layout := rapid.SampledFrom(layouts).Draw(t, "layout")
		text := when.Format(layout)
		got, err := date.Parse(text, date.AnyOrder)
		if err != nil {
			if layout != "02/01/2006" && layout != "01/02/2006" {
				t.Fatalf("%q is not understood", text)
			}
			return
		}
		if when.Before(got.Start()) || when.After(got.End()) {
			t.Fatalf("%q is read as %v", text, got)
		}
		hasDay, hasMonth := strings.ContainsAny(layout, "2") && strings.Count(layout, "2") > 1 || layout == "20060102", strings.Contains(layout, "Jan") || strings.Contains(layout, "1")
		if got.Precision() == date.Day && !hasDay || got.Precision() == date.Month && !hasMonth {
			t.Fatalf("%q is read as %v: more exact than it says", text, got)
		}
	})
}

// TestDateIsItsOwnReading: what EDTF writes is read as the same date, by every reader.
func TestDateIsItsOwnReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`-?[0-2][0-9]{3}(-(0[1-9]|1[0-2]|2[1-9]|3[0-9])(-[0-3][0-9](T[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?(Z|\+0[0-9]:30)?)?)?)?[?~%]?`),
			rapid.StringMatching(`[12][0-9]X?X?/(\.\.|[2][0-9]{3}|)`),
			rapid.StringMatching(`(ca\. |before |)[1-9][0-9]{0,3}( BC|-[0-9]{2}|s|)\??`),
			rapid.StringMatching(`([0-9]{1,2}[ .]){0,2}(June|VI|avril|BC|XX век|-)? ?[0-9]{2,4}`),
		).Draw(t, "text")
		d, err := date.Parse(text, date.AnyOrder)
		if err != nil {
			return
		}
		if again, err := date.ParseEDTF(d.EDTF()); err != nil || again != d {
			t.Fatalf("%q is %v, read again %v", text, d, again)
		}
		if again, err := date.Parse(d.EDTF(), date.AnyOrder); err != nil || !again.Contains(d) {
			t.Fatalf("%q is %v, read again as free text %v", text, d, again)
		}
		if s, ok := d.W3CDTF(); ok {
			if again, err := date.ParseW3CDTF(s); err != nil || again != d {
				t.Fatalf("%q is %v, by W3CDTF %v", text, d, again)
			}
		}
		if d.End().Before(d.Start()) {
			t.Fatalf("%q ends before it starts", text)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"June 7-9, 1960", "[ca. 195-?]", "XIX век до н. э.", "25 October (7 November) 1917", "1957/58", "[1667,1670..]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := date.Parse(text, date.MonthFirst)
		if err != nil {
			if !d.IsZero() {
				t.Errorf("%q is not understood, but %v", text, d)
			}
			return
		}
		if d.End().Before(d.Start()) {
			t.Errorf("%q ends before it starts: %v", text, d)
		}
		if again, err := date.ParseEDTF(d.EDTF()); err != nil || again != d {
			t.Errorf("%q is %v, read again %v", text, d, again)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"1957-04-15", "June 7, 1960", "[ca. 1957?]"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				date.Parse(text, date.AnyOrder)
			}
		})
	}
}
