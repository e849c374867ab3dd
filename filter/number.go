package filter

import "bytes"

// decimal is a JSON number, taken apart so that numbers of any size compare
// exactly: 0.whole fraction × 10^scale, without zeros at either end.
type decimal struct {
	negative        bool
	whole, fraction []byte // digits, views of the text
	scale           int64
}

// parseDecimal reads a JSON number.
func parseDecimal(text []byte) (decimal, bool) {
	var d decimal
	if len(text) > 0 && text[0] == '-' {
		d.negative = true
		text = text[1:]
	}
	d.whole, text = digits(text)
	if len(d.whole) == 0 {
		return d, false
	}
	if len(text) > 0 && text[0] == '.' {
		if d.fraction, text = digits(text[1:]); len(d.fraction) == 0 {
			return d, false
		}
	}
	exponent, ok := parseExponent(text)
	d.normalize(exponent)
	return d, ok
}

// digits splits off the digits that lead text.
func digits(text []byte) (lead, rest []byte) {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}

// parseExponent reads e and digits, or nothing. Exponents over 10^18, which no
// memory holds the digits of, count as that.
func parseExponent(text []byte) (int64, bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0]|0x20 != 'e' {
		return 0, false
	}
	text = text[1:]
	negative := false
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		negative = text[0] == '-'
		text = text[1:]
	}
	lead, rest := digits(text)
	if len(lead) == 0 || len(rest) > 0 {
		return 0, false
	}
	const most = 1e18
	var e int64
	for _, c := range lead {
		if e = e*10 + int64(c-'0'); e > most/10 {
			e = most
			break
		}
	}
	if negative {
		e = -e
	}
	return e, true
}

func (d *decimal) normalize(exponent int64) {
	d.whole = bytes.TrimLeft(d.whole, "0")
	d.fraction = bytes.TrimRight(d.fraction, "0")
	d.scale = exponent + int64(len(d.whole))
	if len(d.whole) == 0 {
		n := len(d.fraction)
		d.fraction = bytes.TrimLeft(d.fraction, "0")
		d.scale = exponent - int64(n-len(d.fraction))
	}
	if len(d.fraction) == 0 {
		d.whole = bytes.TrimRight(d.whole, "0")
	}
}

func (d *decimal) sign() int {
	switch {
	case len(d.whole)+len(d.fraction) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compare orders numbers.
func (d *decimal) compare(e *decimal) int {
	sign := d.sign()
	if other := e.sign(); sign != other {
		return order(sign, other)
	}
	if sign == 0 {
		return 0
	}
	if d.scale != e.scale {
		return sign * order(d.scale, e.scale)
	}
	for i := 0; ; i++ {
		x, y := d.digit(i), e.digit(i)
		if x != y {
			return sign * order(x, y)
		}
		if x == 0 {
			return 0
		}
	}
}

// digit gives the i-th digit, 0 behind the last.
func (d *decimal) digit(i int) byte {
	if i < len(d.whole) {
		return d.whole[i]
	}
	if i -= len(d.whole); i < len(d.fraction) {
		return d.fraction[i]
	}
	return 0
}

func order[T int | int64 | byte](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
