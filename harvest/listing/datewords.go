package listing

import "strings"

// dateShapes are the forms of dates and of ranges of dates, as dateShape writes them.
var dateShapes = buildShapes()

func buildShapes() map[string]bool {
	simple := []string{
		"Y", "T", "MY", "SY", // 1958; 1950s; April 1957; Spring 1957
		"MDY", "MdY", "DMY", "dMY", // June 7, 1960; June 7th, 1960; 7 June 1960
		"YM", "YMD", "YDM", // 1957 April; 1957 April 15
		"Y-D-D", "D-D-Y", "D-M-Y", // 1960-06-07; 07/06/1960; 7-Jun-1960
	}
	shapes := map[string]bool{
		"Y-D": true, "Y-n": true, "D-Y": true, // 1960-06; 1957-58; 06/1960
		"M-MY": true, "S-SY": true, // April-May 1957
		"MD-DY": true, "MD-MDY": true, // June 7-9, 1960; May 30-June 2, 1960
		"Md-dY": true, "Md-MdY": true,
		"D-DMY": true, "DM-DMY": true, "d-dMY": true, "dM-dMY": true,
	}
	for _, a := range simple {
		shapes[a] = true
		for _, b := range simple {
			shapes[a+"-"+b] = true
		}
	}
	return shapes
}

// wordClass returns the class of a word in lower case; 0 if dates don't have the word. A word of the class q stands
// before a date and says nothing about its shape.
func wordClass(w string) byte { return dateWords[w] }

var dateWords = buildWords()

func buildWords() map[string]byte {
	words := map[string]byte{}
	for class, list := range map[byte]string{
		'M': months,
		'S': "spring summer autumn fall winter",
		// "to" and "and" stand between the ends of a range.
		'-': "to and until through",
		'q': "ca circa c about approximately approx around probably possibly before after early mid late between from " +
			"monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun " +
			"de del di den der le il o vom", // 7 de junio de 1960
	} {
		for _, w := range strings.Fields(list) {
			words[w] = class
		}
	}
	return words
}

// These are not the words of package date, which reads what is known to be a date. Here they decide whether a line of
// text is a date at all, so words that also mean something else are left out (the Polish "list", the Italian "set"):
// a title taken for a date would change the key of its row.

// months has the names of months in the languages of sites that were met or are likely: English, German, French,
// Spanish, Italian, Portuguese, Dutch, Albanian, Russian, Polish.
const months = `
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
januar jänner februar märz mai juni juli oktober dezember
janvier février mars avril juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
januari februari maart mei augustus
janar shkurt prill maj qershor korrik gusht shtator tetor nëntor dhjetor
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
`

// undated has the lines, in lower case, that stand in the place of a date if there is no date.
var undated = map[string]bool{
	"undated": true, "no date": true, "n.d.": true, "n. d.": true,
	"date unknown": true, "unknown date": true, "date not known": true,
}
