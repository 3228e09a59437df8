"""Run the command line with ``python -m training``."""

from training.commands.app import main

if __name__ == "__main__":
    main()
