"""Pods and Services as objects of a control plane that has no nodes: what kubelets would report is written by the test."""

from __future__ import annotations

import json
from typing import Any

from support.kube import ControlPlane

GRACE_S = 600


class Pods:
    """Pods in one namespace, each with an address of its own (192.0.2.0/24, which nobody has)."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self._plane = plane
        self.namespace = namespace
        self._last = 0
        plane.kubectl("create", "namespace", namespace)

    def serve(self, stage: str, port: int = 50051) -> None:
        """Makes the headless Service of a stage, its port named `grpc`."""
        ports = [{"name": "metrics", "port": 9090}, {"name": "grpc", "port": port}]
        spec = {"clusterIP": "None", "selector": {"app": stage}, "ports": ports}
        self._plane.create({"apiVersion": "v1", "kind": "Service", "metadata": self._name(stage), "spec": spec})

    def add(self, stage: str, name: str, *, ready: bool = True) -> str:
        """Starts a pod; its address."""
        self._last += 1
        address = f"192.0.2.{self._last}"
        container = {"name": "main", "image": "none"}
        spec = {"nodeName": "somewhere", "terminationGracePeriodSeconds": GRACE_S, "containers": [container]}
        metadata = {**self._name(name), "labels": {"app": stage}}
        self._plane.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        self._status(name, {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]} | _ready(ready))
        return address

    def set_ready(self, name: str, ready: bool) -> None:
        """What its readiness probe says."""
        self._status(name, _ready(ready))

    def stop(self, name: str) -> None:
        """Asks it to stop: it is terminating from now on, since nobody is there who would end it."""
        self._plane.kubectl("delete", "pod", name, "--namespace", self.namespace, "--wait=false")

    def end(self, name: str) -> None:
        """It has gone."""
        self._plane.kubectl("delete", "pod", name, "--namespace", self.namespace, "--force", "--grace-period=0")

    def _name(self, name: str) -> dict[str, Any]:
        return {"name": name, "namespace": self.namespace}

    def _status(self, name: str, status: dict[str, Any]) -> None:
        change = ("--subresource=status", "--type=merge", "--patch", json.dumps({"status": status}))
        self._plane.kubectl("patch", "pod", name, "--namespace", self.namespace, *change)


def _ready(ready: bool) -> dict[str, Any]:
    return {"conditions": [{"type": "Ready", "status": str(ready)}]}
