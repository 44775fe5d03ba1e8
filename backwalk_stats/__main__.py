"""`python -m backwalk_stats`: the command `backwalk`, where its script is not on the path."""

from backwalk_stats.cli.app import main

if __name__ == "__main__":
    main()
