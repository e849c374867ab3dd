module github.com/scimkit/scimkit/examples

go 1.26.0

// The examples are built with the scimkit that lies beside them.
replace github.com/scimkit/scimkit => ../

require github.com/scimkit/scimkit v0.0.0-00010101000000-000000000000

require golang.org/x/text v0.43.0 // indirect
