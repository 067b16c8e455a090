# SPDX-License-Identifier: Apache-2.0
"""The cases of the TLS matrix."""
from clients import Command, Curl, GnutlsCli, Java, Node, Odd, Python, SClient
from servers import GnutlsServ, JavaServer, Nginx, NodeServer, OddServer, Site, SServer


class Case:
    """expect: values over those that the programs told, for all sessions or a list with one for each; None: not
    compared. fails: no handshake shall succeed; how it ends is then the alert that a program complains of, or is in
    `expect`. cut: what is taken away afterwards, see cuts.py. secrets: file (key log beside), inside (the capture), key (the server's private key) or none. minimum:
    exchanges in each session."""

    def __init__(self, name, server, *clients, expect=None, fails=False, secrets="file", minimum=1, helpers=(),
                 more_ports=(), sends_name=True, java=False, cut=None):
        self.name, self.server, self.clients = name, server, clients
        self.expect, self.fails, self.secrets = expect or {}, fails, secrets
        self.minimum = 0 if fails else minimum
        self.helpers, self.more_ports, self.sends_name, self.java = helpers, more_ports, sends_name, java
        self.cut = cut
        self.host, self.port = name.replace(".", "-") + ".lab.test", None


USUAL = (("GET", "/text/100"), ("POST", "/sum", 3000), ("GET", "/text/60000"), ("POST", "/sum", 70000, "chunked"),
         ("GET", "/chunked/20000"), ("GET", "/gzip/9000"), ("GET", "/status/404"))
SHORT = (("GET", "/text/100"), ("POST", "/sum", 500))
PAGE = (("GET", "/page.txt"),)
LONG = (("GET", "/long.txt"),)

TLS12 = """ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 DHE-RSA-AES128-GCM-SHA256
    DHE-RSA-AES256-GCM-SHA384 DHE-RSA-CHACHA20-POLY1305 AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-CCM AES256-CCM
    AES128-CCM8 AES256-CCM8 DHE-RSA-AES128-CCM DHE-RSA-AES256-CCM8 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA256
    DHE-RSA-AES128-SHA DHE-RSA-AES256-SHA256 ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA ECDHE-RSA-AES128-SHA256
    ECDHE-RSA-AES256-SHA384 CAMELLIA128-SHA CAMELLIA256-SHA CAMELLIA128-SHA256 DHE-RSA-CAMELLIA256-SHA256
    ECDHE-RSA-CAMELLIA128-SHA256 ECDHE-RSA-CAMELLIA256-SHA384 ARIA128-GCM-SHA256 ARIA256-GCM-SHA384
    ECDHE-ARIA128-GCM-SHA256 DHE-RSA-ARIA256-GCM-SHA384""".split()
TLS12_ECDSA = """ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305
    ECDHE-ECDSA-AES128-CCM ECDHE-ECDSA-AES256-CCM ECDHE-ECDSA-AES128-CCM8 ECDHE-ECDSA-AES256-CCM8 ECDHE-ECDSA-AES128-SHA
    ECDHE-ECDSA-AES128-SHA256 ECDHE-ECDSA-AES256-SHA384 ECDHE-ECDSA-CAMELLIA256-SHA384 ECDHE-ECDSA-ARIA256-GCM-SHA384
    """.split()
TLS13 = "AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256 AES_128_CCM_8_SHA256".split()
CBC = ("ECDHE-RSA-AES128-SHA", "AES256-SHA256", "ECDHE-RSA-AES256-SHA384", "CAMELLIA128-SHA")


def pinned(version, cipher=None, suites=None):
    """Lines for curl that allow one version and cipher only."""
    lines = [f"tls-max = {version}", f"tlsv{version}"]
    if cipher:
        lines.append(f'ciphers = "{cipher}:@SECLEVEL=0"')
    if suites:
        lines.append(f'tls13-ciphers = "{suites}"')
    return lines


