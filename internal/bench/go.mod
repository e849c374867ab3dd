module github.com/scimkit/scimkit/internal/bench

go 1.26.0

// The benchmarks measure the scimkit that lies around them.
replace github.com/scimkit/scimkit => ../../

require (
	github.com/elimity-com/scim v0.0.0-20240320110924-172bf2aee9c8
	github.com/google/go-cmp v0.7.0
	github.com/scim2/filter-parser/v2 v2.2.1
	github.com/scimkit/scimkit v0.0.0-00010101000000-000000000000
)

require (
	github.com/di-wu/parser v0.2.2 // indirect
	github.com/di-wu/xsd-datetime v1.0.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
