"""What callers say happened, in whatever words: from the body of a request to canonical events.

    body        recognises whose words they are, and takes the body apart
    ├── own         our own form, and every rule of it
    ├── ga4         GA4 Measurement Protocol
    ├── gtm         what a page pushes onto Google Tag Manager's ``dataLayer``
    └── segment     Segment's spec, version 2
    translated  one event on its way: our words, and where each stood in the caller's
    checked     the rules, then ``models.artifacts.event.Event``
    ├── times       when
    ├── currencies  in what money
    ├── consents    what the customer allows
    └── whose       for whom the caller may speak
    documented  all that as JSON Schema

A translation only renames and moves; it judges nothing. Whatever it hands over passes the same
rules, so an event means the same whoever's words it came in.
"""
