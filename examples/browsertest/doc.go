// Package browsertest holds tests in a real browser: of the settings page, and of
// the examples' own pages. It needs Chromium, and axe-core for the checks of accessibility:
//
//	npm pack axe-core && tar xzf axe-core-*.tgz
//	AXE_CORE=package/axe.min.js SCIMKIT_SCREENSHOTS=/tmp/shots go test ./examples/browsertest
//
// Without them the tests are skipped and say so, but where CI is set they fail.
package browsertest