def families():
    for number, (cipher, certificate) in enumerate([(name, "rsa") for name in TLS12]
                                                   + [(name, "ecdsa") for name in TLS12_ECDSA]):
        yield Case("tls12-" + cipher.lower(), Nginx("TLSv1.2", cipher, certificate),
                   Curl(*USUAL, options=[*pinned("1.2", cipher), "http1.1"]), secrets="inside" if number % 4 == 0 else "file")
    for suite in TLS13:
        name = "TLS_" + suite
        yield Case("tls13-" + suite.lower(), Nginx("TLSv1.3", lines=[f"ssl_conf_command Ciphersuites {name}"]),
                   Curl(*USUAL, options=[*pinned("1.3", suites=name), "http1.1"]), expect={"cipher": name})
    for version, words in (("1.0", "TLSv1"), ("1.1", "TLSv1.1")):
        for cipher in ("AES128-SHA", "ECDHE-RSA-AES256-SHA", "CAMELLIA256-SHA"):
            for mac in ("", "-no-etm"):
                lines = ["ssl_conf_command Options -EncryptThenMac"] if mac else []
                yield Case(f"tls{version.replace('.', '')}-{cipher.lower()}{mac}", Nginx(words, cipher, lines=lines),
                           Curl(*USUAL, options=[*pinned(version, cipher), "http1.1"]))
    for cipher in CBC:
        yield Case(f"tls12-{cipher.lower()}-no-etm", Nginx("TLSv1.2", cipher,
                                                           lines=["ssl_conf_command Options -EncryptThenMac"]),
                   Curl(*USUAL, options=[*pinned("1.2", cipher), "http1.1"]))
    for cipher in ("ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"):
        yield Case(f"tls12-{cipher.lower()}-no-ems", Nginx("TLSv1.2", cipher,
                                                           lines=["ssl_conf_command Options -ExtendedMasterSecret"]),
                   Curl(*USUAL, options=[*pinned("1.2", cipher), "http1.1"]))


