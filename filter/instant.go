package filter

import "bytes"

// instant is an xsd:dateTime (RFC 7643 section 2.3.5) as a point in time: exact
// for any number of fraction digits, without a range, and without allocation.
type instant struct {
	second   int64  // since 0000-03-01T00:00:00Z
	fraction []byte // digits without zeros at the end, a view of the text
}

// parseInstant reads a dateTime. A missing time zone means UTC, 24:00:00 the
// end of the day, and a leap second the second that follows it.
func parseInstant(text []byte) (instant, bool) {
	var at instant
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	lead, rest := digits(text)
	if len(lead) < 4 || len(lead) > 9 || len(rest) < len("-01-02T15:04:05") {
		return at, false
	}
	if rest[0] != '-' || rest[3] != '-' || rest[6] != 'T' || rest[9] != ':' || rest[12] != ':' {
		return at, false
	}
	month, day := pair(rest[1:]), pair(rest[4:])
	hour, minute, second := pair(rest[7:]), pair(rest[10:]), pair(rest[13:])
	if hour < 0 || minute < 0 || second < 0 || minute > 59 || second > 60 || hour > 24 || hour == 24 && minute+second > 0 {
		return at, false
	}
	var year int64
	for _, c := range lead {
		year = year*10 + int64(c-'0')
	}
	if negative {
		year = -year
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return at, false
	}
	rest = rest[15:]
	if len(rest) > 0 && rest[0] == '.' {
		if at.fraction, rest = digits(rest[1:]); len(at.fraction) == 0 {
			return at, false
		}
		at.fraction = bytes.TrimRight(at.fraction, "0")
		if hour == 24 && len(at.fraction) > 0 {
			return at, false
		}
	}
	offset, ok := zone(rest)
	at.second = ((days(year, month, day)*24+int64(hour))*60+int64(minute-offset))*60 + int64(second)
	return at, ok
}

// pair reads two digits; -1 if they are not.
func pair(text []byte) int {
	if text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9' {
		return -1
	}
	return int(text[0]-'0')*10 + int(text[1]-'0')
}

// zone reads Z, an offset in minutes, or nothing.
func zone(text []byte) (minutes int, ok bool) {
	if len(text) == 0 || len(text) == 1 && text[0] == 'Z' {
		return 0, true
	}
	if len(text) != len("+02:00") || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return 0, false
	}
	hour, minute := pair(text[1:]), pair(text[4:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	minutes = hour*60 + minute
	if text[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

func daysIn(year int64, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// days counts the days since 0000-03-01 of the proleptic Gregorian calendar.
// Years that begin in March have the leap day at their end.
func days(year int64, month, day int) int64 {
	if month < 3 {
		year--
		month += 12
	}
	century := floorDiv(year, 100)
	return 365*year + floorDiv(year, 4) - century + floorDiv(year, 400) + int64((153*(month-3)+2)/5+day-1)
}

func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y < 0 {
		q--
	}
	return q
}

// compare orders instants.
func (at *instant) compare(other *instant) int {
	if at.second != other.second {
		return order(at.second, other.second)
	}
	return bytes.Compare(at.fraction, other.fraction)
}
