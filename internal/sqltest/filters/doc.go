// Package filters tests package sqlfilter against filter.Match: the same
// filters on the same resources find the same rows, whether attributes lie in
// columns, in tables of their own or in the key document.
package filters
