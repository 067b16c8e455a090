# SPDX-License-Identifier: Apache-2.0
"""The private authorities of the trust matrix and the certificates of its servers, made with the openssl program."""
import datetime
import os
import subprocess

DOMAIN = "contoso.example"
ISSUERS_ADDRESS = f"http://pki.{DOMAIN}/issuing-ca.crt"
CONFIG = """[ca]
default_ca = any
[any]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
organizationName = optional
[req]
distinguished_name = name
[name]
"""
LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
KEY_IDS = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"


class Authority:
    """Makes NAME.pem and NAME.key in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.now = datetime.datetime.now(datetime.timezone.utc)
        for name, text in (("index.txt", ""), ("ca.cnf", CONFIG.format(folder=folder))):
            with open(self.file(name), "w", encoding="utf-8") as file:
                file.write(text)

    def file(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.folder)

    def make(self, name, subject, extensions, issuer=None, days=(-30, 60)):
        """days: first and last, from today. issuer None: self-signed."""
        self.openssl("req", "-config", "ca.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     subject, "-keyout", name + ".key", "-out", name + ".csr")
        with open(self.file(name + ".ext"), "w", encoding="utf-8") as file:
            file.write(extensions + KEY_IDS)
        first, last = ((self.now + datetime.timedelta(days=day)).strftime("%Y%m%d%H%M%SZ") for day in days)
        signer = ["-selfsign", "-keyfile", name + ".key"] if issuer is None else \
            ["-cert", issuer + ".pem", "-keyfile", issuer + ".key"]
        self.openssl("ca", "-batch", "-notext", "-config", "ca.cnf", *signer, "-startdate", first, "-enddate", last,
                     "-extfile", name + ".ext", "-in", name + ".csr", "-out", name + ".pem")

    def bundle(self, out, *names):
        with open(self.file(out), "w", encoding="utf-8") as file:
            for name in names:
                with open(self.file(name + ".pem"), encoding="utf-8") as one:
                    file.write(one.read())


def make_all(folder):
    """root.pem is what the clients trust; chain-SCENARIO.pem and SCENARIO.key what the servers use."""
    made = Authority(folder)
    organisation = "/O=Contoso Example/CN="
    for root, issuing, title in (("root", "issuing", "Contoso"), ("other-root", "other-issuing", "Fabrikam"),
                                 ("inspection-root", None, "Contoso Inspection")):
        made.make(root, f"{organisation}{title} Private Root CA", CA, days=(-400, 3650))
        if issuing:
            made.make(issuing, f"{organisation}{title} Issuing CA 1", CA.replace("CA:TRUE", "CA:TRUE,pathlen:0"), root,
                      days=(-300, 1800))

    def leaf(name, issuer, days=(-30, 60), host="*." + DOMAIN):
        made.make(name, f"/CN={host}", LEAF + f"subjectAltName=DNS:{host}\n" +
                  (f"authorityInfoAccess=caIssuers;URI:{ISSUERS_ADDRESS}\n" if issuer else ""), issuer, days)

    leaf("good", "issuing")
    leaf("private-ca", "other-issuing")
    leaf("expired", "issuing", (-90, -3))
    leaf("not-yet-valid", "issuing", (5, 90))
    leaf("wrong-name", "issuing", host="gw.fabrikam.example")
    leaf("self-signed", None)
    leaf("inspection", "inspection-root", (-1, 7))
    for name in ("good", "expired", "not-yet-valid", "wrong-name"):
        made.bundle(f"chain-{name}.pem", name, "issuing")
    made.bundle("chain-private-ca.pem", "private-ca", "other-issuing")
    made.bundle("chain-missing-intermediate.pem", "good")
    made.bundle("chain-self-signed.pem", "self-signed")
    made.bundle("chain-inspection.pem", "inspection", "inspection-root")
    made.bundle("chain-client-certificate.pem", "good", "issuing")
    for name in ("missing-intermediate", "client-certificate"):
        os.link(made.file("good.key"), made.file(name + ".key"))
    make_sample_chain(made)
    return made


def make_sample_chain(made):
    """chain-sample.pem: a leaf and the lower of its two intermediates; the upper one, policy.pem, is not in it."""
    organisation = "/O=Contoso Example/CN=Contoso "
    made.make("policy", organisation + "Policy CA", CA, "root", (-390, 3000))
    made.make("gateways", organisation + "Gateways CA", CA.replace("CA:TRUE", "CA:TRUE,pathlen:0") +
              f"authorityInfoAccess=caIssuers;URI:http://pki.{DOMAIN}/policy-ca.crt\n", "policy", (-200, 2000))
    made.make("sample", f"/CN=gw.{DOMAIN}", LEAF + f"subjectAltName=DNS:gw.{DOMAIN},DNS:api.{DOMAIN}\n"
              f"authorityInfoAccess=caIssuers;URI:http://pki.{DOMAIN}/gateways-ca.crt\n", "gateways", (-10, 385))
    made.bundle("chain-sample.pem", "sample", "gateways")
