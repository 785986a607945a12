"""Lambdarium's runtime client for managed Python functions; standard library only."""
