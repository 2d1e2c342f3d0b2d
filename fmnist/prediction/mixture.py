"""Mixtures of Gaussians over colours: what an item, or its ground, is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Floats

COMPONENTS = 4
STEPS = 4  # of k-means
SAMPLE = 2000  # colours that a mixture is fitted to
NOISE = 9.0  # variance in Lab units added to every Gaussian: JPEG noise and gentle shading


@dataclass(frozen=True)
class Mixture:
    """Gaussians with their shares.

    Attributes
    ----------
    log_weights : ndarray of shape (components,)
    means : ndarray of shape (components, channels)
    covariances : ndarray of shape (components, channels, channels)
    """

    log_weights: Floats
    means: Floats
    covariances: Floats


def fit_mixture(colours: Floats, weight: Floats) -> Mixture:
    """Fit Gaussians to weighted colours: k-means on a sample, then one covariance a cluster.

    Parameters
    ----------
    colours : ndarray of shape (..., channels), float32
    weight : ndarray of shape (...), float32
    """
    colours, weight = colours.reshape(-1, colours.shape[-1]), weight.reshape(-1).astype(np.float32)
    step = max(1, len(colours) // SAMPLE)
    colours, weight = colours[::step], weight[::step]
    # start from the quantiles along the main axis, so that the result needs no random seed
    order = np.argsort(colours[:, 0] + 0.5 * colours[:, 1] + 0.25 * colours[:, 2])
    mass = np.cumsum(weight[order])
    at = np.searchsorted(mass, mass[-1] * (np.arange(COMPONENTS) + 0.5) / COMPONENTS)
    means = colours[order[np.minimum(at, len(order) - 1)]]
    for _ in range(STEPS):
        nearest = ((means**2).sum(1) - 2 * colours @ means.T).argmin(1)
        member = (nearest == np.arange(COMPONENTS)[:, None]) * weight  # (components, n)
        total = member.sum(1)
        sums = member @ colours
        means = np.where(total[:, None] > 0, sums / (total[:, None] + 1e-6), means)
    noise = NOISE * np.eye(colours.shape[1], dtype=np.float32)
    covariances = []
    for k in range(COMPONENTS):
        offset = colours - means[k]
        spread = (member[k] * offset.T) @ offset
        covariances.append(spread / (total[k] + 1e-6) + noise)
    log_weights = np.log(total / max(float(total.sum()), 1e-6) + 1e-4)
    return Mixture(
        log_weights.astype(np.float32),
        means.astype(np.float32),
        np.stack(covariances).astype(np.float32),
    )


def log_density(colours: Floats, mixture: Mixture) -> Floats:
    """Log-density of colours of shape (..., channels) under a mixture; (...), float32."""
    # channels first: long rows are added up several numbers at a time
    flat = np.ascontiguousarray(colours.reshape(-1, colours.shape[-1]).T)
    scores = np.empty((len(mixture.means), flat.shape[1]), np.float32)
    for k, (log_weight, mean, covariance) in enumerate(
        zip(mixture.log_weights, mixture.means, mixture.covariances, strict=True)
    ):
        lower = np.linalg.cholesky(covariance)
        # einsum instead of @: a thread pool costs more than it saves here
        inverse = np.linalg.inv(lower).astype(np.float32)
        white = np.einsum("dc,cn->dn", inverse, flat - mean[:, None])
        volume = np.log(np.diag(lower)).sum() + 0.5 * len(mean) * np.log(2 * np.pi)
        scores[k] = log_weight - volume - 0.5 * (white**2).sum(0)
    top = scores.max(0)
    result: Floats = top + np.log(np.exp(scores - top).sum(0))
    return result.reshape(colours.shape[:-1])
