"""The program that a managed Python runtime starts. An argument names the layers' directory where it is not /opt."""

import os
import sys

# Before the customer's directories come first on the path, so that no module of theirs is taken for one of ours.
from lambdarium_runtime.main import run

if __name__ == "__main__":
    layers = sys.argv.pop(1) if len(sys.argv) > 1 else "/opt"
    run(os.environ["LAMBDA_TASK_ROOT"], layers)
