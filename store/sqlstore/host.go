package sqlstore

// hostRow is a row of the host's table.
type hostRow struct{}
