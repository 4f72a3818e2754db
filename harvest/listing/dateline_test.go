package listing_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

func TestIsDateLine(t *testing.T) {
	for _, line := range []string{
		"June 7, 1960", "June 7 1960", "June 03, 1961", "Sept. 3, 1961", "JUNE 7, 1960",
		"7 June 1960", "7. Juni 1960", "1. März 1957", "7 de junio de 1960", "7 июня 1960", "September 1st, 1961", "1st September 1961",
		"April 1957", "April, 1957", "September 1964", "Mars 1957", "Prill 1957",
		"1958", "1958?", "[1958]", "[1958?]", "(1958)", "[ca. 1958]", "ca. 1957", "c. 1957", "circa April 1957", "about 1957", "1950s", "early 1950s",
		"Spring 1957", "Tuesday, June 7, 1960", "Before 1957", "After June 1957",
		"1960-06-07", "1960-06", "07/06/1960", "7.6.1960", "07.06.1960", "7-Jun-1960", "1957 April 15", "1960, June 7",
		"1957-1961", "1957 – 1961", "1957–58", "1957/1958", "1957 to 1961", "between 1957 and 1961", "April 1957 - May 1958", "April–May 1957",
		"June 7-9, 1960", "May 30 – June 2, 1960", "7-9 June 1960", "30 May – 2 June 1960", "June 7, 1960 - June 9, 1960",
		"Undated", "undated", "n.d.", "[n.d.]", "Date unknown", "No date",
		"\u00a0June 7, 1960\u00a0",
	} {
		if !listing.IsDateLine(line) {
			t.Errorf("%q is a date line", line)
		}
	}
	for _, line := range []string{
		"", " ", "June", "May", "June 7", "7", "31", "Monday", "ca.", "de", "and", "-", ",", "[]", "?",
		"June 7, 1960.", "1958.", "April 1957,", "April 1957, in Moscow", "In April 1957", "June 7, 1960 Meeting",
		"On June 7, 1960", "June 7, 1960: a meeting", "1958 was a year", "April 1957 ca.",
		"June 32, 1960", "June 7, 0960", "June 7, 19600", "3000", "June, June 1960", "June 7,, 1960", "1957--1958", "1957-", "-1957",
		"1 - 9 of 9", "1 2 3", "12", "123456", "1955s", "7th", "7xx June 1960", "1958x", "1958 ¶", "§ 1958",
		"Notes of 1957", "1957 1958", "April 7 15, 1957", strings.Repeat("1", 500), "June 7, 1960" + strings.Repeat(",", 30),
	} {
		if listing.IsDateLine(line) {
			t.Errorf("%q is no date line", line)
		}
	}
}

// TestIsDateLineAlone holds that no more of a sentence than the date makes a date line.
func TestIsDateLineAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := someDate().Draw(t, "date")
		if !listing.IsDateLine(date) {
			t.Fatalf("%q is a date line", date)
		}
		rest := rapid.StringMatching(`[.:;]|,? [a-z]{2,9}ing [a-z]+\.`).Draw(t, "rest")
		if line := date + rest; listing.IsDateLine(line) {
			t.Fatalf("%q is no date line", line)
		}
	})
}

func someDate() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		month := rapid.SampledFrom([]string{"January", "February", "April", "May", "June", "September", "Dec"}).Draw(t, "month")
		year := rapid.IntRange(1900, 1999).Draw(t, "year")
		day := rapid.IntRange(1, 31).Draw(t, "day")
		return rapid.SampledFrom([]string{
			fmt.Sprintf("%s %d, %d", month, day, year), fmt.Sprintf("%s %02d, %d", month, day, year),
			fmt.Sprintf("%s %d", month, year), fmt.Sprintf("%s, %d", month, year), fmt.Sprint(year),
			fmt.Sprintf("%d %s %d", day, month, year), fmt.Sprintf("%d-%d", year, year+1), fmt.Sprintf("ca. %d", year),
		}).Draw(t, "form")
	})
}
