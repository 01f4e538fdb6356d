"""The processes: settings, wiring, jobs, the command line. The only package that reads the environment."""
