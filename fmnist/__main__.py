"""``python -m fmnist``: the same jobs from a terminal."""

from fmnist.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
