package harvest

import "net/netip"

// These networks have no servers of the public Internet (IANA's registries of special-purpose addresses).
var (
	// ordinary networks are those in which people run servers of their own.
	ordinary = networks("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
		"100.64.0.0/10") // the inside of a provider's address translation

	// special networks have no servers, or belong to the machinery of the network itself.
	special = networks("0.0.0.0/8", "::/128", "169.254.0.0/16", "fe80::/10", "fec0::/10", "192.0.0.0/24",
		"198.18.0.0/15", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4",
		"64:ff9b:1::/48", // an operator's own translation to IPv4
		"2001::/32")      // Teredo, which hides the IPv4 address that it leads to

	// metadata has the addresses at which clouds tell a machine its secrets, beside 169.254.169.254: those of Alibaba
	// and Azure, and those of Amazon and Google in IPv6.
	metadata = networks("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32", "fd20:ce::/32")
)

// translated has the networks of IPv6 whose addresses lead to an IPv4 address that they hold, and the byte at which
// that address begins.
var translated = []struct {
	network netip.Prefix
	at      int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4
	{netip.MustParsePrefix("::/96"), 12},        // as IPv6 began with
}

func networks(all ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// inside reports whether an address can't be that of a server of the public Internet. The address must have no zone,
// and must not be an IPv4 address in the form of IPv6.
func inside(a netip.Addr) bool {
	if within(ordinary, a) || within(special, a) || within(metadata, a) {
		return true
	}
	for _, t := range translated {
		if t.network.Contains(a) {
			bytes := a.As16()
			return inside(netip.AddrFrom4([4]byte(bytes[t.at:])))
		}
	}
	return false
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
