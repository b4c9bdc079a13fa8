"""One page that tells a release to people: what customers are worth, and how sure that is.

page       the whole page, from a release's manifest and its summary
value      money, and how it is spread
tiers      the matrix of historic and potential value
groups     stages, segments, portfolios, satisfaction: who, how many
moves      who moved between them since the release before
next_buys  what was foretold of the next purchase beside what came; due dates
trust      likewise of value
quality    how good the lists were
decisions  what was chosen, what was refused, and why
evidence   what the back-tests left, read with care
parts      what a section is made of
charts     drawings; axes: where a number lies in them
words      numbers as people read them
templates  page.html, groups.html, matrix.html and page.css, which stand beside it
"""
