"""Measurements that anyone can run again: ratios within one run, never absolute promises."""
