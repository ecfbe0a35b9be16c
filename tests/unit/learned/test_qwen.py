"""What Qwen-Image's modules ask of a server."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from firstframe.core.errors import Unsupported
from firstframe.learned.graphs import fitted
from firstframe.learned.qwen import ENCODED_TOKENS, PROMPT_TOKENS
from firstframe.packs import export_qwen
from support.remote_modules import remote
from support.tiny_pipelines import TINY

SHAPES = [[(1, 4, 6)]]


def step(**changed: Any) -> dict[str, Any]:
    return {
        "hidden_states": torch.zeros(1, 24, 16),
        "encoder_hidden_states": torch.ones(1, 5, 32),
        "timestep": torch.tensor([0.5]),
        "img_shapes": SHAPES,
        "attention_kwargs": {},
    } | changed


def asked(**changed: Any) -> Any:
    transformer, noted = remote("qwen-image", "transformer", {"sample_out": (1, 24, 16)})
    transformer(**step(**changed))
    return noted.asked[0]


def test_prompts_are_padded_and_the_padding_does_not_count() -> None:
    sent = asked()
    assert sent["encoder_hidden_states"].shape == (1, PROMPT_TOKENS, 32)
    assert sent["encoder_hidden_states_mask"].sum() == 5
    assert sent["encoder_hidden_states_mask"][0, :5].all()
    assert not sent["encoder_hidden_states"][0, 5:].any()
    masked = asked(encoder_hidden_states_mask=torch.tensor([[1, 1, 1, 0, 0]]))
    assert masked["encoder_hidden_states_mask"].sum() == 3


def test_one_negative_prompt_serves_all_samples() -> None:
    sent = asked(hidden_states=torch.zeros(2, 24, 16), timestep=torch.tensor([0.5, 0.4]), img_shapes=SHAPES * 2)
    assert sent["encoder_hidden_states"].shape == (2, PROMPT_TOKENS, 32)
    assert sent["encoder_hidden_states_mask"].sum(1).tolist() == [5, 5]
    assert sent["timestep"].tolist() == pytest.approx([0.5, 0.4])
    assert sent["positions"].shape == (2, 24, 3)


@pytest.mark.parametrize(("rows", "columns"), [(4, 6), (6, 4), (5, 3)])
def test_positions_are_those_that_the_library_rotates_by(rows: int, columns: int) -> None:
    pipeline = TINY["qwen-image"].made()
    shapes = [[(1, rows, columns)]]
    sent = asked(hidden_states=torch.zeros(1, rows * columns, 16), img_shapes=shapes)
    picture, text = pipeline.transformer.pos_embed(shapes, max_txt_seq_len=PROMPT_TOKENS, device=torch.device("cpu"))

    wrapper = export_qwen.QwenDenoiser(pipeline.transformer)
    found = wrapper._tables(torch.tensor(sent["positions"]))[0]
    words = wrapper._tables(export_qwen._along(torch.tensor(sent["text_start"])))[0]

    np.testing.assert_allclose(torch.view_as_complex(found), picture, atol=1e-6)
    np.testing.assert_allclose(torch.view_as_complex(words), text, atol=1e-4)


@pytest.mark.parametrize(
    "changed",
    [
        {"img_shapes": [[(1, 4, 6), (1, 2, 2)]]},
        {"img_shapes": [[(2, 4, 3)]]},
        {"img_shapes": [[(1, 4, 6)], [(1, 6, 4)]]},
        {"img_shapes": None},
        {"encoder_hidden_states": torch.zeros(1, PROMPT_TOKENS + 1, 32)},
        {"guidance": torch.ones(1)},
        {"controlnet_block_samples": [torch.zeros(1)]},
    ],
    ids=["references", "frames", "two sizes", "no sizes", "long prompt", "guidance", "control"],
)
def test_what_cannot_be_sent_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        asked(**changed)


@pytest.mark.parametrize("tokens", [7, ENCODED_TOKENS, ENCODED_TOKENS + 9])
def test_states_come_back_as_long_as_the_prompt_was(tokens: int) -> None:
    encoder, noted = remote("qwen-image", "text_encoder", {"last_hidden_state": (2, ENCODED_TOKENS, 32)})
    ids, mask = torch.ones(2, tokens, dtype=torch.long), torch.ones(2, tokens, dtype=torch.long)

    states = encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states

    assert states[-1].shape == (2, tokens, 32)
    assert noted.asked[0]["input_ids"].shape == (2, ENCODED_TOKENS)
    assert noted.asked[0]["attention_mask"].sum() == 2 * min(tokens, ENCODED_TOKENS)
    with pytest.raises(Unsupported, match="only -1 is"):
        states[-2]


def test_prompts_that_are_padded_in_front_are_refused() -> None:
    encoder, _ = remote("qwen-image", "text_encoder", {"last_hidden_state": (1, ENCODED_TOKENS, 32)})
    with pytest.raises(Unsupported, match="pad prompts at their end"):
        encoder(input_ids=torch.ones(1, 3, dtype=torch.long), attention_mask=torch.tensor([[0, 1, 1]]))


def test_the_two_sides_agree_on_the_tokens() -> None:
    assert (PROMPT_TOKENS, ENCODED_TOKENS) == (export_qwen.PROMPT_TOKENS, export_qwen.ENCODED_TOKENS)
    assert TINY["qwen-image"].made().prompt_template_encode_start_idx == export_qwen.TEMPLATE_TOKENS


def test_the_graph_rotates_as_the_library_does() -> None:
    module = TINY["qwen-image"].made().transformer
    drawn = torch.Generator().manual_seed(2)
    hidden, states = torch.randn(1, 24, 16, generator=drawn), torch.randn(1, 5, 32, generator=drawn)
    call = {
        "hidden_states": hidden,
        "encoder_hidden_states": states,
        "timestep": torch.tensor([0.7]),
        "img_shapes": SHAPES,
    }
    given = {name: torch.tensor(value) for name, value in asked(**call).items()}

    with torch.inference_mode():
        wanted = module(**call, return_dict=False)[0]
        found = export_qwen.QwenDenoiser(module).run(given)
        again = module(**call, return_dict=False)[0]

    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    assert torch.equal(again, wanted), "the module is as it was"


def test_text_is_read_as_the_library_reads_it() -> None:
    module = TINY["qwen-image"].made().text_encoder
    ids = torch.randint(0, 40, (2, ENCODED_TOKENS), generator=torch.Generator().manual_seed(3))
    mask = torch.ones_like(ids)
    mask[0, 7:] = 0

    with torch.inference_mode():
        wanted = module(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1]
        found = export_qwen.QwenText(module).run({"input_ids": ids, "attention_mask": mask})

    torch.testing.assert_close(found[0, :7], wanted[0, :7], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found[1], wanted[1], atol=1e-5, rtol=1e-4)


def test_tokens_are_cut_or_filled() -> None:
    value = torch.arange(6.0).reshape(1, 3, 2)
    assert fitted(value, 2).tolist() == [[[0, 1], [2, 3]]]
    assert fitted(value, 4).tolist() == [[[0, 1], [2, 3], [4, 5], [0, 0]]]
    assert fitted(torch.ones(1, 2), 3).tolist() == [[1, 1, 0]]
