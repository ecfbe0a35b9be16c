"""A Kubernetes control plane for tests, on loopback and without root: etcd, API server, controllers; no nodes, no kubelet.

Pods are objects alone: a test writes their status, the real controllers make EndpointSlices of it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from firstframe.adapters.kubernetes import ApiServer
from support.tools import require_tool

START_SECONDS = 90
_NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "somewhere"}}


class ControlPlane:
    """Runs while the block does; programs come from the path (`kube-apiserver` and its siblings, or one `hyperkube`).

    Args:
        folder: For keys, state and logs.
    """

    def __init__(self, folder: Path) -> None:
        self._programs = {name: require_tool(name) for name in ("etcd", "kube-apiserver", "kube-controller-manager")}
        self._kubectl = require_tool("kubectl")
        self._openssl = require_tool("openssl")
        self._folder = folder
        self._pki = folder / "pki"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._etcd, self._peer, self._port = _free_ports(3)
        self.kubeconfig = folder / "kubeconfig"

    def __enter__(self) -> ControlPlane:
        try:
            self._make_keys()
            self._write_kubeconfig()
            self._start_etcd()
            self.start_api_server()
            self._start_controllers()
            self.create(_NODE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(list(self._running)):
            self._stop(name, signal.SIGKILL)

    def _stop(self, name: str, number: signal.Signals) -> None:
        process = self._running.pop(name)
        process.send_signal(number)
        process.wait(30)

    def _start(self, name: str, *arguments: str) -> None:
        log = (self._folder / f"{name}.log").open("ab")
        with log:
            command = [str(self._programs[name]), *arguments]
            self._running[name] = subprocess.Popen(command, cwd=self._pki, stdout=log, stderr=log, env=_environment())

    def _make_keys(self) -> None:
        self._pki.mkdir(parents=True)
        self._ssl("genrsa", "-out", "sa.key", "2048")
        self._ssl("req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=kube-ca", "-days", "2")
        self._leaf("apiserver", "/CN=kube-apiserver", "IP:127.0.0.1,DNS:localhost")
        self._leaf("admin", "/O=system:masters/CN=admin", "DNS:admin")

    def _leaf(self, name: str, subject: str, names: str) -> None:
        self._ssl("req", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject,
                  "-addext", f"subjectAltName={names}")  # fmt: skip
        self._ssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                  "-days", "2", "-copy_extensions", "copy", "-out", f"{name}.crt")  # fmt: skip

    def _ssl(self, *arguments: str) -> None:
        subprocess.run([self._openssl, *arguments], cwd=self._pki, check=True, capture_output=True, timeout=60)

    def _write_kubeconfig(self) -> None:
        cluster = {"server": f"https://127.0.0.1:{self._port}", "certificate-authority": str(self._pki / "ca.crt")}
        user = {"client-certificate": str(self._pki / "admin.crt"), "client-key": str(self._pki / "admin.key")}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "local",
            "clusters": [{"name": "local", "cluster": cluster}],
            "users": [{"name": "admin", "user": user}],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": "admin"}}],
        }
        self.kubeconfig.write_text(json.dumps(config))

    def _start_etcd(self) -> None:
        mine, peers = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peer}"
        self._start(
            "etcd", "--data-dir", str(self._folder / "etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", mine, "--advertise-client-urls", mine,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}",
        )  # fmt: skip

    def start_api_server(self) -> None:
        """Starts the API server, at the same address each time, and waits until it is ready."""
        self._start(
            "kube-apiserver", "--etcd-servers", f"http://127.0.0.1:{self._etcd}", "--bind-address", "127.0.0.1",
            "--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none", "--secure-port", str(self._port),
            "--tls-cert-file", "apiserver.crt", "--tls-private-key-file", "apiserver.key", "--client-ca-file", "ca.crt",
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", "sa.key",
            "--service-account-signing-key-file", "sa.key", "--service-cluster-ip-range", "10.96.0.0/16",
            "--authorization-mode", "RBAC", "--disable-admission-plugins", "ServiceAccount",
        )  # fmt: skip
        self._until("kube-apiserver", ["get", "--raw", "/readyz"])

    def kill_api_server(self) -> None:
        """SIGKILL."""
        self._stop("kube-apiserver", signal.SIGKILL)

    def _start_controllers(self) -> None:
        self._start(
            "kube-controller-manager", "--kubeconfig", str(self.kubeconfig), "--bind-address", "127.0.0.1",
            "--secure-port", str(_free_ports(1)[0]), "--leader-elect=false",
            "--controllers", "endpointslice-controller,namespace-controller,garbage-collector-controller",
        )  # fmt: skip

    def _until(self, name: str, arguments: Sequence[str]) -> None:
        end = time.monotonic() + START_SECONDS
        while self._run(arguments).returncode:
            log = (self._folder / f"{name}.log").read_text(errors="replace")[-3000:]
            assert self._running[name].poll() is None, log
            assert time.monotonic() < end, log
            time.sleep(0.1)

    def _run(self, arguments: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(self._kubectl), "--kubeconfig", str(self.kubeconfig), "--request-timeout=20s", *arguments]
        return subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, timeout=60, env=_environment()
        )

    def kubectl(self, *arguments: str, text: str = "") -> str:
        """What `kubectl` prints."""
        done = self._run(arguments, text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def create(self, *objects: dict[str, Any]) -> None:
        """Creates objects, in one call."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("create", "--filename", "-", text=json.dumps(listed))

    def account(self, namespace: str, folder: Path) -> ApiServer:
        """The API server as a pod sees it whose account may read EndpointSlices of its namespace, and nothing else."""
        rule = {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]}
        name = {"name": "orchestrator", "namespace": namespace}
        subject = {"kind": "ServiceAccount", "name": "orchestrator", "namespace": namespace}
        rbac = "rbac.authorization.k8s.io"
        self.create(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": name},
            {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": name, "rules": [rule]},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": name,
                "subjects": [subject],
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "orchestrator"},
            },
        )
        folder.mkdir(parents=True)
        (folder / "token").write_text(self.kubectl("create", "token", "orchestrator", "--namespace", namespace))
        shutil.copy(self._pki / "ca.crt", folder / "ca.crt")
        return ApiServer.of_pod(folder, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """How a pod is told about the API server."""
        return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self._port)}


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def _environment() -> dict[str, str]:
    """Proxies are for the world outside."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    try:
        return [item.getsockname()[1] for item in sockets]
    finally:
        for item in sockets:
            item.close()
