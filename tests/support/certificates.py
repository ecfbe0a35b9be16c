"""A certificate authority of its own for each test, and certificates in files as Kubernetes mounts them."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from firstframe.runtime.tls import TlsFiles
from support.tools import require_tool

_CONFIG = """\
[ca]
default_ca = this
[this]
dir = {folder}
database = $dir/index.txt
new_certs_dir = $dir
rand_serial = yes
unique_subject = no
certificate = $dir/ca.crt
private_key = $dir/ca.key
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = leaf
[any]
commonName = optional
[leaf]
basicConstraints = CA:FALSE
"""
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Authority:
    """Issues certificates with the `openssl` program.

    Args:
        folder: For its files; made.
    """

    def __init__(self, folder: Path) -> None:
        self._openssl = require_tool("openssl")
        self._folder = folder
        folder.mkdir(parents=True)
        (folder / "index.txt").touch()
        (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder))
        self.certificate = folder / "ca.crt"
        self._run("req", "-x509", *_NEW_KEY, "-nodes", "-keyout", folder / "ca.key", "-out", self.certificate,
                  "-subj", f"/CN={folder.name}", "-days", "2")  # fmt: skip

    def issue(
        self, folder: Path, *names: str, valid_s: float = 3600, usage: str = "serverAuth,clientAuth", password: str = ""
    ) -> TlsFiles:
        """Writes a certificate that has been valid for a minute.

        Args:
            folder: For `tls.crt`, `tls.key` and `ca.crt`; made.
            names: SANs in OpenSSL's form, for example `DNS:imagegen.firstframe.svc`.
            valid_s: Seconds until it ends; negative for one that has ended.
            usage: Extended key usage.
            password: Password of the key.
        """
        folder.mkdir(parents=True, exist_ok=True)
        files = TlsFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")
        now = datetime.now(UTC)
        extensions = ["-addext", f"extendedKeyUsage={usage}"]
        extensions += ["-addext", f"subjectAltName={','.join(names)}"] if names else []
        secret = ["-passout", f"pass:{password}"] if password else ["-nodes"]
        request = folder / "request.csr"
        self._run("req", *_NEW_KEY, *secret, "-keyout", files.key, "-out", request, "-subj", "/CN=test", *extensions)
        self._run("ca", "-batch", "-notext", "-config", self._folder / "ca.cnf", "-in", request,
                  "-out", files.certificate, "-startdate", _stamp(now - timedelta(minutes=1)),
                  "-enddate", _stamp(now + timedelta(seconds=valid_s)))  # fmt: skip
        shutil.copy(self.certificate, files.ca)
        return files

    def _run(self, *arguments: str | Path) -> None:
        subprocess.run([self._openssl, *arguments], check=True, capture_output=True, timeout=60)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%y%m%d%H%M%SZ")


class MountedSecret:
    """Files as the kubelet mounts a Secret: links through `..data`, which is replaced as a whole.

    Args:
        folder: Where it is mounted; made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = count()
        folder.mkdir(parents=True)
        self.files = TlsFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")
        for path in self.files.paths:
            path.symlink_to(Path("..data", path.name))

    def put(self, files: TlsFiles) -> None:
        """Replaces the contents by those of `files`, at once."""
        version = self._folder / f"..version-{next(self._versions)}"
        version.mkdir()
        for source, target in zip(files.paths, self.files.paths, strict=True):
            shutil.copy(source, version / target.name)
        link = self._folder / "..data_tmp"
        link.symlink_to(version.name)
        old = (self._folder / "..data").resolve()
        link.rename(self._folder / "..data")
        if old.name.startswith("..version"):
            shutil.rmtree(old)
