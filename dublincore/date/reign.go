package date

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

// parseReign reads a year counted from the beginning of a reign in Japan, or from the founding of the Republic of China: 昭和32年,
// 昭和32年5月15日, 大正元年, 民國46年. Japanese catalogues add the year of our era, 昭和32 [1957]; it has to be the same.
func parseReign(text string) (Date, bool) {
	if text == "" || text[0] < utf8.RuneSelf {
		return Date{}, false
	}
	parts := reignYear.FindStringSubmatch(text)
	if parts == nil {
		return Date{}, false
	}
	reign, n := reigns[parts[1]], 1
	if parts[2] != "元" {
		n, _ = strconv.Atoi(parts[2])
	}
	year := reign.first + n - 1
	month, _ := strconv.Atoi(parts[3])
	day, _ := strconv.Atoi(parts[4])
	if n < 1 || n > reign.years || parts[5] != "" && parts[5] != strconv.Itoa(year) {
		return Date{}, false
	}
	switch {
	case parts[3] == "":
		return single(yearPoint(year)), true
	case year < 1873: // the months were those of the moon
		return Date{}, false
	case parts[4] == "":
		return single(monthPoint(year, month)), month >= 1 && month <= 12
	}
	return single(dayPoint(year, month, day)), isDay(year, month, day)
}

// A reign counts its years from 1, which is the rest of the year in which it began.
type reign struct{ first, years int }

var reigns = map[string]reign{
	"明治": {1868, 45}, "大正": {1912, 15}, "昭和": {1926, 64}, "平成": {1989, 31}, "令和": {2019, 99},
	"民國": {1912, 199}, "民国": {1912, 199}, "中華民國": {1912, 199}, "中华民国": {1912, 199},
}

var reignYear = regexp.MustCompile(`^(明治|大正|昭和|平成|令和|(?:中華)?民國|(?:中华)?民国) ?(\d{1,3}|元) ?年? ?(?:(\d{1,2}) ?月 ?(?:(\d{1,2}) ?日)?)? ?(?:[\[(（](\d{4})年?[\])）])?$`)
