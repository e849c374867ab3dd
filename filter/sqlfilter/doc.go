// Package sqlfilter makes SQL of filters (RFC 7644 section 3.4.2.2): a bound
// filter and a map of columns become a condition for WHERE, with every value an
// argument and never a part of the text.
package sqlfilter
