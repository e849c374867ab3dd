package host

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// URLUsage is that of the flag -url.
const URLUsage = "the URL at which others reach the server, such as https://abc.example, if that is a tunnel's or a proxy's; without a path"

// Parse parses flags. A word that is none would hide all flags behind it.
func Parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	return nil
}

// Listen listens at the address of the flag -addr, and gives the URL of the
// server: that of the flag -url, or if it is "", one for this machine.
func Listen(addr, public string) (l net.Listener, root string, err error) {
	root = strings.TrimSuffix(public, "/")
	if public != "" && !isRoot(root) {
		return nil, "", errors.New("-url: " + URLUsage)
	}
	if l, err = net.Listen("tcp", addr); err != nil {
		return nil, "", err
	}
	if root == "" {
		root = "http://" + local(l.Addr())
	}
	return l, root, nil
}

func isRoot(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.String() == u.Scheme+"://"+u.Host
}

// local is an address that a client on this machine can use: who listens on all
// addresses has none of these.
func local(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("localhost", port)
}
