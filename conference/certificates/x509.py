"""The one door to cryptography's X.509: makes and reads certificates (RFC 5280).

PEM goes in and out. Whatever cannot be read is a CertificateFault that says which file."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from conference.certificates.names import Names, Reach, names_of
from conference.certificates.policy import CertificateFault, Facts

ROOT_NAME = "Video mediation root"
Life = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: bytes
    key: bytes


def make_root(reach: Reach, life: Life) -> Pair:
    """A root that signs server certificates within its reach, and no other authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    # The number tells the roots of two installations apart in a device's list.
    number = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{ROOT_NAME} {number}")])
    permitted: list[x509.GeneralName] = [x509.DNSName(domain) for domain in reach.domains]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in reach.networks]
    builder = (
        _builder(name, name, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return _signed(builder, key, key)


def make_server(root: Pair, names: Names, life: Life) -> Pair:
    """A certificate for a TLS server, with a key of its own."""
    issuer, issuer_key = _certificate(root.certificate, "root"), _own_key(root.key)
    key = ec.generate_private_key(ec.SECP256R1())
    hosts: list[x509.GeneralName] = [x509.DNSName(name) for name in sorted(names.dns)]
    hosts += [x509.IPAddress(ipaddress.ip_address(text)) for text in sorted(names.ips)]
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Video mediation")])
    builder = (
        _builder(name, issuer.subject, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(authority, critical=False)
    )
    return _signed(builder, key, issuer_key)


def read(pem: bytes, where: str) -> Facts:
    """The first certificate of a file."""
    certificate = _certificate(pem, where)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = found.get_values_for_type(x509.DNSName)
        ips = found.get_values_for_type(x509.IPAddress)
        names = names_of([*dns, *(str(ip) for ip in ips)])
    except (x509.ExtensionNotFound, ValueError):
        names = Names()
    return Facts(
        not_before_us=_micros(certificate.not_valid_before_utc),
        not_after_us=_micros(certificate.not_valid_after_utc),
        names=names,
    )


def reach_of(pem: bytes, where: str) -> Reach:
    """What a root may vouch for."""
    extensions = _certificate(pem, where).extensions
    try:
        constraints = extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        raise CertificateFault(f"{where} is not a root that this server made") from None
    names = constraints.permitted_subtrees or []
    domains = tuple(name.value for name in names if isinstance(name, x509.DNSName))
    networks = tuple(str(name.value) for name in names if isinstance(name, x509.IPAddress))
    return Reach(domains, networks)


def check_pair(pair: Pair, where: str, key_where: str) -> None:
    """CertificateFault when the key is not the certificate's, or cannot be used."""
    held = _public_bytes(_certificate(pair.certificate, where).public_key())
    try:
        key = serialization.load_pem_private_key(pair.key, password=None)
    except TypeError:
        raise CertificateFault(f"the key {key_where} is locked by a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateFault(f"the key {key_where} is no private key in PEM form") from None
    if _public_bytes(key.public_key()) != held:
        raise CertificateFault(f"the key {key_where} does not belong to the certificate {where}")


def issued_by(pem: bytes, root: bytes) -> bool:
    """Whether the root signed this certificate."""
    try:
        _certificate(pem, "").verify_directly_issued_by(_certificate(root, ""))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def fingerprint(pem: bytes) -> str:
    """SHA-256 of the certificate as devices show it: pairs of upper-case hex digits."""
    return _certificate(pem, "").fingerprint(hashes.SHA256()).hex(":").upper()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: Life
) -> x509.CertificateBuilder:
    begin, end = (datetime.fromtimestamp(at // 1_000_000, UTC) for at in life)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    issuer: ec.EllipticCurvePrivateKey,
) -> Pair:
    certificate = builder.sign(issuer, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Pair(certificate.public_bytes(serialization.Encoding.PEM), private)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(pem: bytes, where: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(pem)[0]
    except ValueError:
        raise CertificateFault(f"{where} is no certificate in PEM form") from None


def _own_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateFault("the root's key is not one that this server made")
    return key


def _public_bytes(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000
