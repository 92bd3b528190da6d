"""Forms of addresses that lead inside, elsewhere or nowhere: each is refused before any connect."""

# Hosts of this machine, of private and of reserved networks, in every form that resolves.
INSIDE = {
    "loopback": ("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "localhost", "LOCALHOST"),
    "with a dot at the end": ("127.0.0.1.", "169.254.169.254."),
    "decimal": ("2130706433", "2852039166", "3232235521", "167772161"),
    "hexadecimal": ("0x7f000001", "0x7f.0.0.1", "0xa9fea9fe", "0x0a000001"),
    "octal": ("0177.0.0.1", "017700000001", "0251.0376.0251.0376", "012.0.0.1"),
    "mixed bases": ("0x7f.1", "127.0x0.0.01", "0xa9.254.0251.254"),
    "this host": ("0", "0.0.0.0", "0.1.2.3", "[::]"),
    "private": ("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    "carrier": ("100.64.0.1", "100.100.100.200", "100.127.255.254"),
    "link-local": ("169.254.0.1", "169.254.169.254", "169.254.170.2", "[fe80::1]"),
    "metadata": ("168.63.129.16", "192.0.0.192", "[fd00:ec2::254]"),
    "documentation": ("192.0.2.1", "198.51.100.7", "203.0.113.9", "[2001:db8::1]", "[3fff::1]"),
    "protocols": ("192.0.0.1", "192.0.0.8", "192.31.196.1", "192.52.193.1", "192.175.48.1"),
    "benchmarks": ("198.18.0.1", "198.19.255.255", "[2001:2::1]"),
    "multicast": ("224.0.0.1", "239.255.255.250", "[ff02::1]", "[ff0e::1]"),
    "reserved and broadcast": ("240.0.0.1", "255.255.255.255"),
    "IPv6 loopback": ("[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]"),
    "IPv4-compatible": ("[::127.0.0.1]", "[::a00:1]", "[::169.254.169.254]"),
    "IPv4-mapped": (
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
    ),
    "NAT64": ("[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::1]"),
    "6to4": ("192.88.99.1", "[2002:7f00:1::1]", "[2002:a00:1::]", "[2002:a9fe:a9fe::]"),
    "Teredo": ("[2001::1]", "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]"),
    "unique local": ("[fc00::1]", "[fd12:3456::1]"),
    "site-local": ("[fec0::1]", "[feff::1]"),
    "discard and segments": ("[100::1]", "[100:0:0:1::1]", "[5f00::1]"),
}
# Addresses that are odd before anybody looks up their host.
ODD = {
    "scheme": (
        "http://qad.example.com/clouderp",
        "ftp://qad.example.com/",
        "file:///etc/passwd",
        "gopher://qad.example.com/",
        "//qad.example.com/",
        "javascript:alert(1)",
    ),
    "no host": ("https://", "https:///path", "https://:443/"),
    "user info": (
        "https://user@qad.example.com/",
        "https://user:secret@qad.example.com/",
        "https://qad.example.com:secret@127.0.0.1/",
        "https://@qad.example.com/",
        "https://qad.example.com%40127.0.0.1/",
    ),
    "fragment": ("https://qad.example.com/#part", "https://qad.example.com#@127.0.0.1/"),
    "control characters": (
        "https://qad.example.com/a b",
        "https://qad.example.com/\r\nHost: evil",
        "https://qad.example.com/\x00",
        "https://qad\t.example.com/",
        "https://qad.example.com/\x7f",
        " https://qad.example.com/",
    ),
    "backslash": ("https://qad.example.com\\@127.0.0.1/", "https:\\\\127.0.0.1/"),
    "ports of other services": tuple(
        f"https://qad.example.com:{port}/"
        for port in (0, 21, 22, 23, 25, 53, 80, 110, 389, 445, 2375, 3306, 5432, 6379, 9200, 11211)
    ),
    "no port": ("https://qad.example.com:99999/", "https://qad.example.com:x/"),
    "look-alikes": (
        "https://q\N{CYRILLIC SMALL LETTER A}d.example.com/",
        "https://\N{FULLWIDTH DIGIT ONE}27.0.0.1/",
        "https://\N{CIRCLED LATIN SMALL LETTER L}ocalhost/",
        "https://127\N{IDEOGRAPHIC FULL STOP}0\N{IDEOGRAPHIC FULL STOP}0.1/",
        "https://qad%2eexample.com/",
    ),
    "brackets": ("https://[::1/", "https://[fe80::1%25eth0]/", "https://[127.0.0.1]/"),
}

INSIDE_HOSTS = tuple(host for hosts in INSIDE.values() for host in hosts)
ODD_URLS = tuple(url for urls in ODD.values() for url in urls)
