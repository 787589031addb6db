"""Instance records of Every Eval Ever: verdicts, answers, and letters that this package exported."""
