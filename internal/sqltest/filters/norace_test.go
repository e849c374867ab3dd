//go:build !race

package filters

const share = 1
