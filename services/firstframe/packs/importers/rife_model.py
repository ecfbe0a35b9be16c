"""The network of RIFE HDv3 (Huang et al., Real-Time Intermediate Flow Estimation, arXiv:2011.06294), for inference.

Four blocks refine, from coarse to fine, where each pixel of the frame in between comes from in the first and in the second
frame, and which of the two it trusts more; a U-Net then adds the detail that resampling lost. Parameters are named as in
the published state, so that it loads as it is. Imports torch: import this module only where a model is converted.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

COARSENESS = (8, 4, 2, 1)
"""How many pixels of the frame one pixel of each block's input stands for."""
CHANNELS = (192, 128, 96, 64)
CONTEXT = 16
"""Channels of the context at half the size; twice as many with each halving."""
MULTIPLE = COARSENESS[0] * 4
"""Height and width should be multiples of this: the coarsest block reduces by 8, then by 4. The U-Net needs 16."""
TRAINING_ONLY = "block_tea."
"""The part of the published state that teaches the others in training and never runs: left out."""
_COLOURS = 3
_FLOWS = 4
"""Two flows of two components, x before y, in pixels: from the middle to the first frame, then to the second."""


class Rife(nn.Module):
    """A frame between two."""

    def __init__(self) -> None:
        super().__init__()
        with_flow = 2 * _COLOURS + 1 + 1 + _FLOWS
        self.block0 = _Block(2 * _COLOURS + 1, CHANNELS[0])
        self.block1 = _Block(with_flow, CHANNELS[1])
        self.block2 = _Block(with_flow, CHANNELS[2])
        self.block3 = _Block(with_flow, CHANNELS[3])
        self.contextnet = _Context()
        self.unet = _Refinement()

    def forward(self, first: Tensor, second: Tensor, timestep: Tensor) -> Tensor:
        """Interpolates.

        Args:
            first: Frames, float32 `batch × 3 × height × width`, RGB from 0 to 1; height and width multiples of `MULTIPLE`.
            second: The frames after them, alike.
            timestep: When, float32 `batch`, from 0 (the first frame) to 1 (the second).

        Returns:
            Frames at these times, shaped and ranged as the others.
        """
        flow, trust = self._estimate(first, second, timestep)
        warped = (_warp(first, flow[:, :2]), _warp(second, flow[:, 2:]))
        share = torch.sigmoid(trust)
        blend = warped[0] * share + warped[1] * (1 - share)
        contexts = zip(self.contextnet(first, flow[:, :2]), self.contextnet(second, flow[:, 2:]), strict=True)
        frames = torch.cat((first, second, *warped, trust, flow), 1)
        detail: Tensor = self.unet(frames, [torch.cat(pair, 1) for pair in contexts])
        return (blend + detail).clamp(0, 1)

    def _estimate(self, first: Tensor, second: Tensor, timestep: Tensor) -> tuple[Tensor, Tensor]:
        """Gives both flows, and the trust in the first frame before the sigmoid."""
        when = timestep.reshape(-1, 1, 1, 1).expand_as(first[:, :1])
        flow, trust = self.block0(torch.cat((first, second, when), 1), COARSENESS[0])
        for block, coarseness in zip((self.block1, self.block2, self.block3), COARSENESS[1:], strict=True):
            warped = (_warp(first, flow[:, :2]), _warp(second, flow[:, 2:]))
            more_flow, more_trust = block(torch.cat((*warped, when, trust), 1), coarseness, flow)
            flow, trust = flow + more_flow, trust + more_trust
        return flow, trust


class _Block(nn.Module):
    """Estimates flows and trust on a reduced frame, or corrects given ones."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.conv0 = nn.Sequential(_convolve(inputs, channels // 2, 2), _convolve(channels // 2, channels, 2))
        self.convblock = nn.Sequential(*(_convolve(channels, channels, 1) for _ in range(8)))
        self.lastconv = nn.ConvTranspose2d(channels, _FLOWS + 1, kernel_size=4, stride=2, padding=1)

    def forward(self, known: Tensor, coarseness: int, flow: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Gives flows in pixels of the full frame, `batch × 4 × height × width`, and trust before the sigmoid."""
        reduced = _reduce(known, coarseness)
        if flow is not None:
            reduced = torch.cat((reduced, _reduce(flow, coarseness) / coarseness), 1)
        features = self.conv0(reduced)
        coarse = self.lastconv(self.convblock(features) + features)
        found = _resize(coarse, *known.shape[2:])
        return found[:, :_FLOWS] * (2 * coarseness), found[:, _FLOWS:]


