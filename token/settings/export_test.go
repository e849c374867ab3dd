package settings

// A RouteInfo is what tests need to know of a route.
type RouteInfo struct {
	Method, Path string
	Write        bool
}

// Routes are all routes of the handler.
func Routes() []RouteInfo {
	var all []RouteInfo
	for _, rt := range routes {
		all = append(all, RouteInfo{rt.method, rt.path, rt.write})
	}
	return all
}
