"""Helpers of the tests, and makers of test files."""
