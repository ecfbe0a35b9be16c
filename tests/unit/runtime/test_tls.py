"""Certificates out of files, made by the real OpenSSL."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from firstframe.runtime import tls
from firstframe.runtime.tls import Certificates, TlsFiles, UnusableCertificate, read
from support.certificates import Authority, MountedSecret

NAME = "DNS:imagegen.firstframe.svc"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def files(authority: Authority, tmp_path: Path) -> TlsFiles:
    return authority.issue(tmp_path / "files", NAME, "URI:spiffe://example.org/imagegen", "IP:10.0.0.1")


def test_a_good_pair_is_read_with_its_names_and_its_end(files: TlsFiles) -> None:
    material = read(files)
    assert material.names == ("imagegen.firstframe.svc", "spiffe://example.org/imagegen")
    assert 3500 < material.end_s - time.time() < 3700
    assert (material.certificate, material.key, material.ca) == tuple(path.read_bytes() for path in files.paths)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "file", "words"),
    [
        (lambda files: files.certificate.unlink(), "tls.crt", "cannot be read: No such file"),
        (lambda files: files.key.unlink(), "tls.key", "cannot be read: No such file"),
        (lambda files: files.ca.unlink(), "ca.crt", "cannot be read: No such file"),
        (lambda files: halve(files.certificate), "tls.crt", "holds no certificate"),
        (lambda files: halve(files.key), "tls.key", "is not the key of"),
        (lambda files: halve(files.ca), "ca.crt", "holds no certificate"),
        (lambda files: files.ca.write_text(""), "ca.crt", "holds no certificate"),
        (lambda files: shutil.copy(files.ca, files.key), "tls.key", "is not the key of"),
    ],
)
def test_a_spoilt_file_is_named(files: TlsFiles, spoil: Callable[[TlsFiles], None], file: str, words: str) -> None:
    spoil(files)
    with pytest.raises(UnusableCertificate, match=words) as caught:
        read(files)
    assert str(caught.value).startswith(f"{files.certificate.parent / file}: ")


def test_the_key_of_another_certificate_is_refused(files: TlsFiles, authority: Authority, tmp_path: Path) -> None:
    shutil.copy(authority.issue(tmp_path / "other", NAME).key, files.key)
    with pytest.raises(UnusableCertificate, match=r"tls\.key: is not the key of .*tls\.crt"):
        read(files)


def test_a_key_with_a_password_is_refused_without_asking_for_it(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(UnusableCertificate, match="or has a password"):
        read(authority.issue(tmp_path / "locked", NAME, password="very-secret"))


def test_a_certificate_that_has_ended_is_refused(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(UnusableCertificate, match=r"tls\.crt: the CA of .*ca\.crt refuses it: certificate has expired"):
        read(authority.issue(tmp_path / "old", NAME, valid_s=-30))


def test_a_certificate_of_another_authority_is_refused(files: TlsFiles, tmp_path: Path) -> None:
    shutil.copy(Authority(tmp_path / "elsewhere").certificate, files.ca)
    with pytest.raises(UnusableCertificate, match="unable to get local issuer certificate"):
        read(files)


def test_a_client_s_certificate_does_not_do_for_a_server(authority: Authority, tmp_path: Path) -> None:
    files = authority.issue(tmp_path / "client", "DNS:operator.firstframe.svc", usage="clientAuth")
    assert read(files, serving=False).names == ("operator.firstframe.svc",)
    with pytest.raises(UnusableCertificate, match="purpose"):
        read(files)


def test_an_authority_that_is_no_root_will_do(authority: Authority, files: TlsFiles, tmp_path: Path) -> None:
    """The issuer in cert-manager may itself be certified by somebody whom the services do not know."""
    middle = tmp_path / "middle"
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    "middle.key", "-out", "middle.csr", "-subj", "/CN=middle"],
                   cwd=tmp_path, check=True, capture_output=True)  # fmt: skip
    (tmp_path / "middle.ext").write_text("basicConstraints=CA:TRUE\n")
    subprocess.run(["openssl", "x509", "-req", "-in", "middle.csr", "-CA", "authority/ca.crt", "-CAkey",
                    "authority/ca.key", "-CAcreateserial", "-extfile", "middle.ext", "-out", "middle.crt"],
                   cwd=tmp_path, check=True, capture_output=True)  # fmt: skip
    below = Authority(middle)
    shutil.copy(tmp_path / "middle.key", middle / "ca.key")
    shutil.copy(tmp_path / "middle.crt", middle / "ca.crt")
    assert read(below.issue(tmp_path / "leaf", NAME)).names == ("imagegen.firstframe.svc",)


def test_a_replaced_secret_is_taken_whole(authority: Authority, files: TlsFiles, tmp_path: Path) -> None:
    secret = MountedSecret(tmp_path / "mounted")
    secret.put(files)
    certificates = Certificates(secret.files)
    first = certificates.current()
    assert certificates.current() is first
    newer = authority.issue(tmp_path / "newer", NAME)
    secret.put(newer)
    assert certificates.current() == read(newer)
    assert certificates.current() is not first


def test_a_broken_pair_keeps_the_old_one_and_is_told_once_by_file(
    authority: Authority, files: TlsFiles, tmp_path: Path
) -> None:
    certificates = Certificates(files)
    good = certificates.current()
    newer = authority.issue(tmp_path / "newer", NAME)
    with capture_logs() as logs:
        shutil.copy(newer.certificate, files.certificate)  # the key has yet to come
        assert [certificates.current() for _ in range(3)] == [good] * 3
    (line,) = logs
    assert line["log_level"] == "warning"
    assert line["problem"].startswith(f"{files.key}: is not the key of {files.certificate}")
    with capture_logs() as logs:
        shutil.copy(newer.key, files.key)
        assert certificates.current() == read(files)
    assert [line["event"] for line in logs] == ["new certificate"]


def test_a_file_that_is_mended_without_a_trace_is_seen_all_the_same(
    files: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same length, same inode, same time: what a slow clock of a file system makes of a quick second write."""
    certificates = Certificates(files)
    key = files.key.read_bytes()
    files.key.write_bytes(b"x" * len(key))
    good = certificates.current()
    monkeypatch.setattr(certificates, "_look", lambda: certificates._seen)
    files.key.write_bytes(key)
    with capture_logs() as logs:
        end = time.monotonic() + 20
        while certificates._problem and time.monotonic() < end:
            assert certificates.current() is good
            time.sleep(0.05)
    assert certificates._problem == ""
    assert logs == []


def test_a_pair_that_is_replaced_between_two_reads_is_not_torn(
    authority: Authority, files: TlsFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = authority.issue(tmp_path / "newer", NAME)
    wanted = read(newer)
    secret = MountedSecret(tmp_path / "mounted")
    secret.put(files)
    replacements = [newer]

    def content(path: Path) -> bytes:
        data = path.read_bytes()
        if replacements:
            secret.put(replacements.pop())
        return data

    monkeypatch.setattr(tls, "_content", content)
    assert read(secret.files) == wanted


def test_a_problem_at_the_start_is_an_error(files: TlsFiles) -> None:
    files.key.unlink()
    with pytest.raises(UnusableCertificate):
        Certificates(files)
