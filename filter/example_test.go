package filter_test

import (
	"errors"
	"fmt"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
)

func Example() {
	e, err := filter.Parse(`EMAILS[Type eq "work" and value ew "@example.com"] and not(active eq false)`)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := filter.Bind(e, schema.UserType())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Expr())
	// Output: emails[type eq "work" and value ew "@example.com"] and not (active eq false)
}

func ExampleParse_error() {
	_, err := filter.Parse(`userName eq "mira" and title regex "x"`)
	var syntax *filter.SyntaxError
	fmt.Println(errors.As(err, &syntax), err)
	// Output: true at byte 29: operator "regex" is not supported; the operators are eq, ne, co, sw, ew, pr, gt, ge, lt, le
}

func ExampleBind_error() {
	e, _ := filter.Parse(`active gt true`)
	_, err := filter.Bind(e, schema.UserType())
	fmt.Println(err)
	// Output: active: "gt" does not apply to an attribute of type boolean
}

func ExampleParsePath() {
	p, _ := filter.ParsePath(`addresses[type eq "work"].streetAddress`)
	fmt.Println(p.Attr, p.Filter, p.Sub)
	// Output: addresses type eq "work" streetAddress
}

func ExampleFilter_Equals() {
	e, _ := filter.Parse(`active eq true and userName eq "mira"`)
	f, _ := filter.Bind(e, schema.UserType())
	fmt.Println(f.Equals("userName"))
	// Output: mira true
}
