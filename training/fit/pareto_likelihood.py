"""How likely the orders of a customer are under Pareto/NBD, whatever its parameters.

    L = Γ(r+x)/Γ(r) · α^r β^s · [(α+T)^-(r+x) (β+T)^-s + s · ∫ (α+y)^-(r+x) (β+y)^-(s+1) dy]

over the moments y from t_x to T at which the customer may have left; the first summand is of those
who have not. The published form is a difference of two hypergeometric functions, which cancels
where α and β are of different sizes. Here the integral, of a positive function, is kept and taken
by Gauss-Legendre over log(min(α, β) + y): there it is smooth whatever α and β are, and the points
are exact to nine digits. The gradient is the same integral of the function's derivatives.

Source: Fader and Hardie, "A Note on Deriving the Pareto/NBD Model and Related Expressions", 2005,
equation 15.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from training.fit.likeliest import Parameters
from training.fit.repeat_buying import Counts, Numbers

_TAIL = 45.0
"""An integral ends where one of its factors has fallen to exp(-45)."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_BLOCK = 1 << 13
"""Rows at a time, so that what is computed stays in the cache."""


def departures(x: Numbers, t_x: Numbers, T: Numbers, *, parameters: Parameters) -> Numbers:
    """Return the logarithm of the odds that each customer has left; -inf if t_x is T.

    Args:
        x: Shape ``(n,)``: repeat orders so far.
        t_x: Shape ``(n,)``: weeks from the first order to the last.
        T: Shape ``(n,)``: weeks from the first order to now.
        parameters: r, α, s and β.
    """
    odds = np.empty_like(T)
    for start in range(0, T.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        left = _left(x[rows], t_x[rows], T[rows], parameters=parameters)
        odds[rows] = left.logarithm - _log_stayed(x[rows], T[rows], parameters)
    return odds


def likelihood(
    customers: Counts, parameters: Parameters, rows: NDArray[np.intp]
) -> tuple[float, Parameters]:
    """Return the weighted mean log-likelihood of ``rows`` and its gradient by r, α, s and β."""
    total = np.zeros(5)
    for start in range(0, rows.size, _BLOCK):
        total += _sums(customers, parameters, rows[start : start + _BLOCK])
    value, *gradient = total / customers.weight[rows].sum()
    return float(value), np.array(gradient)


def _sums(customers: Counts, parameters: Parameters, rows: NDArray[np.intp]) -> Parameters:
    """Return the weighted sums of the log-likelihood and its four derivatives."""
    r, alpha, s, beta = parameters
    x, T = customers.frequency[rows], customers.age[rows]
    left = _left(x, customers.recency[rows], T, parameters=parameters)
    either = np.logaddexp(_log_stayed(x, T, parameters), left.logarithm)
    gone = np.exp(left.logarithm - either)
    each = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + either,
        digamma(r + x) - digamma(r) + np.log(alpha) + _mixed(-np.log(alpha + T), left.by_r, gone),
        r / alpha + _mixed(-(r + x) / (alpha + T), left.by_alpha, gone),
        np.log(beta) + _mixed(-np.log(beta + T), left.by_s, gone),
        s / beta + _mixed(-s / (beta + T), left.by_beta, gone),
    )
    return np.array([customers.weight[rows] @ column for column in each])


def _mixed(stayed: Numbers, left: Numbers, gone: Numbers) -> Numbers:
    return (1 - gone) * stayed + gone * left


def _log_stayed(x: NDArray[np.number], T: Numbers, parameters: Parameters) -> Numbers:
    r, alpha, s, beta = parameters
    return np.asarray(-(r + x) * np.log(alpha + T) - s * np.log(beta + T))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """The logarithm of s times the integral, and its derivatives."""

    logarithm: Numbers
    by_r: Numbers
    by_alpha: Numbers
    by_s: Numbers
    by_beta: Numbers


def _left(x: NDArray[np.number], t_x: Numbers, T: Numbers, *, parameters: Parameters) -> _Left:
    r, alpha, s, beta = parameters
    low, high = min(alpha, beta), max(alpha, beta)
    low_power, high_power = (r + x, s + 1) if alpha <= beta else (s + 1, r + x)
    log_low, log_high = np.log(low + t_x), np.log(high + t_x)
    ratio = (low + t_x) / (high + t_x)
    width = np.log1p(_reach(x, t_x, T, parameters=parameters) / (low + t_x))
    total, sum_low, sum_high, sum_per_low, sum_per_high = np.zeros((5, T.size))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        past_low = width * ((node + 1) / 2)
        past_high = np.log1p(ratio * np.expm1(past_low))
        mass = weight * np.exp((1 - low_power) * past_low - high_power * past_high)
        total += mass
        sum_low += mass * past_low
        sum_high += mass * past_high
        sum_per_low += mass * np.exp(-past_low)
        sum_per_high += mass * np.exp(-past_high)
    with np.errstate(divide="ignore"):  # nobody has left at t_x itself
        integral = np.log(width / 2) + np.log(total)
    mean_low = sum_low / total + log_low
    mean_high = sum_high / total + log_high
    per_low = low_power * sum_per_low / total / (low + t_x)
    per_high = high_power * sum_per_high / total / (high + t_x)
    by_alpha, by_beta = (per_low, per_high) if alpha <= beta else (per_high, per_low)
    by_r, by_s = (mean_low, mean_high) if alpha <= beta else (mean_high, mean_low)
    return _Left(
        logarithm=np.log(s) + integral + (1 - low_power) * log_low - high_power * log_high,
        by_r=-by_r,
        by_alpha=-by_alpha,
        by_s=1 / s - by_s,
        by_beta=-by_beta,
    )


def _reach(x: NDArray[np.number], t_x: Numbers, T: Numbers, *, parameters: Parameters) -> Numbers:
    """Return for how long after t_x the integrand is more than nil, at most to T."""
    r, alpha, s, beta = parameters
    by_rate = (alpha + t_x) * np.expm1(np.minimum(_TAIL / (r + x), 500))
    by_departure = (beta + t_x) * np.expm1(min(_TAIL / (s + 1), 500))
    return np.asarray(np.minimum(T - t_x, np.minimum(by_rate, by_departure)))
