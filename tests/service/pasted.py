"""What Proctor would get of a command that it printed, from a real shell."""

import os
import subprocess


def pasted(command: str, **variables: str) -> list[str]:
    """Paste a command into a shell and return the words after `proctor`.

    Parameters
    ----------
    command
        What was printed.
    variables
        What the shell's environment has besides.
    """
    script = f'proctor() {{ for word in "$@"; do printf \'%s\\0\' "$word"; done; }}\n{command}\n'
    ran = subprocess.run(
        ["sh", "-c", script], env=os.environ | variables, capture_output=True, text=True, check=True
    )
    return ran.stdout.split("\0")[:-1]
