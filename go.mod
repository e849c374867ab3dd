module github.com/scimkit/scimkit

go 1.26.0

require (
	github.com/go-jose/go-jose/v4 v4.1.8
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3
	github.com/google/go-cmp v0.7.0
	github.com/scim2/filter-parser/v2 v2.2.1
	golang.org/x/text v0.43.0
	golang.org/x/time v0.16.0
)

require github.com/di-wu/parser v0.2.2 // indirect
