import CzarGit
