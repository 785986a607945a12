"""The program that a managed Python runtime starts. `-X lambdarium_layers=DIR` says where the layers are if not /opt."""

import os
import sys

# Before the customer's directories come first on the path, so that no module of theirs is taken for one of ours.
from lambdarium_runtime.main import run

if __name__ == "__main__":
    # An interpreter option and no argument: wrapper scripts put options of theirs before the last argument (ENV-73).
    run(os.environ["LAMBDA_TASK_ROOT"], sys._xoptions.get("lambdarium_layers", "/opt"))
