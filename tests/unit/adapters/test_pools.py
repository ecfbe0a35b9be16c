from __future__ import annotations

import asyncio
import json
from pathlib import Path

from firstframe.adapters.pools import FolderPools, StaticPools


async def test_servers_come_change_and_go(tmp_path: Path) -> None:
    watching = FolderPools(tmp_path / "run", interval_s=0.01).watch()
    assert await anext(watching) == {}
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "imagegen-0.json").write_text(json.dumps({"grpc": "127.0.0.1:1"}))
    assert await anext(watching) == {"imagegen": {"127.0.0.1:1"}}
    (tmp_path / "run" / "imagegen-1.json").write_text(json.dumps({"grpc": "127.0.0.1:2"}))
    assert await anext(watching) == {"imagegen": {"127.0.0.1:1", "127.0.0.1:2"}}
    (tmp_path / "run" / "imagegen-0.json").unlink()
    assert await anext(watching) == {"imagegen": {"127.0.0.1:2"}}


async def test_what_is_not_an_address_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "imagegen-0.json").write_text("{half")
    (tmp_path / "imagegen-1.json").write_text("[]")
    (tmp_path / "imagegen-2.json").write_text(json.dumps({"grpc": 7}))
    (tmp_path / "orchestrator.json").write_text(json.dumps({"grpc": "127.0.0.1:3"}))
    assert await anext(FolderPools(tmp_path).watch()) == {}


async def test_a_static_list_is_told_once() -> None:
    watching = StaticPools({"imagegen": ["a:1", "a:1", "b:2"]}).watch()
    assert await anext(watching) == {"imagegen": {"a:1", "b:2"}}
    waiting = asyncio.ensure_future(anext(watching))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    waiting.cancel()