def pre_shared_keys():
    words = ["-psk_identity", "lab", "-psk", "000102030405060708090a0b0c0d0e0f"]
    for cipher, certificate in (("PSK-AES128-GCM-SHA256", None), ("PSK-AES128-CBC-SHA", None), ("PSK-AES128-CCM8", None),
                                ("ECDHE-PSK-CHACHA20-POLY1305", None), ("DHE-PSK-AES256-GCM-SHA384", None),
                                ("RSA-PSK-AES128-GCM-SHA256", "rsa"), ("ECDHE-PSK-AES128-CBC-SHA256", None)):
        options = [*words, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0"]
        yield Case("tls12-" + cipher.lower(), SServer(*options, certificate=certificate),
                   SClient(*LONG, options=options, version="1.0"))
    options = [*words, "-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]
    # An external key: no certificate is shown, and nothing is resumed.
    yield Case("tls13-psk", SServer(*options, certificate=None), SClient(*LONG, options=options, version="1.0"),
               expect={"resumed": None, "ended": None, "client_certificate": None})


def resumption():
    again = dict(close=True)
    two = (("GET", "/text/1000"), ("POST", "/sum", 2000), ("GET", "/gzip/3000"))
    for cipher in ("ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA256"):
        client = Curl(*two, options=[*pinned("1.2", cipher), "http1.1"], **again)
        yield Case(f"resumed-id-{cipher.lower()}", Nginx("TLSv1.2", cipher, lines=[
            "ssl_session_tickets off", "ssl_session_cache shared:{case.name}:1m"]), client)
        yield Case(f"resumed-ticket-{cipher.lower()}", Nginx("TLSv1.2", cipher, lines=["ssl_session_tickets on"]),
                   Resumed(["-tls1_2"], ["-tls1_2"], ["-tls1_2"]))
    yield Case("resumed-tls13", Nginx("TLSv1.3", lines=["ssl_session_tickets on"]),
               Curl(*two, options=[*pinned("1.3"), "http1.1"], **again))
    yield Case("resumed-tls13-no-tickets", Nginx("TLSv1.3", lines=["ssl_session_tickets off",
                                                                    "ssl_session_cache shared:{case.name}:1m"]),
               Curl(*two, options=[*pinned("1.3"), "http1.1"], **again))
    yield Case("resumed-gnutls", Nginx("TLSv1.2", lines=["ssl_session_tickets on"]),
               GnutlsCli(("GET", "/text/3000"), options=["--resume"], silent=1), minimum=0,
               expect={"resumed": [None, True], "ended": [None, "resumed"], "client_certificate": None})
    # A server that asks for another group cannot take the early data that came with the first hello.
    for name, groups, lines in (("accepted", "X25519:P-384", []), ("rejected", "P-384", ["ssl_ecdh_curve secp384r1"])):
        yield Case("early-data-" + name, Nginx("TLSv1.3", lines=["ssl_early_data on", "ssl_session_tickets on", *lines]),
                   Resumed(["-groups", groups], ["-groups", "X25519:P-384", "-early_data", "{lab.folder}/early.txt"],
                           said_early=name == "accepted"))


class Resumed:
    """s_client, first for a session and then on it; one request each time. `said_early`: the last one's request goes
    as early data, and not once more."""

    REQUEST = b"GET /text/500 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
    WORDS = ("openssl", "s_client", "-ign_eof", "-connect", "127.0.0.1:{case.port}", "-servername", "{case.host}",
             "-keylogfile", "{lab.folder}/{case.name}.keys.log")

    def __init__(self, *options, said_early=False):
        self.options, self.said_early = options, said_early

    def __call__(self, lab, case):
        with open(lab.file("early.txt"), "wb") as file:
            file.write(self.REQUEST.replace(b"HOST", case.host.encode()))
        session, sessions = "{lab.folder}/s_client.session", []
        for number, options in enumerate(self.options):
            words = [*self.WORDS, *options, "-sess_in" if number else "-sess_out", session]
            given = b"" if self.said_early and number else self.REQUEST
            sessions += Command(*words, given=given)(lab, case)
        return sessions


def handshakes():
    yield Case("retry-request", Nginx("TLSv1.3", lines=["ssl_ecdh_curve secp384r1"]),
               Curl(*SHORT, options=[*pinned("1.3"), "curves = X25519:P-384"]))
    yield Case("key-update", Nginx("TLSv1.3"), SClient(("GET", "/text/100"), ("GET", "/text/9000"), ("POST", "/sum", 300),
                                                       ("GET", "/text/40000"), before={1: "K", 2: "k", 3: "K"}))
    yield Case("key-update-chacha", Nginx("TLSv1.3", lines=["ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256"]),
               SClient(("GET", "/text/100"), ("GET", "/text/9000"), before={0: "K", 1: "K"}))
    # A version of 1.2 at both ends, and a server that lets clients renegotiate.
    for cipher in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "AES256-SHA256"):
        yield Case("renegotiation-" + cipher.lower(), Site("--version", "1.2", "--renegotiation", "--ciphers", cipher),
                   SClient(("GET", "/text/100"), ("GET", "/text/5000"), ("POST", "/sum", 400), options=["-tls1_2"],
                           before={1: "R", 2: "R"}), expect={"client_certificate": None})
    yield Case("renegotiation-at-once", GnutlsServ("--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2", "--disable-client-cert"),
               GnutlsCli(("GET", "/"), options=["--rehandshake"], version="1.0"), expect={"client_certificate": None})
    for version, words in (("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")):
        short = version.replace(".", "")
        asking = ["ssl_client_certificate {lab.folder}/ca.pem", "ssl_verify_client optional"]
        keys = ['cert = "{lab.folder}/client.pem"', 'key = "{lab.folder}/client.key"']
        yield Case(f"client-certificate-sent-tls{short}", Nginx(words, lines=asking),
                   Curl(*SHORT, options=[*pinned(version), *keys]), expect={"client_certificate": "sent"})
        yield Case(f"client-certificate-refused-tls{short}", Nginx(words, lines=asking),
                   Curl(*SHORT, options=pinned(version)), expect={"client_certificate": "refused"})
        yield Case(f"client-certificate-wanted-tls{short}", SServer("-Verify", "1", "-verify_return_error", "-CAfile",
                                                                    "{lab.folder}/ca.pem"),
                   SClient(*PAGE, options=["-tls" + version.replace(".", "_")], version="1.0"), fails=True,
                   expect={"client_certificate": "refused"})


def protocols():
    many = [("GET", f"/text/{100 * number + 50}") for number in range(12)] + [("POST", "/sum", 30000)]
    for version, words in (("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")):
        short = version.replace(".", "")
        yield Case(f"h2-curl-tls{short}", Nginx(words, listen="http2"), Curl(*USUAL, options=[*pinned(version), "http2"]),
                   expect={"alpn": "h2"})
        yield Case(f"h2-parallel-tls{short}", Nginx(words, listen="http2"),
                   Curl(*many[:-1], options=[*pinned(version), "http2"], tool=("-Z",)), expect={"alpn": "h2"}, minimum=12)
        yield Case(f"h2-node-tls{short}", Nginx(words, listen="http2"),
                   Node(*many, http2=True, minVersion="TLSv" + version, maxVersion="TLSv" + version),
                   expect={"alpn": "h2"}, minimum=13)
        yield Case(f"h2-node-server-tls{short}", NodeServer(http2=True, maxVersion="TLSv" + version),
                   Curl(*SHORT, ("GET", "/text/90000"), options=[*pinned(version), "http2"]), expect={"alpn": "h2"})
        yield Case(f"no-alpn-tls{short}", Nginx(words, listen="http2"), Curl(*USUAL, options=[*pinned(version), "no-alpn"]),
                   expect={"alpn": None})
        yield Case(f"large-tls{short}", Nginx(words), Curl(("GET", "/text/6000000"), ("POST", "/sum", 2000000),
                                                           options=[*pinned(version), "http1.1"]))
        yield Case(f"large-h2-tls{short}", Nginx(words, listen="http2"),
                   Curl(("GET", "/text/3000000"), ("POST", "/sum", 1000000), options=[*pinned(version), "http2"]),
                   expect={"alpn": "h2"})
    yield Case("through-proxy", Nginx("TLSv1.3"),
               Curl(*SHORT, options=[*pinned("1.3"), 'proxy = "http://127.0.0.1:19001"']), more_ports=(19001,),
               helpers=((("python3", "{here}/odd.py", "proxy", "19001"), 19001),))
    yield Case("proxy-protocol-1", Nginx("TLSv1.3", listen="proxy_protocol"),
               Curl(*SHORT, options=[*pinned("1.3"), "haproxy-protocol"]))
    yield Case("proxy-protocol-2", Nginx("TLSv1.2", listen="proxy_protocol"), Odd("proxy-v2"))


def stacks():
    for version in ("1.2", "1.3"):
        short = version.replace(".", "")
        words = "TLSv" + version
        only = ["--priority=NORMAL:-VERS-ALL:+VERS-TLS" + version]
        yield Case(f"node-nginx-tls{short}", Nginx(words), Node(*USUAL, minVersion=words, maxVersion=words))
        yield Case(f"curl-node-tls{short}", NodeServer(keylog=False, minVersion=words, maxVersion=words),
                   Curl(*SHORT, ("GET", "/chunked/50000"), options=pinned(version)))
        yield Case(f"node-node-tls{short}", NodeServer(minVersion=words, maxVersion=words), Node(*SHORT))
        yield Case(f"python-nginx-tls{short}", Nginx(words), Python(*USUAL))
        yield Case(f"gnutls-nginx-tls{short}", Nginx(words), GnutlsCli(*SHORT, ("GET", "/text/50000"), options=only))
        yield Case(f"curl-gnutls-tls{short}", GnutlsServ(*only, "--disable-client-cert"),
                   Curl(("GET", "/"), options=[*pinned(version), "http1.0"]))
        yield Case(f"s_client-s_server-tls{short}", SServer("-tls" + version.replace(".", "_")),
                   SClient(*LONG, version="1.0"))
        yield Case(f"java-node-tls{short}", NodeServer(), Java(*PLAIN, version=version), sends_name=False, java=True,
                   expect={"alpn": None})
        yield Case(f"java-h2-tls{short}", NodeServer(http2=True), Java(*PLAIN, version=version, http_version="2"),
                   expect={"alpn": "h2"}, sends_name=False, java=True)
        yield Case(f"curl-java-tls{short}", JavaServer(), Curl(*PLAIN, options=[*pinned(version), "http1.1"]), java=True)
    for name, cipher in GNUTLS.items():
        only = ["--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+" + name + ":+SHA1:+RSA"]
        for extra, words in (("", ""), *((("-no-etm", ":%NO_ETM"),) if name.endswith("CBC") else ())):
            yield Case(f"gnutls-{name.lower()}{extra}", GnutlsServ(only[0] + words, "--disable-client-cert"),
                       GnutlsCli(("GET", "/"), options=[only[0] + words], version="1.0"),
                       expect={"version": "1.2", "cipher": cipher, **NOT_OFFERED} if name.endswith("GCM") else
                       {"version": "1.2", "cipher": cipher})
    yield Case("gnutls-no-session-hash", GnutlsServ(only[0] + ":+AES-128-GCM:%NO_SESSION_HASH", "--disable-client-cert"),
               GnutlsCli(("GET", "/"), options=[only[0] + ":+AES-128-GCM:%NO_SESSION_HASH"], version="1.0"))
    for method in ("zlib", "brotli", "zstd"):
        yield Case(f"compressed-certificate-{method}",
                   GnutlsServ("--priority=NORMAL", "--disable-client-cert", "--compress-cert=" + method),
                   GnutlsCli(("GET", "/"), options=["--compress-cert=" + method], version="1.0"),
                   expect={"version": "1.3", "certificates": 1})


PLAIN = (("GET", "/text/100"), ("GET", "/text/20000"))
# Ciphers of GnuTLS beside those of OpenSSL. No program of the pair gives IANA's name, so it is not compared.
GNUTLS = {"3DES-CBC": None, "CAMELLIA-128-GCM": None, "CAMELLIA-256-GCM": None, "CAMELLIA-256-CBC": None, "AES-256-CCM-8": None}
# OpenSSL has no Camellia in GCM, so nobody expects these to be read; it must be said.
NOT_OFFERED = {"decrypted": False, "not_decrypted_because": "cipher not supported", "client_certificate": None}


def private_key():
    two = (("GET", "/text/1000"), ("POST", "/sum", 2000))
    for cipher in ("AES128-GCM-SHA256", "AES256-SHA", "CAMELLIA128-SHA256", "AES256-CCM8"):
        yield Case("private-key-" + cipher.lower(), Nginx("TLSv1.2", cipher),
                   Curl(*USUAL, options=[*pinned("1.2", cipher), "http1.1"]), secrets="key")
    yield Case("private-key-tls10", Nginx("TLSv1", "AES128-SHA"), Curl(*USUAL, options=[*pinned("1.0", "AES128-SHA"), "http1.1"]),
               secrets="key")
    yield Case("private-key-no-ems", Nginx("TLSv1.2", "AES128-GCM-SHA256",
                                           lines=["ssl_conf_command Options -ExtendedMasterSecret"]),
               Curl(*USUAL, options=[*pinned("1.2", "AES128-GCM-SHA256"), "http1.1"]), secrets="key")
    only = ["-tls1_2", "-cipher", "AES128-GCM-SHA256"]
    for how, lines, client in (
            ("id", ["ssl_session_tickets off", "ssl_session_cache shared:{case.name}:1m"],
             Curl(*two, options=[*pinned("1.2", "AES128-GCM-SHA256"), "http1.1"], close=True)),
            ("ticket", ["ssl_session_tickets on"], Resumed(only, only))):
        yield Case("private-key-resumed-" + how, Nginx("TLSv1.2", "AES128-GCM-SHA256", lines=lines), client, secrets="key")


def unreadable():
    """Secrets that do not fit, or are not there."""
    closed = {"decrypted": False, "client_certificate": None, "not_decrypted_because": "no secrets for this client random"}
    for version in ("1.2", "1.3"):
        yield Case("no-secrets-tls" + version.replace(".", ""), Nginx("TLSv" + version), Curl(*SHORT, options=pinned(version)),
                   secrets="none", expect={**closed, "alpn": "http/1.1" if version == "1.2" else None})
    yield Case("private-key-ecdhe", Nginx("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"), Curl(*SHORT, options=pinned("1.2")),
               secrets="key", expect=closed)


def cut_captures():
    """What is left when a part of the capture or of the secrets is missing."""
    unread = {"decrypted": False, "client_certificate": None, "alpn": None}
    for version in ("1.2", "1.3"):
        short = version.replace(".", "")
        client = Curl(("GET", "/text/400000"), ("POST", "/sum", 3000), options=[*pinned(version), "http1.1"])
        yield Case(f"no-handshake-tls{short}", Nginx("TLSv" + version), client, cut="handshake",
                   expect={**unread, "ended": "began-before-capture", "version": None, "cipher": None, "sni": None,
                           "resumed": None, "not_decrypted_because": "handshake missing"})
        yield Case(f"lost-packet-tls{short}", Nginx("TLSv" + version), client, cut="packet")
    yield Case("handshake-secrets-only", Nginx("TLSv1.3"), Curl(*SHORT, options=pinned("1.3")), cut="traffic-secrets",
               expect={"decrypted": None, "not_decrypted_because": "secrets for handshake only"})
    only = ["-tls1_2", "-cipher", "AES128-GCM-SHA256"]
    yield Case("ticket-resumed-from-before", Nginx("TLSv1.2", "AES128-GCM-SHA256", lines=["ssl_session_tickets on"]),
               Resumed(only, only), secrets="key", cut="first-session",
               expect={"decrypted": [None, False], "not_decrypted_because": [None, "ticket from before the capture"]})


def failures():
    other = ['cacert = "{lab.folder}/other-ca.pem"']
    for version in ("1.2", "1.3"):
        short = version.replace(".", "")
        words = "TLSv" + version
        yield Case(f"unknown-ca-tls{short}", Nginx(words), Curl(*SHORT[:1], options=[*pinned(version), *other]), fails=True,
                   expect={"version": version})
        yield Case(f"unknown-ca-node-tls{short}", Nginx(words), Node(*SHORT[:1], ca=None, maxVersion=words), fails=True,
                   expect={"ended": "client-closed-after-finished" if version == "1.2" else
                           "client-closed-after-server-flight"})
        yield Case(f"closed-after-finished-tls{short}", Nginx(words), Odd("close-after-finished", version), fails=True,
                   expect={"ended": "client-closed-after-finished"})
        yield Case(f"closed-after-server-flight-tls{short}", Nginx(words), Odd("close-after-server-flight", version),
                   fails=True, secrets="none", expect={"ended": "client-closed-after-server-flight"})
    yield Case("no-common-version", Nginx("TLSv1.3"), Curl(*SHORT[:1], options=pinned("1.2")), fails=True, secrets="none",
               expect={"ended": "server-alert:protocol_version"})
    yield Case("no-common-cipher", Nginx("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
               SClient(*PAGE, options=["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"]), fails=True, secrets="none")
    yield Case("unrecognized-name", Nginx("TLSv1.2 TLSv1.3", lines=["ssl_reject_handshake on"]), SClient(*PAGE), fails=True,
               secrets="none")
    yield Case("no-common-protocol", SServer("-alpn", "imap"), SClient(*PAGE, options=["-alpn", "h2"]), fails=True,
               secrets="none")
    for mode, ended in (("close-after-hello", "server-closed-after-client-hello"),
                        ("reset-after-hello", "server-reset-after-client-hello"), ("plain", "not-tls")):
        yield Case("server-" + mode, OddServer(mode), SClient(*PAGE), fails=True, secrets="none", expect={"ended": ended})
    yield Case("server-silent", OddServer("silent"), Odd("wait"), fails=True, secrets="none",
               expect={"ended": "no-answer"})


def all_cases():
    cases = [case for part in (families, pre_shared_keys, resumption, handshakes, protocols, stacks, private_key, unreadable,
                               cut_captures, failures) for case in part()]
    names = [case.name for case in cases]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise RuntimeError(f"two cases have one name: {doubled}")
    return cases
