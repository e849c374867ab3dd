package scim_test

import (
	"net/http"
	"strings"
)

// spellings are request targets. {M} is where the server is mounted, for a
// tenant that is named in the URL with its name; {N} the same for the other
// tenant; {R} is each of the resources below.
var spellings = strings.Fields(`
	{M}{R}
	{M}/{R}
	{M}//{R}
	/{M}{R}
	//{M}{R}
	///{M}///{R}
	{M}{R}/
	{M}{R}//
	{M}/.{R}
	{M}/./{R}
	{M}/..{R}
	{M}/x/..{R}
	{M}/../..{N}{R}
	{M}/../../..{N}{R}
	{M}/%2e%2e/%2e%2e{N}{R}
	{M}/.%2e/%2E.{N}{R}
	{M}/..%2f..{N}{R}
	{M}/..;/..;{N}{R}
	{M}/..\..\{N}{R}
	{M}/..%5c..%5c{N}{R}
	{M}{N}{R}
	{M}{R}{N}{R}
	{N}{M}{R}
	{M}%2F{R}
	{M}%2f{R}
	%2F{M}{R}
	{M}/%2F{R}
	{M}/%5C{R}
	{M}\{R}
	{M}{R}%2F
	{M}{R}%5C
	{M}{R}%00
	{M}/%00{R}
	{M}%00{R}
	{M}{R}%0d%0a
	{M}{R}%0A
	{M}{R}%09
	{M}{R}%20
	{M}/%20{R}
	{M}{R}%7F
	{M}{R}%25
	{M}{R}%252F
	{M}/%252e%252e{R}
	{M}{R};a=b
	{M};a=b{R}
	{M}/;{R}
	{M}{R};
	{M}{R}%3B
	{M}{R}%3Fx=y
	{M}{R}%23
	{M}{R}#fragment
	{M}{R}?
	{M}{R}??
	{M}{R}?x
	{M}{R}?/../../{N}{R}
	{M}?{R}
	{M}{R}?tenant=globex
	{M}{R}?access_token=token-globex
	{M}{R}?_method=DELETE
	{M}{R}?filter=%zz
	{M}{R}?%zz=1
	{M}{R}?attributes=%00
	{M}{R}?a=b;c=d
	{M}{R}%zz
	{M}{R}%
	{M}{R}%2
	{M}/%zz{R}
	{M}/%{R}
	{M}/%u0055sers
	{M}{R}%ff
	{M}{R}%c0%af
	{M}/%c0%ae%c0%ae{R}
	{M}{R}%e2%80%ae
	{M}{R}%ef%bc%8f
	{M}{R}/é
	{M}/ſ{R}
	{M}{R}.
	{M}{R}..
	{M}{R}.json
	{M}{R}.scim
	{M}{R}*
	{M}{R}@evil.example
	@evil.example{M}{R}
	http://HOST{M}{R}
	http://evil.example{M}{R}
	HTTP://HOST{M}{R}
	http://HOST{M}//{R}
	http://HOST{N}{R}
	http://user:pass@HOST{M}{R}
	https://HOST{M}{R}
	http:{M}{R}
	http:///{M}{R}
	//HOST{M}{R}
	ftp://HOST{M}{R}
	file://{M}{R}
	{M}{R}/{id}/..
	{M}{R}/../Users/{id}
	{M}{R}/.search
	{M}{R}/%2esearch
	{M}{R}/Me
	{M}/v1{R}
	{M}/v2{R}
	{M}/v9{R}
	{M}/V2{R}
	{M}/Bulk
	{M}/Me
	{M}
	{M}/
	/
	*
`)

// resources are what spellings end with: plain, percent-encoded, in another
// letter case, of one resource.
var spelledResources = []string{
	"/Users", "/%55sers", "/%2555sers", "/users", "/USERS", "/Users/" + aliceID, "/Users/%30" + aliceID[1:], "/Groups/" + groupID,
	"/Schemas", "/Users/" + strings.ToUpper(aliceID),
}

// mounts are the ways to put a server into a host.
var mounts = []struct {
	name    string
	path    func(tenant string) string
	baseURL string
	wrap    func(http.Handler) http.Handler
}{
	{"at the root", func(string) string { return "" }, "", nil},
	{"under any prefix", func(string) string { return "/scim/v2" }, "", nil},
	{"under a prefix of a mux", func(string) string { return "/scim/v2" }, "", muxed("/scim/v2/", false)},
	{"with StripPrefix", func(string) string { return "/scim/v2" }, "", muxed("/scim/v2/", true)},
	{"with StripPrefix and BaseURL", func(string) string { return "/scim/v2" }, "https://scim.example/scim/v2", muxed("/scim/v2/", true)},
	{"with BaseURL", func(string) string { return "/scim/v2" }, "https://scim.example/scim/v2", nil},
	{"with {tenant} in BaseURL", func(t string) string { return "/scim/" + t + "/v2" }, "https://scim.example/scim/{tenant}/v2", nil},
	{"with {tenant} last in BaseURL", func(t string) string { return "/scim/v2/" + t }, "https://scim.example/scim/v2/{tenant}", nil},
	{"with {tenant} in the mux pattern", func(t string) string { return "/scim/" + t + "/v2" }, "", muxed("/scim/{tenant}/v2/", false)},
	{"with {tenant} in both", func(t string) string { return "/scim/" + t + "/v2" }, "https://scim.example/scim/{tenant}/v2", muxed("/scim/{tenant}/v2/", false)},
}

func muxed(pattern string, strip bool) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		if strip {
			h = http.StripPrefix(strings.TrimRight(pattern, "/"), h)
		}
		mux.Handle(pattern, h)
		return mux
	}
}

// targets spells every resource in every way.
func targets(path func(tenant string) string, tenant, other string) []string {
	seen := make(map[string]bool)
	var all []string
	for i, spelling := range spellings {
		for j, resource := range spelledResources {
			if j > 0 && i > 0 && (i+j)%4 != 0 { // each spelling with some resources, each resource with some spellings
				continue
			}
			s := strings.NewReplacer("{M}", path(tenant), "{N}", path(other), "{R}", resource, "{id}", aliceID).Replace(spelling)
			if s != "" && !seen[s] {
				seen[s] = true
				all = append(all, s)
			}
		}
	}
	for _, n := range []int{1 << 10, 20 << 10} {
		all = append(all, path(tenant)+"/Users/"+strings.Repeat("a", n), path(tenant)+"/"+strings.Repeat("a/", n/2)+"Users",
			path(tenant)+"/Users?filter="+strings.Repeat("(", n))
	}
	return all
}
