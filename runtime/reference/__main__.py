"""`python -m runtime.reference` writes the pages of docs and each noun's walls; with a folder it writes the pages there."""

import sys
from pathlib import Path

from runtime.reference import walls
from runtime.reference.pages import FOLDER, main

if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        main(FOLDER, walls.MODELS)
