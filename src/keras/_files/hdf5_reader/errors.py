"""The two ways in which a file is not read."""


class Damage(OSError):
    """The bytes break the HDF5 format."""


class Unsupported(ValueError):
    """The file uses a feature of HDF5 that is not read, or asks for too much.

    The message continues the path of the object: "is a soft link ...".
    """
