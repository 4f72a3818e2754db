package date_test

import (
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

func Example() {
	d, err := date.Parse("ca. April 1957", date.AnyOrder)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.EDTF(), "is known to the", d.Precision())
	fmt.Println("from", d.Start().Format("2 January 2006"), "to", d.End().Format("2 January 2006"))
	// Output:
	// 1957-04~ is known to the month
	// from 1 April 1957 to 30 April 1957
}

func ExampleParse() {
	for _, text := range []string{"June 7, 1960", "ca. 1957", "1950s", "XIX век", "7-9 June 1960", "44 BC", "before 1957"} {
		d, err := date.Parse(text, date.AnyOrder)
		fmt.Println(text, "=", d, d.Precision(), err)
	}
	// Output:
	// June 7, 1960 = 1960-06-07 day <nil>
	// ca. 1957 = 1957~ year <nil>
	// 1950s = 195X decade <nil>
	// XIX век = 18XX century <nil>
	// 7-9 June 1960 = 1960-06-07/1960-06-09 day <nil>
	// 44 BC = -0043 year <nil>
	// before 1957 = ../1957 year <nil>
}

func ExampleParse_order() {
	_, err := date.Parse("03/04/1957", date.AnyOrder)
	fmt.Println(errors.Is(err, date.ErrAmbiguous))
	d, err := date.Parse("03/04/1957", date.DayFirst)
	fmt.Println(d, err)
	// Output:
	// true
	// 1957-04-03 <nil>
}

func ExampleParseEDTF() {
	whole, _ := date.ParseEDTF("1957/1961")
	day, _ := date.ParseEDTF("1960-06-07")
	fmt.Println(whole.Contains(day), whole.Precision(), day.Precision())
	// Output: true year day
}

func ExampleDate_W3CDTF() {
	for _, text := range []string{"April 1957", "1950s"} {
		d, _ := date.Parse(text, date.AnyOrder)
		fmt.Println(d.W3CDTF())
	}
	// Output:
	// 1957-04 true
	//  false
}
