"""Move readers' contracts in from another system: plan, apply, verify and undo (docs/moving-in.md).

`plan` is pure, `apply` does one contract after the other, and `verify` reads both sides. Each contract is moved once,
also when a command is interrupted or repeated.
"""
