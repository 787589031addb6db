"""Standard errors from per-item contributions (influence functions).

Noise comes from items, never from the dependent rows of one item. For new subjects the items of a subject are drawn
together, so contributions are summed by subject first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray, IntArray
from .drawn_units import ITEMS, Sampling
from .intervals import Interval

# A smaller one moves no limit.
_NO_SKEWNESS = 1e-6


def standard_error(influence: FloatArray, sampling: Sampling = ITEMS) -> float:
    """Standard error of a mean, from each item's influence on it (n_items,).

    For clusters it is the jackknife's: leaving out a cluster of share h moves the mean by its sum over 1 − h, so that
    large clusters, which pull the mean towards themselves, count for what they are.

    Raises
    ------
    UndefinedMeasure
        For fewer than two items, clusters, or items in a stratum.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28:169 (CR3).
    """
    n_items = len(influence)
    refuse_single_units(n_items, sampling)
    if sampling.strata is not None:
        count = np.bincount(sampling.strata)
        mean = np.bincount(sampling.strata, weights=influence) / count
        squares = np.bincount(sampling.strata, weights=(influence - mean[sampling.strata]) ** 2)
        return float(np.sqrt((squares * count / (count - 1)).sum()) / n_items)
    if sampling.clusters is None:
        return float(np.sqrt((influence**2).sum() * n_items / (n_items - 1)) / n_items)
    return float(np.sqrt((cluster_sums(influence, sampling.clusters, sampling.cluster_shares) ** 2).sum()))


def cluster_sums(influence: FloatArray, clusters: IntArray, share: FloatArray) -> FloatArray:
    """What each cluster adds to the noise of a mean, shape (n_clusters,).

    The squares add up to the jackknife's variance.
    """
    n_clusters = len(share)
    moved = np.bincount(clusters, weights=influence) / (1 - share)
    return np.asarray(moved * math.sqrt((n_clusters - 1) / n_clusters) / len(influence))


def influence_covariance(influence: FloatArray, sampling: Sampling = ITEMS) -> FloatArray:
    """Covariance of several means from influences of shape (n_items, m); shape (m, m).

    Its diagonal holds squares of `standard_error`.

    Raises
    ------
    UndefinedMeasure
        As `standard_error`.
    """
    n_items = len(influence)
    refuse_single_units(n_items, sampling)
    if sampling.strata is not None:
        count = np.bincount(sampling.strata)
        factor = np.sqrt(count / (count - 1))[:, None]
        means = _sums(influence, sampling.strata) / count[:, None]
        moved, correction = (influence - means[sampling.strata]) * factor[sampling.strata], 1.0
    elif sampling.clusters is None:
        moved, correction = influence, n_items / (n_items - 1)
    else:
        share = sampling.cluster_shares
        moved, correction = _sums(influence, sampling.clusters) / (1 - share)[:, None], 1 - 1 / len(share)
    return np.asarray(moved.T @ moved * correction / n_items**2)


def _sums(values: FloatArray, group: IntArray) -> FloatArray:
    """Sums of the rows of each group, shape (n_groups, m)."""
    sums = np.zeros((int(group.max()) + 1, values.shape[1]))
    np.add.at(sums, group, values)
    return sums


def refuse_single_units(n_items: int, sampling: Sampling) -> None:
    """Raise for fewer than two items, clusters, or items in a stratum."""
    if sampling.strata is not None:
        fewest = int(np.bincount(sampling.strata).min())
        if fewest < 2:
            raise UndefinedMeasure(f"each stratum must have at least two items, got {fewest} in one")
    n_units = n_items if sampling.clusters is None else len(sampling.cluster_shares)
    if n_units < 2:
        unit = "items" if sampling.clusters is None or sampling.unit == "items" else "clusters"
        raise UndefinedMeasure(f"an interval needs at least two {unit}, got {n_units}")


def critical(level: float, freedom: float | None) -> float:
    """Half-width of an interval in standard errors: normal or Student's t."""
    quantile = (1 + level) / 2
    return float(ndtri(quantile) if freedom is None else stdtrit(freedom, quantile))


def two_sided(value: float, error: float, freedom: float | None) -> float:
    """P-value of the hypothesis that the population value is 0."""
    if error == 0:
        return 1.0 if value == 0 else 0.0
    far = -abs(value) / error
    return float(2 * (ndtr(far) if freedom is None else stdtr(freedom, far)))


def mean_interval(
    value: float, influence: FloatArray, sampling: Sampling, *, level: float, paired: bool = False
) -> Interval:
    r"""Interval of a mean, and the test of 0 that it inverts.

    Student's t. For the items of one run its centre is moved by what the skewness of their influences moves the
    studentised mean by, :math:`s (1 + 2 t^2) / 6` standard errors with :math:`s = \sum u^3 / (\sum u^2)^{3/2}`: a log
    loss whose few large values decide it would be missed too often on one side. Of a paired change it is not: the
    skewness would be that of the few answers that happened to become right or wrong. Of clusters the interval reaches
    as far as Student's t and as far as that after Hall's transformation (`studentised_interval`): clusters are few, and
    where a sharper model has far larger losses they are skewed.

    References
    ----------
    Johnson (1978), doi:10.1080/01621459.1978.10480051. Hall (1983), doi:10.1214/aop/1176993516.
    """
    freedom = sampling.mean_freedom
    error = standard_error(influence, sampling)
    t_freedom = len(influence) - 1 if freedom is None else freedom
    if error == 0:
        return Interval(value, value, 1.0 if value == 0 else 0.0)
    if sampling.clusters is not None and sampling.dependent is not None:
        skewness = _skewness_of_clusters([influence], [1.0], [sampling])
        return studentised_interval(value, error, skewness, level=level, freedom=t_freedom)
    if freedom is not None or paired:
        half = critical(level, t_freedom) * error
        return Interval(value - half, value + half, two_sided(value, error, t_freedom))
    second, third = _moments(influence)
    skewness = third / second**1.5
    return _moved_interval(value, error, skewness, level, t_freedom)