class _Context(nn.Module):
    """Features of a frame at a half to a sixteenth of its size, warped to the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _Pair(_COLOURS, CONTEXT)
        self.conv2 = _Pair(CONTEXT, 2 * CONTEXT)
        self.conv3 = _Pair(2 * CONTEXT, 4 * CONTEXT)
        self.conv4 = _Pair(4 * CONTEXT, 8 * CONTEXT)

    def forward(self, frame: Tensor, flow: Tensor) -> list[Tensor]:
        """Gives the features of each level, the finest first."""
        found = []
        for level in (self.conv1, self.conv2, self.conv3, self.conv4):
            frame, flow = level(frame), _reduce(flow, 2) / 2
            found.append(_warp(frame, flow))
        return found


class _Refinement(nn.Module):
    """A U-Net that sees all frames and contexts and gives what is to be added to the blend, from -1 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.down0 = _Pair(4 * _COLOURS + 1 + _FLOWS, 2 * CONTEXT)
        self.down1 = _Pair(4 * CONTEXT, 4 * CONTEXT)
        self.down2 = _Pair(8 * CONTEXT, 8 * CONTEXT)
        self.down3 = _Pair(16 * CONTEXT, 16 * CONTEXT)
        self.up0 = _enlarge(32 * CONTEXT, 8 * CONTEXT)
        self.up1 = _enlarge(16 * CONTEXT, 4 * CONTEXT)
        self.up2 = _enlarge(8 * CONTEXT, 2 * CONTEXT)
        self.up3 = _enlarge(4 * CONTEXT, CONTEXT)
        self.conv = nn.Conv2d(CONTEXT, _COLOURS, kernel_size=3, padding=1)

    def forward(self, frames: Tensor, contexts: list[Tensor]) -> Tensor:
        """Takes the contexts of both frames, joined level by level, the finest first."""
        reduced = [self.down0(frames)]
        for down, context in zip((self.down1, self.down2, self.down3), contexts[:-1], strict=True):
            reduced.append(down(torch.cat((reduced[-1], context), 1)))
        value = self.up0(torch.cat((reduced[-1], contexts[-1]), 1))
        for up, skipped in zip((self.up1, self.up2, self.up3), reversed(reduced[:-1]), strict=True):
            value = up(torch.cat((value, skipped), 1))
        return torch.sigmoid(self.conv(value)) * 2 - 1


class _Pair(nn.Module):
    """Two convolutions, the first halves the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = _convolve(inputs, outputs, 2)
        self.conv2 = _convolve(outputs, outputs, 1)

    def forward(self, value: Tensor) -> Tensor:
        """Gives features of half the height and width."""
        return self.conv2(self.conv1(value))  # type: ignore[no-any-return]


def _convolve(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1), nn.PReLU(outputs))


def _enlarge(inputs: int, outputs: int) -> nn.Sequential:
    doubled = nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1)
    return nn.Sequential(doubled, nn.PReLU(outputs))


def _reduce(value: Tensor, factor: int) -> Tensor:
    return _resize(value, value.shape[2] // factor, value.shape[3] // factor) if factor > 1 else value


def _resize(value: Tensor, height: int, width: int) -> Tensor:
    return functional.interpolate(value, size=(height, width), mode="bilinear", align_corners=False)


def _warp(frame: Tensor, flow: Tensor) -> Tensor:
    """Takes each pixel from where its flow points, the border's where that is outside."""
    height, width = frame.shape[2:]
    x = torch.arange(width, dtype=frame.dtype, device=frame.device) + flow[:, 0]
    y = torch.arange(height, dtype=frame.dtype, device=frame.device)[:, None] + flow[:, 1]
    grid = torch.stack((x * (2 / (width - 1)) - 1, y * (2 / (height - 1)) - 1), 3)
    return functional.grid_sample(frame, grid, mode="bilinear", padding_mode="border", align_corners=True)


def load_rife(state: Mapping[str, Tensor]) -> Rife:
    """The network with its published weights, ready for inference.

    Args:
        state: The published state without a prefix; all of it is used but for `TRAINING_ONLY`.

    Raises:
        RuntimeError: A weight is missing, unknown or of another shape.
    """
    model = Rife()
    model.load_state_dict({name: value for name, value in state.items() if not name.startswith(TRAINING_ONLY)})
    return model.eval().requires_grad_(requires_grad=False)
