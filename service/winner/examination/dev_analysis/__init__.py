"""Where the winner errs on the dev set: classes, slices, single examples, calibration."""