def studentised_interval(value: float, error: float, skewness: float, *, level: float, freedom: float) -> Interval:
    r"""Student's interval, as far as that after Hall's transformation reaches, and its test.

    Of the studentised mean *T*, with *g* its skewness, :math:`T + g T^2/3 + g^2 T^3/27 + g/6` is skewed less.

    Parameters
    ----------
    value, error : float
        The mean and its standard error.
    skewness : float
        That of the values over the square root of their number.
    level : float
        Coverage of the interval.
    freedom : float
        Degrees of freedom of Student's t.

    References
    ----------
    Hall (1992), "On the removal of skewness by transformation", Journal of the Royal Statistical Society B 54:221.

    Examples
    --------
    >>> print(studentised_interval(0.5, 0.1, 0.3, level=0.95, freedom=9))
    [0.274, 0.826]
    """
    far = critical(level, freedom)
    most, least = far, -far
    turned = away = value / error
    if abs(skewness) > _NO_SKEWNESS:
        most, least = (3 / skewness * (math.cbrt(1 + skewness * (z - skewness / 6)) - 1) for z in (far, -far))
        turned = away + skewness * away**2 / 3 + skewness**2 * away**3 / 27 + skewness / 6
    p_values = (two_sided(at, 1.0, freedom) for at in (away, turned))
    # Both must leave out 0, and on one side.
    p_value = max(p_values) if away * turned > 0 else 1.0
    return Interval(value - max(most, far) * error, value - min(least, -far) * error, p_value)


def _skewness_of_clusters(
    influences: Sequence[FloatArray], signs: Sequence[float], samplings: Sequence[Sampling]
) -> float:
    """Skewness of a signed sum of means over clusters, of what each cluster adds."""
    second = third = 0.0
    for influence, sign, sampling in zip(influences, signs, samplings, strict=True):
        if sampling.clusters is None:
            second += standard_error(influence, sampling) ** 2
        else:
            sums = sign * cluster_sums(influence, sampling.clusters, sampling.cluster_shares)
            second, third = second + float((sums**2).sum()), third + float((sums**3).sum())
    return third / (second * math.sqrt(second))


def difference_interval(
    value: float, influences: tuple[FloatArray, FloatArray], samplings: tuple[Sampling, Sampling], *, level: float
) -> Interval:
    r"""Interval of the difference of two means of different items.

    With its test of 0. Variances add up, and so do third moments. Degrees of freedom, if either has some, are Welch's
    :math:`(e_1^2 + e_2^2)^2 / (e_1^4 / \nu_1 + e_2^4 / \nu_2)` of both standard errors.

    References
    ----------
    Welch (1947), doi:10.1093/biomet/34.1-2.28.
    """
    pairs = list(zip(influences, samplings, strict=True))
    errors = [standard_error(influence, sampling) for influence, sampling in pairs]
    freedoms = [sampling.mean_freedom for _, sampling in pairs]
    error = math.hypot(*errors)
    if error == 0:
        return Interval(value, value, 1.0 if value == 0 else 0.0)
    slow = sum(part**4 / freedom for part, freedom in zip(errors, freedoms, strict=True) if freedom is not None)
    if slow:
        freedom = error**4 / slow
        skewness = _skewness_of_clusters(influences, (-1.0, 1.0), samplings)
        return studentised_interval(value, error, skewness, level=level, freedom=freedom)
    before, after = (
        [moment / len(moved) ** power for power, moment in zip((2, 3), _moments(moved), strict=True)]
        for moved in influences
    )
    skewness = (after[1] - before[1]) / (after[0] + before[0]) ** 1.5
    return _moved_interval(value, error, skewness, level, None)


def _moments(influence: FloatArray) -> tuple[float, float]:
    """Sums of the squares and of the cubes."""
    square = influence * influence
    return float(square.sum()), float((square * influence).sum())  # a power of 3 takes fifty times as long


def _moved_interval(value: float, error: float, skewness: float, level: float, freedom: float | None) -> Interval:
    """Interval moved for skewness, and the test that it inverts."""
    z = critical(level, freedom)
    centre, half = value + error * skewness * (1 + 2 * z**2) / 6, z * error
    # The z at which the interval just touches 0: a root of z = |value / error + skewness × (1 + 2 z²) / 6|.
    away = value / error + skewness / 6
    touching = 2 * abs(away) / (1 + math.sqrt(max(0.0, 1 - 4 / 3 * skewness * away)))
    return Interval(centre - half, centre + half, two_sided(touching, 1.0, freedom))
