package date_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// TestParseForms are forms that cataloguers, archivists and programs write.
func TestParseForms(t *testing.T) {
	for text, want := range map[string]string{
		// The English year began on 25 March until 1752.
		"Feb. 1640/41": "1641-02", "10 Feb. 1640/1": "1641-02-10", "10 February 1640/41": "1641-02-10", "Feb 10, 1640/1": "1641-02-10",
		"1640/1 Feb 10": "1641-02-10", "1640-1 Feb. 10": "1641-02-10", "1640-1 Feb.": "1641-02", "24 March 1699/1700": "1700-03-24", "March 1699/1700": "1700-03",
		"12 Jan. 1659/60 O.S.": "1660-01-22", "Jan.-Mar. 1640/41": "1641-01/1641-03", "25 March 1640/41": "", "June 1640/41": "", "June 1957/58": "",
		"Feb. 1957/58": "", "1641/2": "1641/1642", "1641/42": "1641/1642", "1641-2": "1641/1642",
		// Winters, which reach into the next year.
		"Winter 1957-58": "1957-24", "Winter 1957/1958": "1957-24", "1957/58 winter": "1957-24", "Spring 1957/58": "", "Q1 1957": "1957-33", "1957 Q4": "1957-36", "Q5 1957": "",
		// Two calendars.
		"7 November (25 October) 1917": "1917-11-07", "12 (24) May 1867": "1867-05-24", "12(24) мая 1867 г.": "1867-05-24", "May 12 (24), 1867": "1867-05-24",
		"12 (25) May 1867": "", "12/24 May 1867": "1867-05-12/1867-05-24", "19 Dec. 1866/1 Jan. 1867": "1866-12-19/1867-01-01",
		// Stretches as archives write them.
		"1957 June 7-July 9": "1957-06-07/1957-07-09", "June 7-July 9, 1957": "1957-06-07/1957-07-09", "1957 June-1958 July": "1957-06/1958-07",
		"1957 June 7-1958 July 9": "1957-06-07/1958-07-09", "7 and 8 June 1957": "1957-06-07/1957-06-08", "June 7 & 8, 1957": "1957-06-07/1957-06-08",
		"1957 and 1958": "1957/1958", "1957-8": "1957/1958", "1957-4": "1957-04", "1957-present": "1957/..", "1957 to date": "1957/..", "1957 - heute": "1957/..", "present": "",
		"1925-1994 (bulk 1950-1960)": "1925/1994", "1925-1994, bulk 1950-1960": "1925/1994", "1925-1994 (inclusive)": "1925/1994", "bulk 1950-1960": "1950~/1960~", "(bulk dates: 1950-1960)": "1950~/1960~", "mainly 1957": "1957~", "bulk": "", "bulk of the letters": "",
		"VI-VII 1960": "1960-06/1960-07", "15.VIII.1957": "1957-08-15", "d. 7. Juni 1960": "1960-06-07", "d. 1960": "", "b. 1960": "", "fl. 1960": "",
		// Parts of centuries and years; early, mid and late are thirds, by convention.
		"mid-19th century": "1834~/1866~", "19th-century": "18XX", "nineteenth century": "18XX", "the late eighteenth century": "1767~/1800~", "twenty-first century": "20XX",
		"nineteenth and twentieth centuries": "18XX/19XX", "17th and 18th centuries": "16XX/17XX", "late 18th-early 19th century": "1767~/1833~",
		"2nd half of the 19th century": "1851/1900", "first quarter of the 20th century": "1901/1925", "1st quarter 20th century": "1901/1925", "20th century, second half": "1951/2000",
		"last third of the 19th century": "1867/1900", "XVIIIe-XIXe siècles": "17XX/18XX", "1re moitié du XIXe siècle": "1801/1850", "fin du XIXe siècle": "1867~/1900~", "2. Hälfte 19. Jh.": "1851/1900",
		"19. Jahrhundert, 2. Hälfte": "1851/1900", "Mitte des 19. Jahrhunderts": "1834~/1866~", "конец XIX - начало XX в.": "1867~/1933~", "1-я четверть XX в.": "1901/1925",
		"2-я половина XIX века": "1851/1900", "IV-III в. до н.э.": "-03XX/-02XX", "XVIII/XIX w.": "17XX/18XX", "2 poł. XIX w.": "1851/1900", "pocz. XX w.": "1901~/1933~", "siglo XIX, segunda mitad": "1851/1900",
		"finales del siglo XIX": "1867~/1900~", "principios del s. XX": "1901~/1933~", "metà del XIX secolo": "1834~/1866~", "sec. XIX ex.": "1867~/1900~", "finais do século XIX": "1867~/1900~", "shekulli i 19-të": "18XX",
		"fundi i shekullit XIX": "1867~/1900~", "polovina 19. století": "1834~/1866~", "1800-tallet": "18XX", "first half of 1957": "1957-40", "half": "", "V-IV": "", "nineteenth": "",
		"1st half of the 19th century": "1801/1850", "first half of the 5th century BC": "-0499/-0450", "late 5th century BC": "-0433~/-0400~", "third quarter of the 18th century": "1751/1775",
		"1st-2nd quarter of the 19th century": "1801/1850", "II-III четверть XX в.": "1926/1975", "first half to third quarter of the 19th century": "1801/1875", "early to mid 19th century": "1801~/1866~",
		"mid-to-late 19th century": "1834~/1900~", "Anfang bis Mitte des 19. Jahrhunderts": "1801~/1866~", "before the second half of the 19th century": "../1900", "seit Mitte des 19. Jahrhunderts": "1834~/..",
		"ca. 2nd half of the 19th century": "1851~/1900~", "zweite Hälfte des 19. Jahrhunderts?": "1851?/1900?", "Första hälften av 1800-talet": "18XX", "second half of the 1950s": "1955/1959", "early to mid 1950s": "195X",
		"seconde moitié du XVIIIe siècle": "1751/1800", "seconda metà del XVI secolo": "1551/1600", "segunda metade do século XVII": "1651/1700", "tweede helft 17e eeuw": "1651/1700", "druga połowa XVII wieku": "1651/1700",
		"gjysma e dytë e shekullit XIX": "1851/1900", "druhá polovina 19. století": "1851/1900", "третья четверть XVIII века": "1751/1775", "последняя треть XIX в.": "1867/1900", "första hälften av 19:e århundradet": "",
		"second quarter of 1957": "1957-34", "last third of 1957": "1957-39", "2nd half 1957": "1957-41", "late 1957": "1957", "third half of the 19th century": "", "5. Viertel 19. Jh.": "", "half of 1957": "1957", "early": "", "early mid 19th century": "",
		// What cataloguers supply, correct and add.
		"19[57]": "1957", "[19]57": "1957", "195[7?]": "1957?", "1957 [i.e. 1958]": "1958", "1957, i.e. 1958": "1958", "[1957, recte 1958]": "1958", "1957 [i.e. Spring]": "",
		"1957, c1956": "1957", "1957, ©1956": "1957", "1957 (copyright 1956)": "1957", "1957 [c1956]": "1957", "℗1957": "1957", "printed 1957": "1957", "pub. 1957": "1957",
		"MDCCCL": "1850", "MDCCCL [1850]": "1850", "1850 [MDCCCL]": "1850", "M.D.CCC": "", "mix": "", "MDCCCCX": "1910", "1957;": "1957", "1957 :": "1957", "Année 1957": "1957", "15 серпня 1957 р.": "1957-08-15",
		// Programs.
		"1957-00-00": "1957", "1957-06-00": "1957-06", "1957-00": "1957", "0000-00-00": "", "1957-uu-uu": "1957", "1957-06-uu": "1957-06", "uuuu-uu": "",
		"1957-06-07Z": "1957-06-07", "1957-06-07+02:00": "1957-06-07", "1957-06-07 12:00:00 UTC": "1957-06-07", "Fri, 07 Jun 1957 12:00:00 GMT": "1957-06-07",
		"Fri Jun  7 12:00:00 1957": "1957-06-07", "Fri, 31 Jun 1957 12:00:00 GMT": "", "1957年6月7日": "1957-06-07", "1957年6月": "1957-06", "1957年": "1957", "1957年13月": "",
		"昭和32年": "1957", "昭和32年5月15日": "1957-05-15", "昭和 32 年 5 月": "1957-05", "大正元年": "1912", "明治5年": "1872", "明治5年3月": "", "昭和65年": "", "令和元年5月1日": "2019-05-01",
		"昭和32 [1957]": "1957", "昭和32年（1957年）": "1957", "昭和32 [1958]": "", "民國46年": "1957", "中華民國46年6月": "1957-06", "昭和32年13月": "", "昭和": "",
		// Ends that leave out what the start says.
		"1957-05-15/16": "1957-05-15/1957-05-16", "1957-05-30/06-02": "1957-05-30/1957-06-02", "1957-05/06": "1957-05/1957-06", "1957-05-16/15": "", "1957-05-15/32": "", "1957-05/13": "",
		// Decades beside decades, and several dates.
		"1900s-1920s": "190X/192X", "1890s-1900s": "189X/190X", "1900s to 1910s": "190X/191X", "1800s-1920s": "18XX/192X", "1900s": "19XX", "1800s-1900s": "18XX/19XX", "ca. 1900s-1920s": "190X~/192X~",
		"1900, 1905": "1900/1905", "1900-1905, 1910, 1912-1920": "1900/1920", "1900-1905, 1910, 1912-1920 (bulk 1912)": "1900/1920", "May 1900; June 7, 1901": "", "7 May 1900; 9 June 1901": "1900-05-07/1901-06-09",
		"1905, 1900": "", "1900, 5": "", "1900, letters": "", "1900-1905, 1903": "",
		// Deposited by law; the calendar of the French Republic.
		"[DL 1957]": "1957", "D.L. 1957": "1957", "dépôt légal 1957": "1957", "impr. 1957": "1957", "an II (1793-1794)": "1793/1794", "an II": "1793/1794", "l'an 2": "1793/1794", "an IX": "1800/1801",
		"12 vendémiaire an IV": "1795-10-04", "12 vendémiaire an IV (4 octobre 1795)": "1795-10-04", "18 brumaire an VIII": "1799-11-09", "9 thermidor an II": "1794-07-27", "floréal an III": "1795-04-20/1795-05-19",
		"an II-an IV": "1793/1796", "An II [1793/1794]": "1793/1794", "an XV": "", "an II (letters)": "", "31 floréal an III": "", "1er germinal an V": "1797-03-21",
		"１９５７": "1957", "195²": "", "1957½": "",
		"1931-05-?": "1931-05", "1931-?": "1931/..", "1931-13-?": "", "1985/open": "1985/..", "1985-04-12/unknown": "1985-04-12/", "unknown/2006": "/2006", "unknown/open": "", "open/2006": "",
		"..1950": "../1950", "1950..": "1950/..", "1950-06..": "1950-06/..", "1950...": "1950",
		"zw. 1880 und 1890": "1880/1890",
		"1931-05-??":        "1931-05", "1931-05-1?": "1931-05", "1931-??-??": "1931", "1931-??": "1931", "193?-??-??": "193X", "1931-05?": "1931-05?", "1905 09 01": "1905-09-01", "1905 13 01": "",
		"1921-03-11 1921-03-14": "1921-03-11/1921-03-14", "1921-03-14 1921-03-11": "", "1957-06-07 12:30": "1957-06-07", "1957-06-07 1200": "", "09.1972": "1972-09", "9.1972": "1972-09", "13.1972": "",
		"name=The long drought; start=1929; end=1939;": "1929/1939", "start=1998-09-25; end=1998-10-01; scheme=W3C-DTF;": "1998-09-25/1998-10-01", "start=1929": "1929/..", "end=1939;": "../1939",
		"name=The long drought": "", "start=soon; end=1939": "", "Start=1957-04; End=1957-05": "1957-04/1957-05",
		"1950-01-01T00:00:00.000+0000/2014-06-12T00:00:00.000+0000": "1950-01-01/2014-06-12", "1950-01-01T12:30:00.000+0200": "1950-01-01T12:30:00+02:00",
		"1890-1930, undated": "1890/1930", "1904, n.d.": "1904", "1904 and undated": "1904", "1890-1930 (undated)": "1890/1930", "1925-1994 (bulk 1950-1960), undated": "1925/1994", "undated, 1904": "", "undated": "",
		// A mark is of the side where it stands, unless it stands before the whole.
		"1921 - circa 1970s": "1921/197X~", "1650?-1700": "1650?/1700", "1650-1700?": "1650/1700?", "January 1876 - circa February 1877": "1876-01/1877-02~", "ca. 1650 - ca. 1700": "1650~/1700~",
		"between ca. 1950 and 1960": "1950~/1960", "1957 approx.": "1957~", "1950s?": "195X?", "7? June 1957": "1957-06-07?", "1957~-1961": "1957~/1961", "1957 or 1958": "1957?/1958?", "before ca. 1957": "../1957~",
		// Copyright is exact.
		"(c)2004": "2004", "(C) 2004": "2004", "copyright (c) 1957": "1957", "(c. 1957)": "1957~", "(ca 1957)": "1957~", "1957, (c)1956": "1957",
		// Remarks in brackets.
		"15.02.1985 (identification)": "1985-02-15", "09.1972 (gathering)": "1972-09", "1205/1215 [Herstellung]": "1205/1215", "1957 (not after)": "", "1957 (before)": "", "1957 (terminus post quem)": "",
		"1957 (reprint 1961)": "", "1957 (BC)": "-1956", "(identification)": "", "1957 (AH)": "", "letter (1957)": "",
		// Centuries in Roman numbers, eras in Greek, and turns of a century.
		"S. XVI-XX": "15XX/19XX", "[XVI-XIX]": "15XX/18XX", "XVI-XIX": "15XX/18XX", "I-II": "", "1990 π.Χ.-1989 π.Χ.": "-1989/-1988", "44 π.Χ.": "-0043", "1999/00": "1999/2000", "1999/01": "1999-01", "1937--1938": "1937/1938", "19--": "19XX", "19??": "19XX", "[19??]": "19XX", "19?": "", "ca. 19??": "19XX~",
	} {
		t.Run(text, func(t *testing.T) {
			d, err := date.Parse(text, date.AnyOrder)
			if got := d.EDTF(); got != want || (err == nil) != (want != "") {
				t.Errorf("%q is read as %q, %v; want %q", text, got, err, want)
			}
		})
	}
}

// TestByConvention: who reads a date is told where it is narrower than what was written.
func TestByConvention(t *testing.T) {
	for text, want := range map[string]bool{
		"early 19th century": true, "конец XIX - начало XX в.": true, "late 18th century - 1833": true, "metà del XIX secolo": true,
		"first half of the 19th century": false, "ca. 1801 - ca. 1833": false, "late 1957": false, "early 1950s": false, "early": false, "letters": false,
	} {
		if got := date.ByConvention(text); got != want {
			t.Errorf("ByConvention(%q) is %t", text, got)
		}
	}
}

// TestDatesOfTheGuide: what docs/metadata.md says of dates is so.
func TestDatesOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/metadata.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, ok := strings.Cut(string(guide), "\n| dates |")
	row, _, _ = strings.Cut(row, "\n")
	spans := strings.Split(row, "`")
	if !ok || len(spans) < 11 {
		t.Fatalf("the guide has %d examples of dates", len(spans)/2)
	}
	for i := 1; i < len(spans); i += 2 {
		if _, err := date.Parse(spans[i], date.AnyOrder); err != nil {
			t.Errorf("%q is not understood", spans[i])
		}
	}
}
